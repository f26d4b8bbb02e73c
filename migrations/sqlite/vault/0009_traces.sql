-- Under what messages to a contact lie in the outbox (another hash of the same value), so that they go with it.
alter table identities add column recipient blob;
create index outbox_recipient on outbox (recipient);

-- A message to nobody who is known says nothing of its recipient once it is done.
update outbox set recipient = id where person is null and target is null and done_at is not null;

-- Which subscribers have something due, how much is under way to each, and whether its last attempt failed.
create index outbox_waiting on outbox (channel, target, next_at) where state = 'waiting' and target is not null;
create index outbox_under_way on outbox (target) where state = 'sending' and target is not null;
create index outbox_failed on outbox (target, next_at) where failure is not null and done_at is null;
