-- One row: the log's random id and the position of its last event.
create table log_head (
    singleton integer primary key check (singleton = 1),
    log_id blob not null,
    position integer not null
) strict;

-- The end of each stream: what the next append must follow.
create table streams (
    stream_id integer primary key,
    name text not null unique,
    version integer not null,
    hash blob not null,
    recorded_at integer not null
) strict;

-- Every fact, for ever. Times are microseconds since 1970, UTC; data and meta are JSON, byte for byte as sealed.
create table events (
    position integer primary key,
    stream_id integer not null,
    version integer not null,
    event_id blob not null,
    type text not null,
    schema_version integer not null,
    occurred_at integer not null,
    recorded_at integer not null,
    data blob not null,
    meta blob not null,
    prev_hash blob not null,
    hash blob not null
) strict;

create unique index events_event_id on events (event_id);
create unique index events_stream_version on events (stream_id, version);

create trigger events_refuse_update before update on events
begin
    select raise(abort, 'the log is append-only: events are never updated');
end;

create trigger events_refuse_delete before delete on events
begin
    select raise(abort, 'the log is append-only: events are never deleted');
end;

create trigger streams_refuse_delete before delete on streams
begin
    select raise(abort, 'the log is append-only: streams are never deleted');
end;

create trigger streams_refuse_rename before update of stream_id, name on streams
begin
    select raise(abort, 'the log is append-only: streams are never renamed');
end;

create trigger streams_refuse_rewind before update of version on streams when new.version <= old.version
begin
    select raise(abort, 'the log is append-only: streams only grow');
end;

create trigger log_head_refuse_delete before delete on log_head
begin
    select raise(abort, 'the log is append-only: its head is never deleted');
end;

create trigger log_head_refuse_rewind before update of position on log_head when new.position <= old.position
begin
    select raise(abort, 'the log is append-only: its head only advances');
end;
