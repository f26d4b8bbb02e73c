create table {audit_index} (
    position bigint not null,
    event_id uuid not null,
    type text not null,
    branch text,
    ticket_id uuid,
    window_id text,
    actor_kind text not null,
    actor text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    subject text,
    primary key (position)
)
