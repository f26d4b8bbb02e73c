insert into {audit_index} (
    position, event_id, type, branch, ticket_id, window_id, actor_kind, actor, occurred_at, recorded_at, subject
) values {rows}
on conflict (position) do nothing
