select stream_id, version, hash, recorded_at from streams where name = $1
