delete from passes where kind = $1 and id_hash = $2
returning person, body, revision, tries_left, created_at, expires_at
