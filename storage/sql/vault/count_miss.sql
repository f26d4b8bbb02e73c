insert into misses (kind, subject, tries, waits_until)
-- Nothing comes back where a wait is not over: such a try is not counted. Free ones wait for nobody: of two at once the
-- clock of one is behind that of the other.
values ($1, $2, 1, cast($3 as bigint) + case when cast($5 as integer) > 0 then 0 else cast($6 as bigint) end)
on conflict (kind, subject) do update set
    tries = case when misses.waits_until > $4 then misses.tries + 1 else 1 end,
    waits_until = case
        when misses.waits_until <= $4 then excluded.waits_until
        when misses.tries < $5 then cast($3 as bigint)
        when misses.tries < cast($5 as integer) + cast($7 as integer)
            then cast($3 as bigint) + (cast($6 as bigint) << (misses.tries - cast($5 as integer)))
        else cast($3 as bigint) + cast($8 as bigint)
    end
where misses.tries <= cast($5 as integer) or misses.waits_until <= $3
returning waits_until
