delete from misses where kind = $1 and subject = $2
