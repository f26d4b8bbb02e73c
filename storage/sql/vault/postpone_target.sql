update outbox set next_at = $2 where target = $1 and state = 'waiting' and next_at < $2
