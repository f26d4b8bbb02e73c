select coalesce(t.staff, i.person) as staff, t.session, t.expires_at, t.revoked_at
from outside_tokens t left join identities i on i.kind = 'email' and i.value_index = t.email_index
where t.token_hash = $1
