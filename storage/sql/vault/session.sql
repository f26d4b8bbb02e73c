select family, person, kind, label, created_at, expires_at, last_used_at, revoked_at from sessions where family = $1
