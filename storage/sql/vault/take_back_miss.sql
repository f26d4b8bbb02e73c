update misses set tries = tries - 1, waits_until = $3 where kind = $1 and subject = $2 and tries > 0
