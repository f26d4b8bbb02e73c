select distinct session from outside_tokens where revoked_at is null and expires_at > $2 and (staff = $1 or email_index in (
    select value_index from identities where kind = 'email' and person = $1
))
