insert into outside_tokens (token_hash, session, staff, email_index, expires_at, revoked_at) values ($1, $2, $3, $4, $5, $6)
on conflict (token_hash) do nothing
