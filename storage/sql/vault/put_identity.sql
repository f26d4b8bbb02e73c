insert into identities (kind, value_index, person) values ($1, $2, $3) on conflict (kind, value_index) do nothing
