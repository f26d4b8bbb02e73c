delete from misses
