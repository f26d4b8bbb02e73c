insert into streams (name) select unnest($1::text[]) on conflict (name) do nothing returning name, stream_id
