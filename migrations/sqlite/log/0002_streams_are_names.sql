-- Where a stream ends, its last event says: a stream is only a name now, and an append writes its events alone.
drop trigger streams_refuse_rename;
drop trigger streams_refuse_rewind;
alter table streams drop column version;
alter table streams drop column hash;
alter table streams drop column recorded_at;

create trigger streams_refuse_update before update on streams
begin
    select raise(abort, 'the log is append-only: streams are never renamed');
end;
