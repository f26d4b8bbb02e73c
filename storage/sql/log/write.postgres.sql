with head as (
    update log_head set position = position + $1 returning position
), inserted as (
    insert into events (position, stream_id, version, event_id, type, schema_version, occurred_at, recorded_at,
        data, meta, prev_hash, hash)
    select head.position - $1 + e.number, e.stream_id, e.version, e.event_id, e.type, e.schema_version,
        e.occurred_at, e.recorded_at, e.data, e.meta, e.prev_hash, e.hash
    from head, unnest($2::bigint[], $3::bigint[], $4::uuid[], $5::text[], $6::integer[], $7::bigint[],
        $8::bigint[], $9::bytea[], $10::bytea[], $11::bytea[], $12::bytea[]) with ordinality
        as e(stream_id, version, event_id, type, schema_version, occurred_at, recorded_at, data, meta, prev_hash,
            hash, number)
)
select position, pg_notify('log', position::text) is null from head
