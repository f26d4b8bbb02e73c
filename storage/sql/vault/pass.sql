select person, body, revision, tries_left, created_at, expires_at from passes
where kind = $1 and id_hash = $2 and expires_at > $3
