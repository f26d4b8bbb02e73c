delete from person_keys where person = $1
