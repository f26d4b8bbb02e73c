select version, hash, recorded_at from streams where name = $1
