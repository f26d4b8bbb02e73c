delete from signing_keys where retired_at < $1
