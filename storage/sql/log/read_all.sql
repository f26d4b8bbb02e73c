select e.position, s.name, e.version, e.event_id, e.type, e.schema_version, e.occurred_at, e.recorded_at,
    e.data, e.meta, e.prev_hash, e.hash
from events e join streams s on s.stream_id = e.stream_id
where e.position > $1 order by e.position limit $2
