insert into outbox (id, cause, channel, recipient, target, person, sealed_key, sealed_value, again, state, next_at, not_after, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting', $10, $11, $12)
on conflict (cause, channel, recipient) do nothing
