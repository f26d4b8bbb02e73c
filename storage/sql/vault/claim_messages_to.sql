update outbox set state = 'sending', claim = $1, claimed_until = $2, attempts = attempts + 1
where state = 'waiting' and id in (
    select id from outbox where channel = $3 and state = 'waiting' and target = $4 and next_at <= $5
    order by next_at, id limit $6
)
returning id, cause, target, sealed_key, sealed_value, attempts, not_after, created_at
