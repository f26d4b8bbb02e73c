delete from {branch_days}
where branch = $1
    and business_day = $2
    and service = $3
    and operator_id = $4
