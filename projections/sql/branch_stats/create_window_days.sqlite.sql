create table {window_days} (
    branch text not null,
    business_day text not null,
    window_id text not null,
    operator_id text not null,
    time_zone text not null,
    is_open integer not null,
    is_paused integer not null,
    ticket_id blob,
    free_since text,
    rested_from text,
    rested_to text,
    position integer not null,
    primary key (branch, business_day, window_id)
) strict, without rowid
