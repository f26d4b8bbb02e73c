delete from {branch_hours}
where branch = $1
    and business_day = $2
    and hour = $3
    and service = $4
    and operator_id = $5
