update devices set revoked_at = $2 where device = $1 and revoked_at is null
