with ranked as (
    select
        called_service as service,
        {measure} as ms,
        row_number() over (partition by called_service order by {measure}, ticket_id) - 1 as place,
        count(*) over (partition by called_service) as total
    from tickets
    where business_day = $1 and branch = $2 and called_at is not null and {measure} is not null
)
select service, total, place, ms
from ranked
where place = (total - 1) * $3 / 1000 or place = (total - 1) * $3 / 1000 + 1
order by service, place
