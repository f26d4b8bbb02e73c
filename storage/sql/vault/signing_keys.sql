select kid, wrapped, public_key, created_at, retired_at from signing_keys order by created_at desc, kid
