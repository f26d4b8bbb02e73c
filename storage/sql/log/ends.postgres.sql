select name, stream_id, version, hash, recorded_at from streams where name = any($1)
