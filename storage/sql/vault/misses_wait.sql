select waits_until from misses where kind = $1 and subject = $2
