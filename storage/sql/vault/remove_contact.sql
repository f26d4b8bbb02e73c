delete from identities where person = $1 and contact = $2
