//! A ticket's row after one more fact: pure, and the same however the facts arrive. Odd history leaves odd rows, never
//! an error: it already happened.

use chrono::{DateTime, Utc};
use talon_core::{
    fact::Fact,
    ids::OperatorId,
    queue_day::event::{ActionUndone, CLOSE_OVERDUE, NextService, Place, RestoredState, TicketIssued},
    queue_event::QueueEvent,
    time::millis_between,
};

use crate::subject::hall_of;

use super::row::{Given, GivenEnd, GivenList, Services, TicketRow, channel_name};

/// The row of a ticket just issued; absent when the fact is of no branch and no day.
pub(super) fn issue(fact: &Fact, it: &TicketIssued) -> Option<TicketRow> {
    let (branch, business_day) = hall_of(fact)?;
    let service = it.services.first().map(ToString::to_string).unwrap_or_default();
    let quote = it.quote.as_ref();
    let source = fact.meta.source.as_ref();
    let waits = !it.remote;
    Some(TicketRow {
        ticket_id: it.ticket.0,
        branch: branch.to_string(),
        business_day,
        time_zone: zone(fact),
        number: it.number.clone(),
        letter: it.letter.map(String::from),
        seq: it.seq.map(i64::from),
        class: it.class.to_string(),
        channel: channel_name(it.channel).into(),
        party_size: it.party_size.into(),
        language: it.language.clone(),
        booking_id: it.booking_id,
        services: Services(it.services.iter().map(ToString::to_string).collect()),
        service,
        state: if waits { "WAITING" } else { "EXPECTED" }.into(),
        outcome: None,
        reason_code: None,
        window_id: None,
        operator_id: None,
        called_service: None,
        called_operator: None,
        calls: 0,
        recalls: 0,
        transfers: 0,
        parks: 0,
        returns: 0,
        no_shows: 0,
        escalation: 0,
        issued_at: fact.occurred_at,
        arrived_at: None,
        reference: it.place.reference,
        due_at: it.place.due_at,
        called_at: None,
        started_at: None,
        no_show_at: None,
        ended_at: None,
        waiting_since: waits.then_some(fact.occurred_at),
        call_at: None,
        serving_since: None,
        wait_ms: None,
        way_ms: None,
        service_ms: None,
        given: GivenList::default(),
        quote_p50_s: quote.map(|it| it.p50_s.into()),
        quote_p80_s: quote.map(|it| it.p80_s.into()),
        quote_model: quote.map(|it| it.model.clone()),
        quote_ahead: quote.map(|it| it.ahead.into()),
        quote_windows: quote.map(|it| it.windows.into()),
        data_set: source.map(|it| it.data_set.clone()),
        external_id: source.map(|it| it.external_id.clone()),
        source_branch: source.map(|it| it.branch.clone()),
        source_service: source.map(|it| it.service.clone()),
        source_operator: source.and_then(|it| it.operator.clone()),
        source_queue: source.map(|it| it.queue.clone()),
        source_priority: source.map(|it| it.priority.clone()),
        position: 0,
    })
}

/// The zone whose hours a fact is counted in.
pub(crate) fn zone(fact: &Fact) -> String {
    fact.meta.time_zone.clone().unwrap_or_else(|| "UTC".into())
}

impl TicketRow {
    /// Takes in a fact about this ticket; one that is in the row already changes nothing.
    pub(super) fn fold(&mut self, fact: &Fact, event: &QueueEvent) {
        let position = i64::try_from(fact.position).unwrap_or(i64::MAX);
        if position <= self.position {
            return;
        }
        self.position = position;
        if let Some(source) = &fact.meta.source
            && source.operator.is_some()
        {
            self.source_operator.clone_from(&source.operator);
        }
        self.step(event, fact.occurred_at);
        self.settle();
    }

    /// Its window was taken over by another operator while it stood there.
    pub(super) fn passed_to(&mut self, operator: &OperatorId, position: i64) {
        self.operator_id = Some(operator.to_string());
        self.position = position;
    }

    fn step(&mut self, event: &QueueEvent, at: DateTime<Utc>) {
        use QueueEvent as E;
        match event {
            E::TicketArrived(it) => {
                self.arrived_at = Some(at);
                self.wait(at, it.place);
            }
            E::TicketReprioritised(it) => {
                self.class = it.new_class.to_string();
                self.due_at = it.due_at;
            }
            E::TicketCalled(it) => {
                self.at_window(it.window.as_ref(), it.operator.as_ref());
                self.called(at);
            }
            E::TicketRecalled(_) => self.recalls += 1,
            E::CallRevoked(_) => self.revoked(),
            E::ServiceStarted(it) => {
                self.at_window(it.window.as_ref(), it.operator.as_ref());
                self.service = it.service.to_string();
                self.state = "SERVING".into();
                self.serving_since = Some(at);
            }
            E::ServiceAdded(it) => self.services.0.push(it.service.to_string()),
            E::ServiceSwitched(it) => self.service = it.service.to_string(),
            E::ServiceCompleted(it) => {
                self.at_window(it.window.as_ref(), it.operator.as_ref());
                let code = it.outcome_code.as_ref().map(ToString::to_string);
                self.stop(at, GivenEnd::Completed, it.quantity, code.clone());
                self.reason_code = code;
                match &it.next {
                    None => self.end("COMPLETED", "served", at),
                    Some(NextService::Here { service }) => {
                        self.service = service.to_string();
                        self.serving_since = Some(at);
                        self.call_at = None;
                    }
                    Some(NextService::Queued { service, place }) => {
                        self.service = service.to_string();
                        self.wait(at, *place);
                    }
                }
            }
            E::TicketParked(it) => {
                self.at_window(Some(&it.window), it.operator.as_ref());
                self.stop(at, GivenEnd::Parked, 1, None);
                self.state = "PARKED".into();
                self.call_at = None;
                self.parks += 1;
            }
            E::TicketUnparked(it) => self.wait(at, it.place),
            E::TicketReturned(it) => {
                self.stop(at, GivenEnd::Returned, 1, None);
                self.returns = it.returns.into();
                self.wait(at, it.place);
            }
            E::TicketTransferred(it) => {
                self.stop(at, GivenEnd::Transferred, 1, None);
                self.service = it.to_service.to_string();
                self.transfers += 1;
                self.wait(at, it.place);
            }
            E::TicketNoShow(_) => {
                self.no_shows += 1;
                self.no_show_at = Some(at);
                self.call_at = None;
                self.end("NO_SHOW", "no_show", at);
            }
            E::TicketReactivated(it) => {
                self.returns = it.returns.into();
                self.wait(at, it.place);
            }
            E::ServiceRefused(it) => {
                self.at_window(it.window.as_ref(), it.operator.as_ref());
                self.stop(at, GivenEnd::Refused, 1, None);
                self.reason_code = Some(it.reason_code.to_string());
                self.end("REFUSED", "refused", at);
            }
            E::TicketCancelled(it) => {
                self.stop(at, GivenEnd::Cancelled, 1, None);
                self.reason_code = Some(it.reason_code.to_string());
                self.end("CANCELLED", "cancelled", at);
            }
            E::TicketAbandoned(_) => self.end_unseen("ABANDONED", "abandoned", at),
            E::TicketExpired(_) => self.end_unseen("EXPIRED", "expired", at),
            E::ActionUndone(it) => self.undo(it),
            E::LongWaitDetected(it) => self.escalation = self.escalation.max(it.level.into()),
            E::CloseOverdue(_) => self.escalation = self.escalation.max(CLOSE_OVERDUE.into()),
            // Known already, or of no ticket, or not for this table.
            E::TicketIssued(_)
            | E::TicketNoteAdded(_)
            | E::AlertAcknowledged(_)
            | E::BusinessDayOpened(_)
            | E::SettingsAdopted(_)
            | E::SkillsAdopted(_)
            | E::IntakePaused(_)
            | E::IntakeResumed(_)
            | E::BusinessDayClosed(_)
            | E::WindowOpened(_)
            | E::WindowTakenOver(_)
            | E::WindowServiceEnabled(_)
            | E::WindowServiceDisabled(_)
            | E::WindowPaused(_)
            | E::WindowResumed(_)
            | E::WindowClosed(_) => {}
        }
    }

    fn at_window(&mut self, window: Option<&impl ToString>, operator: Option<&impl ToString>) {
        if let Some(window) = window {
            self.window_id = Some(window.to_string());
        }
        if let Some(operator) = operator {
            self.operator_id = Some(operator.to_string());
        }
    }

    fn called(&mut self, at: DateTime<Utc>) {
        self.state = "CALLED".into();
        self.calls += 1;
        self.call_at = Some(at);
        if self.called_at.is_none() {
            self.called_at = Some(at);
            self.called_service = Some(self.service.clone());
            self.called_operator.clone_from(&self.operator_id);
            self.wait_ms = Some(self.waited(at));
        }
    }

    fn revoked(&mut self) {
        self.state = "WAITING".into();
        self.calls -= 1;
        self.call_at = None;
        if self.calls <= 0 {
            self.called_at = None;
            self.called_service = None;
            self.called_operator = None;
            self.wait_ms = None;
        }
    }

    fn wait(&mut self, at: DateTime<Utc>, place: Place) {
        self.state = "WAITING".into();
        self.outcome = None;
        self.ended_at = None;
        self.reference = place.reference;
        self.due_at = place.due_at;
        self.waiting_since = Some(at);
        self.call_at = None;
    }

    /// Ends the present service, when there is one.
    fn stop(&mut self, at: DateTime<Utc>, end: GivenEnd, quantity: u16, outcome_code: Option<String>) {
        let Some(started) = self.serving_since.take() else { return };
        self.given.0.push(Given {
            service: self.service.clone(),
            window: self.window_id.clone(),
            operator: self.operator_id.clone(),
            called_at: self.call_at.map(|it| it.timestamp_micros()),
            started_at: started.timestamp_micros(),
            ended_at: at.timestamp_micros(),
            quantity,
            end,
            outcome_code,
        });
    }

    fn end(&mut self, state: &str, outcome: &str, at: DateTime<Utc>) {
        self.state = state.into();
        self.outcome = Some(outcome.into());
        self.ended_at = Some(at);
    }

    /// Nobody came back or was there: after a call in vain it stays a no-show.
    fn end_unseen(&mut self, state: &str, outcome: &str, at: DateTime<Utc>) {
        let was_called_in_vain = self.state == "NO_SHOW";
        if self.called_at.is_none() {
            self.wait_ms = Some(self.waited(at));
        }
        self.end(state, if was_called_in_vain { "no_show" } else { outcome }, at);
    }

    fn waited(&self, until: DateTime<Utc>) -> i64 {
        millis_between(self.arrived_at.unwrap_or(self.issued_at), until)
    }

    /// The row says what stands: what the step had added is taken out again.
    fn undo(&mut self, it: &ActionUndone) {
        let Some(restored) = &it.restored.ticket else { return };
        match it.kind.as_str() {
            "ticket.parked" => self.parks -= 1,
            "ticket.transferred" => self.transfers -= 1,
            "ticket.no_show" => self.no_shows -= 1,
            _ => {}
        }
        self.class = restored.class.to_string();
        if let Some(service) = restored.services.first() {
            self.service = service.to_string();
        }
        self.reference = restored.place.reference;
        self.due_at = restored.place.due_at;
        self.returns = restored.returns.into();
        self.outcome = None;
        self.ended_at = None;
        self.serving_since = None;
        match &restored.state {
            RestoredState::Waiting => self.state = "WAITING".into(),
            RestoredState::Called { window, called_at, .. } => {
                self.state = "CALLED".into();
                self.window_id = Some(window.to_string());
                self.call_at = Some(*called_at);
            }
            RestoredState::Serving { window, called_at, started_at } => {
                self.state = "SERVING".into();
                self.window_id = Some(window.to_string());
                self.serving_since = Some(*started_at);
                self.call_at = Some(*called_at);
                // The undone step had ended this very service.
                if let Some(ended) = self.given.0.pop() {
                    self.call_at = ended.called_at.and_then(DateTime::from_timestamp_micros);
                    self.operator_id = ended.operator;
                }
            }
            RestoredState::Parked { window, operator, .. } => {
                self.state = "PARKED".into();
                self.window_id = Some(window.to_string());
                self.operator_id = operator.as_ref().map(ToString::to_string).or(self.operator_id.take());
            }
            RestoredState::NoShow { .. } => {
                self.state = "NO_SHOW".into();
                self.outcome = Some("no_show".into());
                self.ended_at = self.no_show_at;
            }
        }
        self.reason_code = self.given.0.last().and_then(|it| it.outcome_code.clone());
    }

    /// What follows from the rest of the row.
    fn settle(&mut self) {
        let serving = self.serving_since.map(|it| it.timestamp_micros());
        let started = self.given.0.first().map(|it| it.started_at).or(serving);
        self.started_at = started.and_then(DateTime::from_timestamp_micros);
        let ways = self.given.0.iter().filter_map(|it| Some((it.started_at - it.called_at?) / 1_000));
        let way =
            serving.zip(self.call_at).map(|(started, called)| (started - called.timestamp_micros()) / 1_000);
        self.way_ms = ways.chain(way).reduce(|a, b| a + b);
        self.service_ms = self.given.0.iter().map(Given::ms).reduce(|a, b| a + b);
    }
}

impl Given {
    /// How long it took, in milliseconds.
    #[must_use]
    pub fn ms(&self) -> i64 {
        (self.ended_at - self.started_at) / 1_000
    }
}
