select family, person, kind, label, created_at, expires_at, last_used_at, revoked_at from sessions
where person = $1 and revoked_at is null and expires_at > $2 order by created_at, family
