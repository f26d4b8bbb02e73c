delete from projections
where name = $1 and version = $2
