-- Where a stream ends, its last event says: a stream is only a name now, and an append writes its events alone.
drop trigger streams_refuse_rename on streams;
drop trigger streams_refuse_rewind on streams;
alter table streams drop column version, drop column hash, drop column recorded_at;

create trigger streams_refuse_update before update on streams for each row execute function refuse_change();
