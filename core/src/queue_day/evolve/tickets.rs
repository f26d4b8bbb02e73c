//! How a ticket moves when something happened to it, and how its window, the index and the tallies follow.

use super::*;

impl QueueDay {
    pub(super) fn issued(&mut self, happened: &Happened<'_>, it: &TicketIssued) {
        if self.tickets.contains_key(&it.ticket) {
            return;
        }
        let at = happened.at;
        if let (Some(letter), Some(seq)) = (it.letter, it.seq) {
            let last = self.last_seq.entry(letter).or_default();
            *last = seq.max(*last);
        }
        self.tallies.issued += 1;
        for service in &it.services {
            *self.tallies.issued_by_service.entry(service.clone()).or_default() += 1;
        }
        let ticket = Ticket {
            id: it.ticket,
            number: it.number.clone().unwrap_or_default(),
            letter: it.letter,
            seq: it.seq.unwrap_or_default(),
            class: it.class.clone(),
            channel: it.channel,
            party_size: it.party_size,
            language: it.language.clone(),
            booking_id: it.booking_id,
            slot_start: it.slot_start,
            issued_at: at,
            quote: it.quote.clone(),
            services: it.services.clone(),
            place: it.place,
            not_before: it.not_before,
            locked_until: None,
            pinned_window: None,
            pinned_operator: None,
            returns: 0,
            attempts: 0,
            escalation: 0,
            acknowledged: 0,
            notes: Vec::new(),
            state: if it.remote { TicketState::Expected } else { TicketState::Waiting { since: at } },
            called_at: None,
            started_at: None,
            window: None,
            operator: None,
            last_event: happened.event_id,
        };
        self.tickets.insert(it.ticket, ticket);
        self.open_tickets.insert(it.ticket);
    }

    pub(super) fn called(&mut self, at: DateTime<Utc>, it: &TicketCalled) {
        let pins = self.pins_of(it.ticket);
        self.hold(it.ticket, it.window.clone(), it.operator.clone(), |ticket, window| {
            ticket.attempts = it.attempt;
            ticket.called_at = Some(at);
            ticket.started_at = None;
            ticket.locked_until = None;
            (ticket.pinned_window, ticket.pinned_operator) = pins;
            TicketState::Called { window, called_at: at, last_call_at: at }
        });
    }

    pub(super) fn completed(&mut self, at: DateTime<Utc>, it: &ServiceCompleted) {
        let Some(ticket) = self.tickets.get(&it.ticket).filter(|ticket| ticket.is_open()) else { return };
        let started_at = ticket.started_at.or(ticket.called_at).unwrap_or(at);
        let times = self.tallies.service_times.entry(it.service.clone()).or_default();
        times.0 += 1;
        times.1 += whole_seconds(started_at, at);
        match &it.next {
            None => {
                self.tallies.served += 1;
                self.closed(it.ticket, at, Outcome::Completed);
            }
            Some(NextService::Here { service }) => self.change(it.ticket, |ticket| {
                ticket.go_on_with(service);
                ticket.started_at = Some(at);
                if let TicketState::Serving { started_at, .. } = &mut ticket.state {
                    *started_at = at;
                }
            }),
            Some(NextService::Queued { service, place }) => {
                self.queued(it.ticket, at, *place, |ticket| ticket.go_on_with(service));
            }
        }
    }

    pub(super) fn transferred(&mut self, at: DateTime<Utc>, it: &TicketTransferred) {
        self.queued(it.ticket, at, it.place, |ticket| {
            ticket.replace_current(&it.to_service);
            ticket.pinned_window = it.to_window.clone();
            ticket.pinned_operator = it.to_operator.clone();
        });
    }

    /// Back in the queue; after a no-show not to be called for a while.
    pub(super) fn came_back(&mut self, id: TicketId, at: DateTime<Utc>, place: Place, returns: u8) {
        let lock_out = self.settings.as_ref().map(|it| seconds(it.calling.return_lock_out_s));
        self.queued(id, at, place, |ticket| {
            if returns > ticket.returns {
                ticket.locked_until = lock_out.map(|span| at + span);
            }
            ticket.returns = returns;
        });
    }

    /// Waiting again, or for the first time: its window is free, its calls are forgotten, its pins end.
    pub(super) fn queued(
        &mut self,
        id: TicketId,
        at: DateTime<Utc>,
        place: Place,
        also: impl FnOnce(&mut Ticket),
    ) {
        self.leave(id, |ticket| {
            ticket.put(place, at);
            ticket.attempts = 0;
            ticket.unpin();
            also(ticket);
            TicketState::Waiting { since: at }
        });
    }

    pub(super) fn closed(&mut self, id: TicketId, at: DateTime<Utc>, outcome: Outcome) {
        self.leave(id, |_| TicketState::Closed { outcome, at });
        if self.tickets.get(&id).is_some_and(|it| !it.is_open()) {
            self.open_tickets.remove(&id);
        }
    }

    /// Changes a ticket that is still open.
    pub(super) fn change(&mut self, id: TicketId, change: impl FnOnce(&mut Ticket)) {
        if let Some(ticket) = self.tickets.get_mut(&id).filter(|it| it.is_open()) {
            change(ticket);
        }
    }

    /// Moves a ticket away from its window, if it was at one.
    pub(super) fn leave(&mut self, id: TicketId, state: impl FnOnce(&mut Ticket) -> TicketState) {
        let Some(ticket) = self.tickets.get_mut(&id).filter(|it| it.is_open()) else { return };
        let held = ticket.state.window().cloned();
        ticket.state = state(ticket);
        if let Some(window) = held.and_then(|held| self.windows.get_mut(&held))
            && window.ticket == Some(id)
        {
            window.ticket = None;
        }
    }

    /// Puts a ticket at a window. Imported history may name none; then the one it was at, or an empty name.
    pub(super) fn hold(
        &mut self,
        id: TicketId,
        window: Option<WindowId>,
        operator: Option<OperatorId>,
        state: impl FnOnce(&mut Ticket, WindowId) -> TicketState,
    ) {
        let held = self.tickets.get(&id).and_then(|it| it.state.window().cloned());
        let nowhere = || WindowId::trusted("");
        let target = window.clone().or(held).unwrap_or_else(nowhere);
        self.leave(id, |ticket| {
            ticket.window = window.or_else(|| ticket.window.take());
            ticket.operator = operator.or_else(|| ticket.operator.take());
            state(ticket, target.clone())
        });
        if self.tickets.get(&id).is_some_and(|it| it.state.window() == Some(&target)) {
            self.hold_at(&target, Some(id));
        }
    }

    /// The pins a ticket keeps when it is called or waits again: its own, or those of the pool it was parked in.
    pub(super) fn pins_of(&self, id: TicketId) -> (Option<WindowId>, Option<OperatorId>) {
        use crate::queue_day::event::Pool;
        let Some(ticket) = self.tickets.get(&id) else { return (None, None) };
        match &ticket.state {
            TicketState::Parked { pool: Pool::Window, window, .. } => (Some(window.clone()), None),
            TicketState::Parked { pool: Pool::Operator, operator, .. } => (None, operator.clone()),
            TicketState::Parked { pool: Pool::Branch, .. } => (None, None),
            TicketState::Expected
            | TicketState::Waiting { .. }
            | TicketState::Called { .. }
            | TicketState::Serving { .. }
            | TicketState::NoShow { .. }
            | TicketState::Closed { .. } => (ticket.pinned_window.clone(), ticket.pinned_operator.clone()),
        }
    }
}

impl Ticket {
    /// A place that is not yet due starts its warnings anew.
    pub(super) fn put(&mut self, place: Place, at: DateTime<Utc>) {
        self.place = place;
        if place.due_at > at {
            self.escalation = 0;
            self.acknowledged = 0;
        }
    }

    pub(super) fn unpin(&mut self) {
        self.pinned_window = None;
        self.pinned_operator = None;
    }

    pub(super) fn replace_current(&mut self, service: &ServiceId) {
        match self.services.first_mut() {
            Some(current) => *current = service.clone(),
            None => self.services.push(service.clone()),
        }
    }

    /// The current service is done; this one follows.
    fn go_on_with(&mut self, service: &ServiceId) {
        if self.services.len() > 1 {
            self.services.remove(0);
        }
        self.replace_current(service);
    }
}

pub(super) fn whole_seconds(from: DateTime<Utc>, to: DateTime<Utc>) -> u64 {
    u64::try_from((to - from).num_seconds()).unwrap_or_default()
}
