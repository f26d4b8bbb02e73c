insert into identities (kind, value_index, person, contact) values ($1, $2, $3, $4) on conflict (kind, value_index) do nothing
