select person, wrapped from person_keys where key = $1
