-- Ways to sign in beyond a password. Times are microseconds since 1970, UTC.

-- A sign-in belongs to a person of either kind, and its owner recognises it by its label.
alter table sessions rename column staff to person;
alter table sessions add column kind text not null default 'staff';
alter table sessions add column label text not null default '';
alter table sessions add column last_used_at bigint;

-- What is good once and for a while: challenges between two steps of a sign-in, links in mail, codes, QR codes. Found by
-- a hash of what its holder shows; the body is sealed.
create table passes (
    kind text not null,
    id_hash bytea not null,
    person text,
    body text not null,
    revision bigint not null,
    tries_left bigint not null,
    created_at bigint not null,
    expires_at bigint not null,
    primary key (kind, id_hash)
);
create index passes_person on passes (person);
create index passes_expires_at on passes (expires_at);

-- Second factors of staff. The secret is sealed by the person's key; a time step is good once.
create table second_factors (
    staff text not null primary key,
    secret text not null,
    created_at bigint not null,
    confirmed_at bigint,
    last_step bigint not null
);

-- Recovery codes of second factors as keyed hashes; a used one is gone.
create table recovery_codes (
    staff text not null,
    code_index bytea not null,
    primary key (staff, code_index)
);
