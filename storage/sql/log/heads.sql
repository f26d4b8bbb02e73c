select name, version, hash from streams order by name
