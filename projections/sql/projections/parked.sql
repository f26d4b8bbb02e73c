select projector, version, branch, from_position, event_id, error, parked_at
from parked
where projector = $1 and version = $2
order by branch
