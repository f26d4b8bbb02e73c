//! Which rule answers which request, and the questions that many rules ask first.

use chrono::{DateTime, Utc};

use super::{
    DayState, QueueDay,
    command::Action,
    ticket::{Ticket, TicketState},
    window::Window,
};
use crate::{
    aggregate::{Aggregate, Happened, Request},
    fact::{Actor, ActorKind},
    ids::{ReasonCode, ServiceId, TicketId, WindowId},
    queue_event::{Event, QueueEvent},
    refusal::Refusal,
    settings::{DaySettings, Reason, lookup},
};

/// What a rule answers: the facts that follow, or its no.
pub(super) type Decided = Result<Vec<Event>, Refusal>;

/// One request as a rule of the day sees it.
pub(super) struct Asked<'a> {
    pub(super) at: DateTime<Utc>,
    pub(super) actor: &'a Actor,
}

pub(super) fn one(event: impl Into<QueueEvent>) -> Decided {
    Ok(vec![fact(event)])
}

pub(super) fn fact(event: impl Into<QueueEvent>) -> Event {
    Event::Queue(event.into())
}

impl Aggregate for QueueDay {
    type Action = Action;

    fn decide(&self, request: &Request<Action>) -> Decided {
        let asked = Asked { at: request.at, actor: &request.actor };
        match &request.action {
            Action::OpenBusinessDay { settings } => self.open_day(settings),
            Action::AdoptSettings { settings } => self.adopt_settings(&asked, settings),
            Action::AdoptSkills { operator, skills } => self.adopt_skills(operator, skills),
            Action::PauseIntake { reason } => self.pause_intake(reason),
            Action::ResumeIntake => self.resume_intake(),
            Action::CloseBusinessDay => self.close_day(),

            Action::OpenWindow(it) => self.open_window(&asked, it),
            Action::TakeOverWindow(it) => self.take_over_window(&asked, it),
            Action::PauseWindow { window, reason, until } => {
                self.pause_window(&asked, window, reason, *until)
            }
            Action::ResumeWindow { window } => self.resume_window(&asked, window),
            Action::CloseWindow { window } => self.close_window(&asked, window),
            Action::SetWindowServices { window, services } => {
                self.set_window_services(&asked, window, services)
            }
            Action::LeaveWindow { window } => self.leave_window(&asked, window),
            Action::SendAway { operator } => self.send_away(&asked, operator),

            Action::IssueTicket(it) => self.issue(&asked, it),
            Action::ArriveTicket { ticket, how } => self.arrive(&asked, *ticket, *how),
            Action::CallNext { window } => self.call_next(&asked, window),
            Action::CallTicket { window, ticket, reason } => {
                self.call_ticket(&asked, window, *ticket, reason.as_ref())
            }
            Action::RecallTicket { ticket } => self.recall(&asked, *ticket),
            Action::RevokeCall { ticket, reason } => self.revoke_call(&asked, *ticket, *reason),
            Action::MarkNoShow { ticket } => self.mark_no_show(&asked, *ticket),

            Action::StartService { ticket } => self.start_service(&asked, *ticket),
            Action::AddService { ticket, service, quantity } => {
                self.add_service(&asked, *ticket, service, *quantity)
            }
            Action::SwitchService { ticket, service, quantity } => {
                self.switch_service(&asked, *ticket, service, *quantity)
            }
            Action::CompleteService { ticket, outcome, quantity } => {
                self.complete_service(&asked, *ticket, outcome.as_ref(), *quantity)
            }
            Action::RefuseService { ticket, reason } => self.refuse_service(&asked, *ticket, reason),

            Action::ParkTicket { ticket, reason, pool, resume_by } => {
                self.park(&asked, *ticket, reason, *pool, *resume_by)
            }
            Action::UnparkTicket { ticket } => self.unpark(&asked, *ticket),
            Action::ReturnTicket { ticket, placement, not_before } => {
                self.return_to_queue(&asked, *ticket, *placement, *not_before)
            }
            Action::ReactivateTicket { ticket, placement } => self.reactivate(&asked, *ticket, *placement),
            Action::TransferTicket(it) => self.transfer(&asked, it),
            Action::ReprioritiseTicket { ticket, class, reason } => self.reprioritise(*ticket, class, reason),
            Action::CancelTicket { ticket, by, reason } => self.cancel(*ticket, *by, reason),
            Action::AddNote { ticket, note } => self.add_note(*ticket, note),
            Action::AcknowledgeAlert { ticket, level } => self.acknowledge(&asked, *ticket, *level),
            Action::UndoAction { event } => self.undo(&asked, *event),
            Action::Due(due) => self.reached(asked.at, due),
        }
    }

    fn evolve(&mut self, happened: Happened<'_>) {
        self.believe(&happened);
    }

    fn is_final(&self) -> bool {
        matches!(self.state, DayState::Closed { .. })
    }
}

impl Asked<'_> {
    /// Heads and administrators act at every window, and so does the clock.
    pub(super) fn supervises(&self) -> bool {
        match self.actor.kind {
            ActorKind::System => true,
            ActorKind::Staff => matches!(self.actor.role.as_str(), "head" | "admin"),
            ActorKind::Customer | ActorKind::Device | ActorKind::Import => false,
        }
    }

    pub(super) fn is_at(&self, window: &Window) -> bool {
        self.actor.kind == ActorKind::Staff && self.actor.id == window.operator.as_str()
    }
}

impl QueueDay {
    /// The settings of a day that is open.
    pub(super) fn running(&self) -> Result<&DaySettings, Refusal> {
        match self.state {
            DayState::NotOpened => Err(Refusal::DayNotOpen),
            DayState::Closed { .. } => Err(Refusal::DayClosed),
            DayState::Open | DayState::IntakePaused { .. } => {
                self.settings.as_deref().ok_or(Refusal::DayNotOpen)
            }
        }
    }

    pub(super) fn ticket(&self, id: TicketId) -> Result<&Ticket, Refusal> {
        self.tickets.get(&id).ok_or(Refusal::UnknownTicket { ticket: id })
    }

    /// A window somebody sits at.
    pub(super) fn staffed(&self, id: &WindowId) -> Result<&Window, Refusal> {
        let missing = || match self.settings.as_ref().and_then(|it| it.window(id)) {
            Some(_) => Refusal::WindowNotOpen { window: id.clone() },
            None => Refusal::UnknownWindow { window: id.clone() },
        };
        self.windows.get(id).ok_or_else(missing)
    }

    /// A window at which this actor may act: their own, or any for a head.
    pub(super) fn own_window(&self, asked: &Asked<'_>, id: &WindowId) -> Result<&Window, Refusal> {
        let window = self.staffed(id)?;
        if asked.is_at(window) || asked.supervises() {
            Ok(window)
        } else {
            Err(Refusal::NotYourWindow { window: id.clone() })
        }
    }

    pub(super) fn number_of(&self, id: TicketId) -> String {
        self.tickets.get(&id).map(|it| it.number.clone()).unwrap_or_default()
    }
}

impl Ticket {
    /// Why a step that needs another state is refused.
    pub(super) fn not_now(&self) -> Refusal {
        match &self.state {
            TicketState::Closed { .. } => Refusal::TicketClosed { number: self.number.clone() },
            TicketState::Expected
            | TicketState::Waiting { .. }
            | TicketState::Called { .. }
            | TicketState::Serving { .. }
            | TicketState::Parked { .. }
            | TicketState::NoShow { .. } => {
                Refusal::WrongState { number: self.number.clone(), state: self.state.name() }
            }
        }
    }

    /// The service it waits for. A live ticket always has one.
    pub(super) fn current(&self) -> Result<&ServiceId, Refusal> {
        self.service().ok_or(Refusal::NoService)
    }
}

/// Refuses a word the vocabulary does not know.
pub(super) fn known_reason(vocabulary: &[Reason], code: &ReasonCode) -> Result<(), Refusal> {
    if lookup::knows(vocabulary, code) {
        Ok(())
    } else {
        Err(Refusal::UnknownReason { reason: code.clone() })
    }
}
