select key, person, wrapped from person_keys where visit = $1
