//! Tickets leave a window without being served, wait elsewhere, change their class, or go.

use chrono::{DateTime, Utc};

use super::{
    QueueDay,
    command::TransferTicket,
    decide::{Asked, Decided, known_reason, one},
    event::{
        AlertAcknowledged, CancelledBy, Placement, Pool, TicketCancelled, TicketNoteAdded, TicketParked,
        TicketReactivated, TicketReprioritised, TicketReturned, TicketTransferred, TicketUnparked,
    },
    place::Standing,
    services::{held_at, known},
    ticket::{Ticket, TicketState},
};
use crate::{
    ids::{ClassId, OperatorId, ReasonCode, ServiceId, TicketId},
    refusal::Refusal,
    sealed::Sealed,
};

impl QueueDay {
    pub(super) fn park(
        &self,
        asked: &Asked<'_>,
        id: TicketId,
        reason: &ReasonCode,
        pool: Pool,
        resume_by: Option<DateTime<Utc>>,
    ) -> Decided {
        let settings = self.running()?;
        let window = self.own_window(asked, held_at(self.ticket(id)?)?)?;
        known_reason(&settings.reasons.park, reason)?;
        in_future(resume_by, asked.at, "resumeBy")?;
        one(TicketParked {
            ticket: id,
            reason_code: reason.clone(),
            pool,
            window: window.id.clone(),
            operator: Some(window.operator.clone()),
            resume_by,
        })
    }

    pub(super) fn unpark(&self, asked: &Asked<'_>, id: TicketId) -> Decided {
        self.running()?;
        let ticket = self.ticket(id)?;
        self.may_take_up(asked, ticket)?;
        one(TicketUnparked { ticket: id, place: ticket.place })
    }

    pub(super) fn return_to_queue(
        &self,
        asked: &Asked<'_>,
        id: TicketId,
        placement: Placement,
        not_before: Option<DateTime<Utc>>,
    ) -> Decided {
        let settings = self.running()?;
        let ticket = self.ticket(id)?;
        let returns = match &ticket.state {
            TicketState::Called { window, .. } | TicketState::Serving { window, .. } => {
                self.own_window(asked, window)?;
                ticket.returns
            }
            TicketState::NoShow { grace_until, .. } => after_no_show(ticket, *grace_until, asked.at)?,
            TicketState::Expected
            | TicketState::Waiting { .. }
            | TicketState::Parked { .. }
            | TicketState::Closed { .. } => return Err(ticket.not_now()),
        };
        in_future(not_before, asked.at, "notBefore")?;
        let standing = Standing { returns, ..Standing::of(ticket, ticket.current()?) };
        let place = self.placed(settings, &standing, placement, asked.at)?;
        one(TicketReturned { ticket: id, placement, not_before, returns, place })
    }

    pub(super) fn reactivate(&self, asked: &Asked<'_>, id: TicketId, placement: Placement) -> Decided {
        let settings = self.running()?;
        let ticket = self.ticket(id)?;
        let returns = match &ticket.state {
            TicketState::NoShow { grace_until, .. } => after_no_show(ticket, *grace_until, asked.at)?,
            TicketState::Expected
            | TicketState::Waiting { .. }
            | TicketState::Called { .. }
            | TicketState::Serving { .. }
            | TicketState::Parked { .. }
            | TicketState::Closed { .. } => return Err(ticket.not_now()),
        };
        let standing = Standing { returns, ..Standing::of(ticket, ticket.current()?) };
        let place = self.placed(settings, &standing, placement, asked.at)?;
        one(TicketReactivated { ticket: id, placement, returns, place })
    }

    pub(super) fn transfer(&self, asked: &Asked<'_>, it: &TransferTicket) -> Decided {
        let settings = self.running()?;
        let ticket = self.ticket(it.ticket)?;
        match &ticket.state {
            TicketState::Called { window, .. } | TicketState::Serving { window, .. } => {
                self.own_window(asked, window)?;
            }
            TicketState::Parked { .. } => self.may_take_up(asked, ticket)?,
            TicketState::Expected
            | TicketState::Waiting { .. }
            | TicketState::NoShow { .. }
            | TicketState::Closed { .. } => return Err(ticket.not_now()),
        }
        if it.to_service.is_none() && it.to_window.is_none() && it.to_operator.is_none() {
            return Err(Refusal::TransferNowhere);
        }
        let from_service = ticket.current()?;
        let to_service = it.to_service.as_ref().unwrap_or(from_service);
        if it.to_service.is_some() {
            known(settings, to_service)?;
        }
        self.somebody_gives(it, to_service)?;
        let standing = Standing::of(ticket, to_service);
        let placement = it.placement.unwrap_or(Placement::Original);
        one(TicketTransferred {
            ticket: it.ticket,
            from_service: from_service.clone(),
            to_service: to_service.clone(),
            to_window: it.to_window.clone(),
            to_operator: it.to_operator.clone(),
            place: self.placed(settings, &standing, placement, asked.at)?,
        })
    }

    pub(super) fn reprioritise(&self, id: TicketId, class: &ClassId, reason: &ReasonCode) -> Decided {
        let settings = self.running()?;
        let ticket = self.ticket(id)?;
        match &ticket.state {
            TicketState::Waiting { .. } | TicketState::Parked { .. } => {}
            TicketState::Expected
            | TicketState::Called { .. }
            | TicketState::Serving { .. }
            | TicketState::NoShow { .. }
            | TicketState::Closed { .. } => return Err(ticket.not_now()),
        }
        let known_class =
            settings.class(class).ok_or_else(|| Refusal::UnknownClass { class: class.clone() })?;
        let grounds = [settings.reasons.priority.as_slice(), known_class.reasons.as_slice()].concat();
        known_reason(&grounds, reason)?;
        let standing = Standing { class, ..Standing::of(ticket, ticket.current()?) };
        one(TicketReprioritised {
            ticket: id,
            old_class: ticket.class.clone(),
            new_class: class.clone(),
            due_at: standing.place_from(settings, ticket.place.reference).due_at,
            reason_code: reason.clone(),
        })
    }

    pub(super) fn cancel(&self, id: TicketId, by: CancelledBy, reason: &ReasonCode) -> Decided {
        let settings = self.running()?;
        let ticket = self.ticket(id)?;
        if !ticket.is_open() {
            return Err(ticket.not_now());
        }
        known_reason(&settings.reasons.cancel, reason)?;
        one(TicketCancelled { ticket: id, by, reason_code: reason.clone() })
    }

    pub(super) fn add_note(&self, id: TicketId, note: &Sealed) -> Decided {
        self.running()?;
        let ticket = self.ticket(id)?;
        if !ticket.is_open() {
            return Err(ticket.not_now());
        }
        one(TicketNoteAdded { ticket: id, note: note.clone() })
    }

    pub(super) fn acknowledge(&self, asked: &Asked<'_>, id: TicketId, level: u8) -> Decided {
        self.running()?;
        let ticket = self.ticket(id)?;
        if !ticket.is_open() || level == 0 || level > ticket.escalation || level <= ticket.acknowledged {
            return Err(Refusal::NoSuchAlert);
        }
        let by = OperatorId::trusted(&asked.actor.id);
        one(AlertAcknowledged { ticket: id, level, by })
    }

    /// Whether this actor may take up a parked ticket: whose pool it is, or a head.
    fn may_take_up(&self, asked: &Asked<'_>, ticket: &Ticket) -> Result<(), Refusal> {
        let own = self.windows.values().find(|it| asked.is_at(it));
        let serves = match &ticket.state {
            TicketState::Parked { window, operator, pool, .. } => {
                own.is_some_and(|it| self.pool_serves(*pool, window, operator.as_ref(), it))
            }
            TicketState::Expected
            | TicketState::Waiting { .. }
            | TicketState::Called { .. }
            | TicketState::Serving { .. }
            | TicketState::NoShow { .. }
            | TicketState::Closed { .. } => return Err(ticket.not_now()),
        };
        if serves || asked.supervises() {
            Ok(())
        } else {
            Err(Refusal::PinnedElsewhere { number: ticket.number.clone() })
        }
    }

    /// A ticket is not sent to a window or person who could not give the service.
    fn somebody_gives(&self, it: &TransferTicket, service: &ServiceId) -> Result<(), Refusal> {
        let target = match (&it.to_window, &it.to_operator) {
            (Some(window), None) => self.staffed(window)?,
            (None, Some(operator)) => self.window_of(operator)?,
            (Some(window), Some(operator)) => {
                let window = self.staffed(window)?;
                if window.operator != *operator {
                    return Err(Refusal::WindowTaken {
                        window: window.id.clone(),
                        operator: window.operator.clone(),
                    });
                }
                window
            }
            (None, None) => return Ok(()),
        };
        if target.gives(service) {
            Ok(())
        } else {
            Err(Refusal::ServiceNotGiven { service: service.clone(), window: target.id.clone() })
        }
    }
}

/// Returns so far with this one, as long as the grace lasts.
fn after_no_show(ticket: &Ticket, grace_until: DateTime<Utc>, now: DateTime<Utc>) -> Result<u8, Refusal> {
    if now >= grace_until {
        Err(Refusal::GraceOver { number: ticket.number.clone() })
    } else {
        Ok(ticket.returns.saturating_add(1))
    }
}

pub(super) fn in_future(
    instant: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    what: &'static str,
) -> Result<(), Refusal> {
    match instant {
        Some(instant) if instant <= now => Err(Refusal::Malformed { what }),
        Some(_) | None => Ok(()),
    }
}
