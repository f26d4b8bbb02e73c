select event_id, stream_id, position from events where event_id = $1
