select s.stream_id, e.version, e.hash, e.recorded_at
from streams s join events e on e.stream_id = s.stream_id
where s.name = $1 order by e.version desc limit 1
