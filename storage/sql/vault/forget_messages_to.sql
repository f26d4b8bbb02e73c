delete from outbox where channel = $1 and recipient = $2
