update sessions set revoked_at = $2 where family = $1 and revoked_at is null
