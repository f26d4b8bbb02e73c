select count(*) from (select 1 from outbox where channel = $1 and state = 'waiting' and next_at <= $2 limit 1) as due
