select
    branch, business_day, hour, service, operator_id, issued, called, served, given, no_show, abandoned,
    cancelled, refused, expired, wait_count, wait_ms, wait_histogram, way_count, way_ms, way_histogram,
    service_count, service_ms, service_histogram, idle_count, idle_ms, idle_histogram
from branch_hours
{where}
order by business_day, branch, hour, service, operator_id
limit {limit}
