select stream_id, name from streams where stream_id = any($1)
