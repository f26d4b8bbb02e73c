delete from identities where person = $1
