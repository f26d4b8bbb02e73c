select
    position, event_id, type, branch, ticket_id, window_id, actor_kind, actor, occurred_at, recorded_at, subject
from audit_index
{where}
order by position desc
limit {limit}
