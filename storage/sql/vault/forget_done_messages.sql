delete from outbox where done_at <= $1
