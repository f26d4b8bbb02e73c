delete from identities where kind = $1 and value_index = $2 and person = $3
