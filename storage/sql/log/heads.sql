select s.name, e.version, e.hash
from streams s join events e on e.stream_id = s.stream_id
where e.version = (select max(version) from events where stream_id = s.stream_id) order by s.name
