-- Customers who let themselves be known. A visit of theirs has a key of its own under a random name, and only this
-- table knows whose it is: with the row goes the last thing that joins the visit to another.
alter table person_keys add column visit uuid;
alter table person_keys add column created_at bigint;
create unique index person_keys_visit on person_keys (visit);

-- Which contact of its owner a value is, by the name it has in their stream.
alter table identities add column contact text;

create table customers (
    customer text not null primary key,
    registered_at bigint not null,
    seen_at bigint not null
);
create index customers_seen_at on customers (seen_at);
