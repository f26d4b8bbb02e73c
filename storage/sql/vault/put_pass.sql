insert into passes (kind, id_hash, person, body, revision, tries_left, created_at, expires_at)
values ($1, $2, $3, $4, 0, $5, $6, $7) on conflict (kind, id_hash) do nothing
