update sessions set last_used_at = $2 where family = $1
