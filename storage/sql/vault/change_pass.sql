update passes set body = $4, revision = revision + 1
where kind = $1 and id_hash = $2 and revision = $3 and expires_at > $5
