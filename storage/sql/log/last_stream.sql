select coalesce(max(stream_id), 0) from streams
