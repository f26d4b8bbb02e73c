update projections
set epoch = epoch + 1
where name = $1 and version = $2 and position = $3 and epoch = $4 and state <> 'retired'
