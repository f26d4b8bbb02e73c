select key as name, wrapped from person_keys where key > $1 order by key limit $2
