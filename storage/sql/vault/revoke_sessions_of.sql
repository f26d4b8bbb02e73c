update sessions set revoked_at = $2 where person = $1 and revoked_at is null and expires_at > $2
