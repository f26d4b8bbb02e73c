delete from misses where subject = $1
