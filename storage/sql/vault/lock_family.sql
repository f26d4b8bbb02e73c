update sessions set expires_at = expires_at
where family = (select family from refresh_tokens where token_hash = $1)
