update outbox set state = 'sending', claim = $1, claimed_until = $2, attempts = attempts + 1
where state = 'waiting' and id in (
    select id from outbox where channel = $3 and state = 'waiting' and target is null and next_at <= $4
    order by next_at, id limit $5
)
returning id, cause, target, sealed_key, sealed_value, attempts, not_after, created_at
