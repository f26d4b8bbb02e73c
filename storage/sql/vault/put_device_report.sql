insert into device_reports (device, seen_at, build, problems) values ($1, $2, $3, $4)
on conflict (device) do update set seen_at = excluded.seen_at, build = excluded.build, problems = excluded.problems
where device_reports.seen_at < excluded.seen_at
