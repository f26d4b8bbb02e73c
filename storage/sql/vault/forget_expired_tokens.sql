delete from refresh_tokens where family in (select family from sessions where expires_at < $1)
