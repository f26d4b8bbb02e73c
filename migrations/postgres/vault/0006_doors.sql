-- What paired devices last told of themselves, at most one row each; lost, it is told anew within a minute.
create table device_reports (
    device text not null primary key,
    seen_at bigint not null,
    build text not null,
    -- Codes of what is wrong, with commas between.
    problems text not null
);
