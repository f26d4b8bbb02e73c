select d.device, d.kind, d.branch, d.window_id, d.name, d.paired_at, d.revoked_at, r.seen_at, r.build, r.problems
from devices d left join device_reports r on r.device = d.device
order by d.branch, d.name, d.device
