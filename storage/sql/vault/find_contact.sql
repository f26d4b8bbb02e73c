select person, coalesce(contact, '') from identities where kind = $1 and value_index = $2
