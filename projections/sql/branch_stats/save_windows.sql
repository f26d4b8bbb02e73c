insert into {window_days} (
    branch, business_day, window_id, operator_id, time_zone, is_open, is_paused, ticket_id, free_since,
    rested_from, rested_to, position
) values {rows}
on conflict (branch, business_day, window_id) do update set
    operator_id = excluded.operator_id, time_zone = excluded.time_zone, is_open = excluded.is_open,
    is_paused = excluded.is_paused, ticket_id = excluded.ticket_id, free_since = excluded.free_since,
    rested_from = excluded.rested_from, rested_to = excluded.rested_to, position = excluded.position
