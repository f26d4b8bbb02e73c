delete from outbox where target = $1
