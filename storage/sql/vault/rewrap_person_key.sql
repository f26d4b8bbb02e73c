update person_keys set wrapped = $2 where key = $1
