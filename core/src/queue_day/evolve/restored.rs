//! Taking a step back: the fact itself says what stands again.

use super::*;

impl QueueDay {
    pub(super) fn undone(&mut self, happened: &Happened<'_>, it: &ActionUndone) {
        if let (Some(id), Some(restored)) = (it.ticket, &it.restored.ticket) {
            if it.kind == "service.completed" {
                self.take_back_service(id, restored);
            }
            self.restore_ticket(id, happened.at, restored);
        }
        if let Some(restored) = &it.restored.window {
            let (id, operator) = (&restored.window, &restored.operator);
            let ticket = self.windows.get(id).and_then(|window| window.ticket);
            let since = self.windows.get(id).map(|window| window.since);
            self.seat(happened, id, operator, &restored.skills, &restored.services);
            self.hold_at(id, ticket);
            if let Some(window) = self.windows.get_mut(id) {
                window.pause = restored.pause.clone();
                window.since = since.unwrap_or(happened.at);
            }
        }
    }

    fn restore_ticket(&mut self, id: TicketId, at: DateTime<Utc>, it: &RestoredTicket) {
        let Some(ticket) = self.tickets.get_mut(&id) else { return };
        let held = ticket.state.window().cloned();
        ticket.put(it.place, at);
        ticket.class = it.class.clone();
        ticket.services = it.services.clone();
        ticket.not_before = it.not_before;
        ticket.returns = it.returns;
        ticket.attempts = it.attempts;
        ticket.pinned_window = it.pinned_window.clone();
        ticket.pinned_operator = it.pinned_operator.clone();
        ticket.state = restored_state(&it.state, ticket, at);
        if !matches!(ticket.state, TicketState::Waiting { .. }) {
            ticket.locked_until = None;
        }
        let holds = ticket.state.window().cloned();
        match &ticket.state {
            TicketState::Called { called_at, .. } => {
                (ticket.called_at, ticket.started_at) = (Some(*called_at), None);
            }
            TicketState::Serving { called_at, started_at, .. } => {
                (ticket.called_at, ticket.started_at) = (Some(*called_at), Some(*started_at));
            }
            TicketState::Expected
            | TicketState::Waiting { .. }
            | TicketState::Parked { .. }
            | TicketState::NoShow { .. }
            | TicketState::Closed { .. } => {}
        }
        self.open_tickets.insert(id);
        if let Some(window) = held.and_then(|held| self.windows.get_mut(&held)) {
            window.ticket = None;
        }
        if let Some(window) = holds {
            self.hold_at(&window, Some(id));
        }
    }

    /// A completion that is taken back leaves the counts of the day as they were.
    fn take_back_service(&mut self, id: TicketId, restored: &RestoredTicket) {
        let Some(ticket) = self.tickets.get(&id) else { return };
        let RestoredState::Serving { started_at, .. } = restored.state else { return };
        let completed_at = match &ticket.state {
            TicketState::Closed { at, .. } => *at,
            TicketState::Waiting { since } => *since,
            TicketState::Serving { started_at, .. } => *started_at,
            TicketState::Expected
            | TicketState::Called { .. }
            | TicketState::Parked { .. }
            | TicketState::NoShow { .. } => return,
        };
        if !ticket.is_open() {
            self.tallies.served = self.tallies.served.saturating_sub(1);
        }
        let Some(service) = restored.services.first() else { return };
        if let Some((count, sum)) = self.tallies.service_times.get_mut(service) {
            *count = count.saturating_sub(1);
            *sum = sum.saturating_sub(tickets::whole_seconds(started_at, completed_at));
            if *count == 0 {
                self.tallies.service_times.remove(service);
            }
        }
    }
}

fn restored_state(state: &RestoredState, ticket: &Ticket, at: DateTime<Utc>) -> TicketState {
    match state {
        RestoredState::Waiting => match ticket.state {
            // It never left the queue: only its place or class had changed.
            TicketState::Waiting { since } => TicketState::Waiting { since },
            TicketState::Expected
            | TicketState::Called { .. }
            | TicketState::Serving { .. }
            | TicketState::Parked { .. }
            | TicketState::NoShow { .. }
            | TicketState::Closed { .. } => TicketState::Waiting { since: at },
        },
        RestoredState::Called { window, called_at, last_call_at } => {
            TicketState::Called { window: window.clone(), called_at: *called_at, last_call_at: *last_call_at }
        }
        RestoredState::Serving { window, called_at, started_at } => {
            TicketState::Serving { window: window.clone(), called_at: *called_at, started_at: *started_at }
        }
        RestoredState::Parked { window, operator, pool, reason_code, since, resume_by } => {
            TicketState::Parked {
                window: window.clone(),
                operator: operator.clone(),
                pool: *pool,
                reason: reason_code.clone(),
                since: *since,
                resume_by: *resume_by,
            }
        }
        RestoredState::NoShow { since, grace_until } => {
            TicketState::NoShow { since: *since, grace_until: *grace_until }
        }
    }
}
