update passes set tries_left = tries_left - 1
where kind = $1 and id_hash = $2 and expires_at > $3 and tries_left > 0
returning person, body, revision, tries_left, created_at, expires_at
