create table {audit_index} (
    position integer not null,
    event_id blob not null,
    type text not null,
    branch text,
    ticket_id blob,
    window_id text,
    actor_kind text not null,
    actor text not null,
    occurred_at text not null,
    recorded_at text not null,
    subject text,
    primary key (position)
) strict
