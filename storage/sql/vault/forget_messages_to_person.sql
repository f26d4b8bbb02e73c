delete from outbox where target is null and person is null
    and recipient in (select recipient from identities where person = $1)
