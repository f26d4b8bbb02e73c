//! Customers are invited to a window, again, or not any more.

use chrono::{DateTime, Utc};

use super::{
    QueueDay,
    decide::{Asked, Decided, known_reason, one},
    event::{
        CallMode, CallRevoked, Decision, Pool, RevokeReason, TicketCalled, TicketNoShow, TicketRecalled,
    },
    ticket::{Ticket, TicketState},
    window::Window,
};
use crate::{
    ids::{ReasonCode, TicketId, WindowId},
    queue_order::{self, Nobody},
    refusal::Refusal,
    settings::{CallingRules, DaySettings},
    time::seconds,
};

impl QueueDay {
    pub(super) fn call_next(&self, asked: &Asked<'_>, window: &WindowId) -> Decided {
        self.running()?;
        let window = self.free_window(asked, window)?;
        match queue_order::choose(self, window, asked.at) {
            Ok((ticket, decision)) => one(called(window, ticket, CallMode::Next, decision)),
            Err(Nobody::Waits) => Err(Refusal::NobodyWaiting),
            Err(Nobody::ButReserved) => Err(Refusal::ReservedForBooking),
        }
    }

    /// Whoever is not the first, not pinned here and not parked here needs a reason to be called.
    pub(super) fn call_ticket(
        &self,
        asked: &Asked<'_>,
        window: &WindowId,
        id: TicketId,
        reason: Option<&ReasonCode>,
    ) -> Decided {
        let settings = self.running()?;
        let ticket = self.ticket(id)?;
        let window = self.free_window(asked, window)?;
        let direct = self.may_be_called_to(ticket, window, asked.at)?;
        if !ticket.service().is_some_and(|it| window.gives(it)) {
            let service = ticket.current()?.clone();
            return Err(Refusal::ServiceNotGiven { service, window: window.id.clone() });
        }
        let first = queue_order::choose(self, window, asked.at).ok().filter(|(first, _)| *first == id);
        if let Some((_, decision)) = first {
            return one(called(window, id, CallMode::Next, decision));
        }
        let mode = if direct { CallMode::Direct } else { CallMode::Picked };
        if mode == CallMode::Picked && reason.is_none() {
            return Err(Refusal::ReasonRequired);
        }
        if let Some(code) = reason {
            known_reason(&settings.reasons.pick, code)?;
        }
        let mut decision =
            queue_order::decision_for(self, ticket, window, asked.at).ok_or(Refusal::DayNotOpen)?;
        decision.reason_code = reason.cloned();
        one(called(window, id, mode, decision))
    }

    pub(super) fn recall(&self, asked: &Asked<'_>, id: TicketId) -> Decided {
        let rules = &self.running()?.calling;
        let ticket = self.ticket(id)?;
        let (window, _, last_call_at) = called_at(ticket)?;
        self.own_window(asked, window)?;
        if ticket.attempts >= rules.max_calls {
            return Err(Refusal::TooManyCalls { max: rules.max_calls });
        }
        let wait_s = seconds_until(last_call_at + seconds(rules.between_calls_s), asked.at);
        if wait_s > 0 {
            return Err(Refusal::RecallTooEarly { wait_s });
        }
        one(TicketRecalled { ticket: id, window: window.clone(), attempt: ticket.attempts + 1 })
    }

    pub(super) fn revoke_call(&self, asked: &Asked<'_>, id: TicketId, reason: RevokeReason) -> Decided {
        self.running()?;
        let (window, _, _) = called_at(self.ticket(id)?)?;
        self.own_window(asked, window)?;
        one(CallRevoked { ticket: id, window: window.clone(), reason })
    }

    pub(super) fn mark_no_show(&self, asked: &Asked<'_>, id: TicketId) -> Decided {
        let settings = self.running()?;
        let rules = &settings.calling;
        let ticket = self.ticket(id)?;
        let (window, first_call_at, _) = called_at(ticket)?;
        self.own_window(asked, window)?;
        let calls_missing = rules.no_show_after_calls.saturating_sub(ticket.attempts);
        let wait_s = seconds_until(first_call_at + seconds(rules.no_show_after_s), asked.at);
        if calls_missing > 0 || wait_s > 0 {
            return Err(Refusal::NoShowTooEarly { calls_missing, wait_s });
        }
        one(did_not_come(settings, ticket, false, asked.at))
    }

    /// A window of this actor that could invite somebody now.
    fn free_window(&self, asked: &Asked<'_>, id: &WindowId) -> Result<&Window, Refusal> {
        let window = self.own_window(asked, id)?;
        if window.pause.is_some() {
            return Err(Refusal::WindowPaused { window: id.clone() });
        }
        match window.ticket {
            Some(ticket) => Err(Refusal::WindowBusy { window: id.clone(), number: self.number_of(ticket) }),
            None => Ok(window),
        }
    }

    /// Whether the ticket belongs to this window in particular; an error when it belongs to another.
    fn may_be_called_to(
        &self,
        ticket: &Ticket,
        window: &Window,
        now: DateTime<Utc>,
    ) -> Result<bool, Refusal> {
        let elsewhere = || Refusal::PinnedElsewhere { number: ticket.number.clone() };
        match &ticket.state {
            TicketState::Waiting { .. } => match queue_order::pin(self, ticket, window, now) {
                queue_order::Pin::Elsewhere => Err(elsewhere()),
                queue_order::Pin::Here => Ok(true),
                queue_order::Pin::None => Ok(false),
            },
            TicketState::Parked { pool, window: parked_at, operator, .. } => {
                if self.pool_serves(*pool, parked_at, operator.as_ref(), window) {
                    Ok(true)
                } else {
                    Err(elsewhere())
                }
            }
            TicketState::Called { window, .. } => {
                Err(Refusal::AlreadyCalled { number: ticket.number.clone(), window: window.clone() })
            }
            TicketState::Expected
            | TicketState::Serving { .. }
            | TicketState::NoShow { .. }
            | TicketState::Closed { .. } => Err(ticket.not_now()),
        }
    }

    /// Whether this window may take up what was parked in that pool. A pool whose window or operator left is anyone's.
    pub(super) fn pool_serves(
        &self,
        pool: Pool,
        parked_at: &WindowId,
        operator: Option<&crate::ids::OperatorId>,
        window: &Window,
    ) -> bool {
        match pool {
            Pool::Branch => true,
            Pool::Window => window.id == *parked_at || !self.windows.contains_key(parked_at),
            Pool::Operator => match operator {
                Some(owner) => {
                    window.operator == *owner || !self.windows.values().any(|it| it.operator == *owner)
                }
                None => true,
            },
        }
    }
}

fn called(window: &Window, ticket: TicketId, mode: CallMode, decision: Decision) -> TicketCalled {
    TicketCalled {
        ticket,
        window: Some(window.id.clone()),
        operator: Some(window.operator.clone()),
        attempt: 1,
        mode,
        decision: Some(decision),
    }
}

/// The window, the first call and the last call of a ticket that is being called.
pub(super) fn called_at(ticket: &Ticket) -> Result<(&WindowId, DateTime<Utc>, DateTime<Utc>), Refusal> {
    match &ticket.state {
        TicketState::Called { window, called_at, last_call_at } => Ok((window, *called_at, *last_call_at)),
        TicketState::Expected
        | TicketState::Waiting { .. }
        | TicketState::Serving { .. }
        | TicketState::Parked { .. }
        | TicketState::NoShow { .. }
        | TicketState::Closed { .. } => Err(ticket.not_now()),
    }
}

pub(super) fn did_not_come(
    settings: &DaySettings,
    ticket: &Ticket,
    automatic: bool,
    now: DateTime<Utc>,
) -> TicketNoShow {
    TicketNoShow {
        ticket: ticket.id,
        attempts: ticket.attempts,
        automatic,
        grace_until: now + seconds(settings.calling.grace_s),
    }
}

/// When the day itself says that nobody came, after the last call that is allowed.
pub(super) fn gives_up_at(
    rules: &CallingRules,
    attempts: u8,
    last_call_at: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    (rules.automatic_no_show && attempts >= rules.max_calls)
        .then(|| last_call_at + seconds(rules.no_show_after_s))
}

/// Whole seconds still missing, rounded up; 0 when the instant was reached.
fn seconds_until(instant: DateTime<Utc>, now: DateTime<Utc>) -> u32 {
    let millis = crate::time::millis_between(now, instant);
    u32::try_from((millis.max(0) + 999) / 1000).unwrap_or(u32::MAX)
}
