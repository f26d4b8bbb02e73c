update outbox set state = 'waiting', next_at = $3, failure = $4, claim = null, claimed_until = null
where id = $1 and claim = $2 and state = 'sending'
