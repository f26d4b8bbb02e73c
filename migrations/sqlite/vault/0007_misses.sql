-- How often somebody was not let in, for every node alike: by account, by address, by what else can be guessed. The subject
-- is a keyed hash, the same for accounts that exist and for those that do not. A row means nothing an hour after its
-- wait is over; no backup holds any.
create table misses (
    kind text not null,
    subject blob not null,
    tries integer not null,
    waits_until integer not null,
    primary key (kind, subject)
) strict;
create index misses_subject on misses (subject);
create index misses_waits_until on misses (waits_until);
