select
    ticket_id, branch, business_day, time_zone, number, letter, seq, class, channel, party_size, language,
    booking_id, services, service, state, outcome, reason_code, window_id, operator_id, called_service,
    called_operator, calls, recalls, transfers, parks, returns, no_shows, escalation, issued_at, arrived_at,
    reference, due_at, called_at, started_at, no_show_at, ended_at, waiting_since, call_at, serving_since,
    wait_ms, way_ms, service_ms, given, quote_p50_s, quote_p80_s, quote_model, quote_ahead, quote_windows,
    data_set, external_id, source_branch, source_service, source_operator, source_queue, source_priority,
    position
from {tickets}
where ticket_id in (values {keys})
