select key, wrapped from person_keys where person = $1 and visit is null order by key limit 1
