select position from log_head for update
