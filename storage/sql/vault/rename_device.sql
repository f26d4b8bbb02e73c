update devices set name = $2 where device = $1
