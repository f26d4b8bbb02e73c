//! What is done at a window: services started, added, switched, completed, refused.

use super::{
    QueueDay,
    calls::called_at,
    decide::{Asked, Decided, known_reason, one},
    event::{NextService, ServiceAdded, ServiceCompleted, ServiceRefused, ServiceStarted, ServiceSwitched},
    place::Standing,
    ticket::{Ticket, TicketState},
    window::Window,
};
use crate::{
    ids::{ReasonCode, ServiceId, TicketId, WindowId},
    refusal::Refusal,
    settings::DaySettings,
};

/// A visit that grows past this is a mistake.
const MOST_SERVICES: usize = 20;

impl QueueDay {
    pub(super) fn start_service(&self, asked: &Asked<'_>, id: TicketId) -> Decided {
        self.running()?;
        let ticket = self.ticket(id)?;
        let (window, _, _) = called_at(ticket)?;
        let window = self.own_window(asked, window)?;
        one(ServiceStarted {
            ticket: id,
            service: ticket.current()?.clone(),
            window: Some(window.id.clone()),
            operator: Some(window.operator.clone()),
        })
    }

    pub(super) fn add_service(
        &self,
        asked: &Asked<'_>,
        id: TicketId,
        service: &ServiceId,
        quantity: u16,
    ) -> Decided {
        let settings = self.running()?;
        let ticket = self.ticket(id)?;
        self.own_window(asked, served_at(ticket)?)?;
        known(settings, service)?;
        counted(quantity)?;
        if ticket.services.len() >= MOST_SERVICES {
            return Err(Refusal::Malformed { what: "services" });
        }
        one(ServiceAdded { ticket: id, service: service.clone(), quantity })
    }

    /// What this window does not give is a transfer, not a switch.
    pub(super) fn switch_service(
        &self,
        asked: &Asked<'_>,
        id: TicketId,
        service: &ServiceId,
        quantity: u16,
    ) -> Decided {
        let settings = self.running()?;
        let ticket = self.ticket(id)?;
        let window = self.own_window(asked, served_at(ticket)?)?;
        known(settings, service)?;
        counted(quantity)?;
        if !window.gives(service) {
            return Err(Refusal::ServiceNotGiven { service: service.clone(), window: window.id.clone() });
        }
        one(ServiceSwitched {
            ticket: id,
            from_service: ticket.current()?.clone(),
            service: service.clone(),
            quantity,
        })
    }

    /// The next service of the visit goes on at once where this window gives it, else it waits with the old reference.
    pub(super) fn complete_service(
        &self,
        asked: &Asked<'_>,
        id: TicketId,
        outcome: Option<&ReasonCode>,
        quantity: u16,
    ) -> Decided {
        let settings = self.running()?;
        let ticket = self.ticket(id)?;
        let window = self.own_window(asked, served_at(ticket)?)?;
        counted(quantity)?;
        if let Some(code) = outcome {
            known_reason(&settings.reasons.outcome, code)?;
        }
        one(ServiceCompleted {
            ticket: id,
            service: ticket.current()?.clone(),
            quantity,
            outcome_code: outcome.cloned(),
            next: ticket.services.get(1).map(|service| next_service(settings, ticket, window, service)),
            window: Some(window.id.clone()),
            operator: Some(window.operator.clone()),
        })
    }

    pub(super) fn refuse_service(&self, asked: &Asked<'_>, id: TicketId, reason: &ReasonCode) -> Decided {
        let settings = self.running()?;
        let window = self.own_window(asked, held_at(self.ticket(id)?)?)?;
        known_reason(&settings.reasons.refuse, reason)?;
        one(ServiceRefused {
            ticket: id,
            reason_code: reason.clone(),
            window: Some(window.id.clone()),
            operator: Some(window.operator.clone()),
        })
    }
}

fn next_service(
    settings: &DaySettings,
    ticket: &Ticket,
    window: &Window,
    service: &ServiceId,
) -> NextService {
    if window.gives(service) {
        NextService::Here { service: service.clone() }
    } else {
        let place = Standing::of(ticket, service).place_from(settings, ticket.place.reference);
        NextService::Queued { service: service.clone(), place }
    }
}

/// The window of a ticket that is being served.
fn served_at(ticket: &Ticket) -> Result<&WindowId, Refusal> {
    match &ticket.state {
        TicketState::Serving { window, .. } => Ok(window),
        TicketState::Expected
        | TicketState::Waiting { .. }
        | TicketState::Called { .. }
        | TicketState::Parked { .. }
        | TicketState::NoShow { .. }
        | TicketState::Closed { .. } => Err(ticket.not_now()),
    }
}

/// The window of a ticket that is called or being served.
pub(super) fn held_at(ticket: &Ticket) -> Result<&WindowId, Refusal> {
    ticket.state.window().ok_or_else(|| ticket.not_now())
}

pub(super) fn known(settings: &DaySettings, service: &ServiceId) -> Result<(), Refusal> {
    match settings.service(service) {
        Some(_) => Ok(()),
        None => Err(Refusal::UnknownService { service: service.clone() }),
    }
}

fn counted(quantity: u16) -> Result<(), Refusal> {
    if quantity == 0 { Err(Refusal::Malformed { what: "quantity" }) } else { Ok(()) }
}
