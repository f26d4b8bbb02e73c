update outside_tokens set revoked_at = $2 where revoked_at is null and (staff = $1 or email_index in (
    select value_index from identities where kind = 'email' and person = $1
))
