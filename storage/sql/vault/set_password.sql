insert into passwords (staff, phc, changed_at) values ($1, $2, $3)
on conflict (staff) do update set phc = excluded.phc, changed_at = excluded.changed_at
