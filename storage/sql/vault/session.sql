select family, staff, created_at, expires_at, revoked_at from sessions where family = $1
