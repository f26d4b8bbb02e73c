insert into {branch_hours} (
    branch, business_day, hour, service, operator_id, issued, called, served, given, no_show, abandoned,
    cancelled, refused, expired, wait_count, wait_ms, wait_histogram, way_count, way_ms, way_histogram,
    service_count, service_ms, service_histogram, idle_count, idle_ms, idle_histogram
) values {rows}
on conflict (branch, business_day, hour, service, operator_id) do update set
    issued = excluded.issued, called = excluded.called, served = excluded.served, given = excluded.given,
    no_show = excluded.no_show, abandoned = excluded.abandoned, cancelled = excluded.cancelled,
    refused = excluded.refused, expired = excluded.expired, wait_count = excluded.wait_count,
    wait_ms = excluded.wait_ms, wait_histogram = excluded.wait_histogram, way_count = excluded.way_count,
    way_ms = excluded.way_ms, way_histogram = excluded.way_histogram, service_count = excluded.service_count,
    service_ms = excluded.service_ms, service_histogram = excluded.service_histogram,
    idle_count = excluded.idle_count, idle_ms = excluded.idle_ms, idle_histogram = excluded.idle_histogram
