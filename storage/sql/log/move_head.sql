update log_head set position = $1
