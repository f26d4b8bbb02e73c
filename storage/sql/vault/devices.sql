select device, kind, branch, window_id, name, paired_at, revoked_at from devices order by branch, name, device
