select e.position, s.name, e.version, e.event_id, e.type, e.schema_version, e.occurred_at, e.recorded_at,
    e.data, e.meta, e.prev_hash, e.hash
from streams s join events e on e.stream_id = s.stream_id
where s.name = $1 and e.version > $2 order by e.version limit $3
