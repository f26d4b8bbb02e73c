insert into refresh_tokens (token_hash, family, expires_at) values ($1, $2, $3)
