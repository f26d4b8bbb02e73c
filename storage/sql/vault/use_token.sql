update refresh_tokens set used_at = $2, successor = $3 where token_hash = $1
