update outbox set state = 'dead', sealed_value = '', failure = 'RESTORED', done_at = created_at, claim = null, claimed_until = null
where state in ('waiting', 'sending')
