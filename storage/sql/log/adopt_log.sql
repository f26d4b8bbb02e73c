update log_head set position = $1 where position = 0
