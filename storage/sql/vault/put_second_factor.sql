insert into second_factors (staff, secret, created_at, confirmed_at, last_step) values ($1, $2, $3, null, 0)
on conflict (staff) do update set secret = excluded.secret, created_at = excluded.created_at, last_step = 0
where second_factors.confirmed_at is null
