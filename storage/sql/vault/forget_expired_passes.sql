delete from passes where expires_at <= $1
