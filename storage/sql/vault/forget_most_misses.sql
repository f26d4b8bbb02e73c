delete from misses where (kind, subject) in (
    -- Those with the fewest tries go: whoever floods the table pushes out their own.
    select kind, subject from misses order by tries desc, waits_until desc limit 9223372036854775807 offset $1
)
