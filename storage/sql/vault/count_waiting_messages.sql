select channel, count(*) from outbox where state = 'waiting' group by channel
