select
    count(*) as count,
    count(*) filter (where length(event_id) = 16 and length(prev_hash) = 32 and length(hash) = 32) as sound,
    group_concat(
        position || ' ' || stream_id || ' ' || version || ' ' || schema_version || ' ' || occurred_at || ' '
        || recorded_at || ' ' || length(data) || ' ' || length(meta) || ' ' || type, x'0a'
    ) as heads,
    cast(group_concat(event_id || prev_hash || hash || data || meta, '') as blob) as bytes
from (select * from events where position > $1 order by position limit $2)
