delete from misses where waits_until <= $1 or tries = 0
