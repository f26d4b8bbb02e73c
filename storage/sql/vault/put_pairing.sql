insert into pairings (code_hash, offer, expires_at) values ($1, $2, $3) on conflict (code_hash) do nothing
