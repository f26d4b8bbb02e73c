update outbox set state = 'waiting', next_at = $1, claim = null, claimed_until = null
where state = 'sending' and claimed_until <= $2 and again
