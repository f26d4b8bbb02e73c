insert into identities (kind, value_index, person, contact, recipient) values ($1, $2, $3, $4, $5)
on conflict (kind, value_index) do nothing
