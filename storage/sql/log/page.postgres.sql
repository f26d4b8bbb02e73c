select
    count(*) filter (where octet_length(prev_hash) = 32 and octet_length(hash) = 32) as sound,
    array_agg(position) as positions, array_agg(stream_id) as streams, array_agg(version) as versions,
    array_agg(schema_version) as schema_versions,
    array_agg(occurred_at) as occurred, array_agg(recorded_at) as recorded,
    array_agg(octet_length(data)) as data, array_agg(octet_length(meta)) as meta,
    array_agg(type) as kinds,
    string_agg(uuid_send(event_id) || prev_hash || hash || data || meta, ''::bytea) as bytes
from (select * from events where position > $1 order by position limit $2) as page
