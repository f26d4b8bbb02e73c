delete from identities where kind = $1 and person = $2 and value_index <> $3
