delete from outbox where target is null and (person is null or person = $1)
    and recipient in (select recipient from identities where person = $1 and contact = $2)
