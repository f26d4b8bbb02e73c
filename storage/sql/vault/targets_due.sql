with recursive waiting (target) as (
    select min(target) from outbox where channel = $1 and state = 'waiting' and target is not null
    union all
    select (select min(target) from outbox where channel = $1 and state = 'waiting' and target > waiting.target)
    from waiting where waiting.target is not null
)
select waiting.target,
    (select count(*) from outbox where outbox.target = waiting.target and state = 'sending'),
    (select count(*) from (
        select 1 from outbox where outbox.target = waiting.target and failure is not null and done_at is null limit 1
    ) as failed)
from waiting
where waiting.target is not null and exists (
    select 1 from outbox
    where channel = $1 and outbox.target = waiting.target and state = 'waiting' and next_at <= $2
)
