create table {window_days} (
    branch text not null,
    business_day date not null,
    window_id text not null,
    operator_id text not null,
    time_zone text not null,
    is_open boolean not null,
    is_paused boolean not null,
    ticket_id uuid,
    free_since timestamptz,
    rested_from timestamptz,
    rested_to timestamptz,
    position bigint not null,
    primary key (branch, business_day, window_id)
)
