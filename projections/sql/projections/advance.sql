update projections
set position = $6
where name = $1 and version = $2 and log_id = $3 and position = $4 and epoch = $5 and state <> 'retired'
