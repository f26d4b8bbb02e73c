insert into sessions (family, staff, created_at, expires_at) values ($1, $2, $3, $4)
