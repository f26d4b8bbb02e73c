update outbox set state = 'dead', sealed_value = '', failure = 'LOST', done_at = $1, claim = null, claimed_until = null
where state = 'sending' and claimed_until <= $2 and not again
returning id
