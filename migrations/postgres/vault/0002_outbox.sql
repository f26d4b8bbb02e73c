-- Messages to people and other systems on their way. Who they go to and what they say is sealed, and leaves the row as
-- soon as it has been sent or given up. Times are microseconds since 1970, UTC.
create table outbox (
    id uuid not null primary key,
    -- What it follows from, and whom it goes to as a keyed hash: the same cause never reaches the same recipient twice.
    cause uuid not null,
    channel text not null,
    recipient bytea not null,
    -- A subscriber, where the recipient is not a person.
    target text,
    -- Whose rows go when a person is erased.
    person text,
    sealed_key text not null,
    sealed_value text not null,
    -- Whether it goes again when nobody can say whether it went.
    again boolean not null,
    state text not null check (state in ('waiting', 'sending', 'sent', 'dead')),
    attempts bigint not null default 0,
    next_at bigint not null,
    not_after bigint not null,
    claim uuid,
    claimed_until bigint,
    failure text,
    created_at bigint not null,
    done_at bigint,
    unique (cause, channel, recipient)
);
create index outbox_due on outbox (channel, next_at) where state = 'waiting';
create index outbox_sending on outbox (claimed_until) where state = 'sending';
create index outbox_done on outbox (done_at) where done_at is not null;
create index outbox_target on outbox (target, created_at) where target is not null;
create index outbox_person on outbox (person) where person is not null;

-- What signs the calls to a subscriber.
create table webhook_secrets (
    webhook text not null primary key,
    sealed_key text not null,
    sealed_value text not null
);

-- Tokens of an outside authentication service, as it told of them. Only their hashes are known.
create table outside_tokens (
    token_hash bytea not null primary key,
    session uuid not null,
    -- Whose it is: a member of staff, or the keyed hash of an e-mail address. Neither in a row that only says it is void.
    staff text,
    email_index bytea,
    expires_at bigint not null,
    revoked_at bigint
);
create index outside_tokens_session on outside_tokens (session);
create index outside_tokens_expires_at on outside_tokens (expires_at);
