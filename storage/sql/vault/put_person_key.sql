insert into person_keys (key, person, wrapped) values ($1, $2, $3)
