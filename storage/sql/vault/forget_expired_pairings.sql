delete from pairings where expires_at <= $1
