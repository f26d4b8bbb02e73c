insert into sessions (family, person, kind, label, created_at, expires_at, last_used_at) values ($1, $2, $3, $4, $5, $6, $5)
