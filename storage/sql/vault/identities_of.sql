select value_index from identities where person = $1
