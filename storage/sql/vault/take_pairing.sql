delete from pairings where code_hash = $1 returning offer, expires_at
