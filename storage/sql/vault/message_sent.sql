update outbox set state = 'sent', sealed_value = '', failure = null, done_at = $3, claim = null, claimed_until = null
where id = $1 and claim = $2 and state = 'sending'
