insert into streams (name, version, hash, recorded_at)
select name, version, hash, recorded_at
from unnest($1::text[], $2::bigint[], $3::bytea[], $4::bigint[]) as s(name, version, hash, recorded_at)
on conflict (name) do nothing returning name, stream_id
