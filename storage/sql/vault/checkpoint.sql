select log_id, position from checkpoints where name = $1
