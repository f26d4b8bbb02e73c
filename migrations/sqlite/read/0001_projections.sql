-- Every version of every projection's tables and how far it has come. Moved in the transaction that writes the rows,
-- by compare-and-set, so that each event counts once whoever runs.
create table projections (
    name text not null,
    version integer not null,
    shape integer not null,
    state text not null check (state in ('rebuilding', 'catching_up', 'live', 'retired')),
    log_id blob not null,
    position integer not null,
    -- Grows when somebody but the runner has changed rows: what a runner remembers is then worth nothing.
    epoch integer not null,
    primary key (name, version)
) strict;

-- Branches a projection could not follow past an event. Their later events wait; those of others flow.
create table parked (
    projector text not null,
    version integer not null,
    branch text not null,
    from_position integer not null,
    event_id blob not null,
    error text not null,
    parked_at text not null,
    primary key (projector, version, branch)
) strict;

-- Events somebody decided to leave out of a projection, and why.
create table skipped (
    projector text not null,
    position integer not null,
    event_id blob not null,
    branch text not null,
    reason text not null,
    skipped_by text not null,
    skipped_at text not null,
    primary key (projector, position)
) strict;
