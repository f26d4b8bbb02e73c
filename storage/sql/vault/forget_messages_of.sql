delete from outbox where person = $1
