delete from refresh_tokens where token_hash = $1
