select device, kind, branch, window_id, name, paired_at, revoked_at from devices
where token_hash = $1 and revoked_at is null
