update projections
set state = $3
where name = $1 and version = $2
