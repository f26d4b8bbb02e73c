select channel, state, count(*) from outbox group by channel, state
