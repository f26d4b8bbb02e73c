insert into person_keys (key, person, wrapped, created_at) values ($1, $2, $3, $4)
