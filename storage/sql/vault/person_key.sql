select wrapped from person_keys where key = $1
