select key, wrapped from person_keys where person = $1 order by key limit 1
