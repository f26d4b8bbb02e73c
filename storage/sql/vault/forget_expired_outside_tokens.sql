delete from outside_tokens where expires_at <= $1
