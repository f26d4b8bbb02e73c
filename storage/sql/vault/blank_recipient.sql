update outbox set recipient = $2 where id = $1 and person is null and target is null
