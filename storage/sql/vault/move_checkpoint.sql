update checkpoints set log_id = $2, position = $3 where name = $1 and log_id = $4 and position = $5
