delete from passes where kind = $1 and person = $2
