insert into parked (projector, version, branch, from_position, event_id, error, parked_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (projector, version, branch) do nothing
