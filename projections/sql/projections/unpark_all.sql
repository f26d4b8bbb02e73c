delete from parked
where projector = $1 and version = $2
