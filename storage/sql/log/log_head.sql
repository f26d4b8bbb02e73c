select log_id, position from log_head
