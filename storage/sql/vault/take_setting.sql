delete from settings where name = $1 and value = $2
