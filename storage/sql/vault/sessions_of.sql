select family, staff, created_at, expires_at, revoked_at from sessions
where staff = $1 and revoked_at is null and expires_at > $2 order by created_at
