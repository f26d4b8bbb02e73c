insert into person_keys (key, person, wrapped, visit, created_at) values ($1, $2, $3, $4, $5) on conflict (visit) do nothing
