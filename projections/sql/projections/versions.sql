select version, shape, state, log_id, position, epoch
from projections
where name = $1
order by version
