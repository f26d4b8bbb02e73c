-- What must outlive a rebuild of the read models and yet be erasable. Times are microseconds since 1970, UTC.

-- Small things this installation remembers about itself.
create table settings (
    name text not null primary key,
    value text not null
) strict;

-- One key for each person, wrapped by the master key. Deleting the row erases what it sealed.
create table person_keys (
    key text not null primary key,
    person text not null,
    wrapped blob not null
) strict;
create index person_keys_person on person_keys (person);

-- Who an e-mail or phone belongs to, without saying which: a keyed hash of the normalised value.
create table identities (
    kind text not null,
    value_index blob not null,
    person text not null,
    primary key (kind, value_index)
) strict;
create index identities_person on identities (person);

-- Password hashes in PHC form; the vault does not know how they are made.
create table passwords (
    staff text not null primary key,
    phc text not null,
    changed_at integer not null
) strict;

-- One sign-in on one device: a family of refresh tokens, of which one is live.
create table sessions (
    family blob not null primary key,
    staff text not null,
    created_at integer not null,
    expires_at integer not null,
    revoked_at integer
) strict;
create index sessions_staff on sessions (staff);
create index sessions_expires_at on sessions (expires_at);

create table refresh_tokens (
    token_hash blob not null primary key,
    family blob not null,
    expires_at integer not null,
    used_at integer,
    successor blob
) strict;
create index refresh_tokens_family on refresh_tokens (family);

-- Paired kiosks, boards and window lamps.
create table devices (
    device text not null primary key,
    kind text not null,
    branch text not null,
    window_id text,
    name text not null,
    token_hash blob not null unique,
    paired_at integer not null,
    revoked_at integer
) strict;

-- Codes shown to an administrator and typed in once on the device; the offer is JSON.
create table pairings (
    code_hash blob not null primary key,
    offer text not null,
    expires_at integer not null
) strict;

-- Ed25519 keys that sign access tokens; the private half is wrapped by the master key.
create table signing_keys (
    kid text not null primary key,
    wrapped blob not null,
    public_key blob not null,
    created_at integer not null,
    retired_at integer
) strict;

-- How far something that follows the log and acts on the world has come.
create table checkpoints (
    name text not null primary key,
    log_id blob not null,
    position integer not null
) strict;
