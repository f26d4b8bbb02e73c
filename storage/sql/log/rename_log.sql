update log_head set log_id = $1
