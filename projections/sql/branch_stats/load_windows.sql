with wanted (branch, business_day) as (values {keys})
select
    branch, business_day, window_id, operator_id, time_zone, is_open, is_paused, ticket_id, free_since,
    rested_from, rested_to, position
from wanted
join {window_days} using (branch, business_day)
