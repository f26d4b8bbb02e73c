select position
from projections
where name = $1 and log_id = $2 and state in ('catching_up', 'live')
