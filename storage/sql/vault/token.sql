select family, expires_at, used_at, successor from refresh_tokens where token_hash = $1
