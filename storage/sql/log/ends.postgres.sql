select s.name, s.stream_id, e.version, e.hash, e.recorded_at
from streams s cross join lateral (
    select version, hash, recorded_at from events where stream_id = s.stream_id order by version desc limit 1
) e
where s.name = any($1)
