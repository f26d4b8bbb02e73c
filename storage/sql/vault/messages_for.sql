select id, cause, state, attempts, failure, created_at, next_at, done_at from outbox where target = $1
order by created_at desc, id desc limit $2
