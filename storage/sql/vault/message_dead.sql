update outbox set state = 'dead', sealed_value = '', failure = $3, done_at = $4, claim = null, claimed_until = null
where id = $1 and claim = $2 and state = 'sending'
