insert into skipped (projector, position, event_id, branch, reason, skipped_by, skipped_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (projector, position) do nothing
