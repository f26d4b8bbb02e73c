insert into signing_keys (kid, wrapped, public_key, created_at) values ($1, $2, $3, $4) on conflict (kid) do nothing
