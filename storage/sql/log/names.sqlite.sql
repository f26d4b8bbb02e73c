select stream_id, name from streams where stream_id in (select value from json_each($1))
