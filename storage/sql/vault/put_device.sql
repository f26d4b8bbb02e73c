insert into devices (device, kind, branch, window_id, name, token_hash, paired_at) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (device) do update set kind = excluded.kind, branch = excluded.branch, window_id = excluded.window_id,
    name = excluded.name, token_hash = excluded.token_hash, paired_at = excluded.paired_at, revoked_at = null
