delete from outbox where cause = $1 and state = 'waiting'
