-- Every version of every projection's tables and how far it has come. Moved in the transaction that writes the rows,
-- by compare-and-set, so that each event counts once whoever runs.
create table projections (
    name text not null,
    version bigint not null,
    shape bigint not null,
    state text not null check (state in ('rebuilding', 'catching_up', 'live', 'retired')),
    log_id uuid not null,
    position bigint not null,
    -- Grows when somebody but the runner has changed rows: what a runner remembers is then worth nothing.
    epoch bigint not null,
    primary key (name, version)
);

-- Branches a projection could not follow past an event. Their later events wait; those of others flow.
create table parked (
    projector text not null,
    version bigint not null,
    branch text not null,
    from_position bigint not null,
    event_id uuid not null,
    error text not null,
    parked_at timestamptz not null,
    primary key (projector, version, branch)
);

-- Events somebody decided to leave out of a projection, and why.
create table skipped (
    projector text not null,
    position bigint not null,
    event_id uuid not null,
    branch text not null,
    reason text not null,
    skipped_by text not null,
    skipped_at timestamptz not null,
    primary key (projector, position)
);
