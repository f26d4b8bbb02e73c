//! Taking back one's own last step within seconds. The fact carries the restored state, so that no reader needs a
//! memory; only this rule has one, of the latest steps.

use chrono::{DateTime, Utc};

use super::{
    QueueDay,
    decide::{Asked, Decided, one},
    event::{
        ActionUndone, CallRevoked, Restored, RestoredState, RestoredTicket, RestoredWindow, RevokeReason,
    },
    ticket::{Ticket, TicketState},
    window::Window,
};
use crate::{
    aggregate::Happened,
    fact::{Actor, ActorKind},
    ids::{EventId, TicketId, WindowId},
    queue_event::QueueEvent,
    refusal::Refusal,
    time::seconds,
};

/// Nobody takes more steps than this in the seconds that count; older ones are refused as too late.
const REMEMBERED: usize = 64;

/// A step that could be taken back, with what stood before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub event: EventId,
    /// Wire name.
    pub kind: &'static str,
    pub at: DateTime<Utc>,
    pub actor: Actor,
    pub ticket: Option<TicketId>,
    pub window: Option<WindowId>,
    before: Before,
}

/// What a step found.
#[derive(Debug, Clone, PartialEq)]
enum Before {
    /// A call is taken back by `CallRevoked`, which needs no memory.
    Call,
    Ticket(Box<RestoredTicket>),
    Window(RestoredWindow),
}

impl QueueDay {
    /// Until when this step may be taken back by whoever took it; absent when something happened since.
    #[must_use]
    pub fn undoable(&self, event: EventId) -> Option<(&Step, DateTime<Utc>)> {
        let undo_s = self.settings.as_ref()?.calling.undo_s;
        let step = self.steps.iter().find(|it| it.event == event)?;
        (!self.is_overtaken(step)).then(|| (step, step.at + seconds(undo_s)))
    }

    /// The last step at a window that could still be taken back, and until when.
    #[must_use]
    pub fn last_step_at(&self, window: &WindowId) -> Option<(&Step, DateTime<Utc>)> {
        let step = self.steps.iter().rfind(|it| it.window.as_ref() == Some(window))?;
        self.undoable(step.event)
    }

    /// Whether this step was taken in this day, and lately.
    #[must_use]
    pub fn remembers(&self, event: EventId) -> bool {
        self.steps.iter().any(|it| it.event == event)
    }

    /// Until when people could still take back a step of theirs; in the past when nobody can.
    pub(super) fn undoable_until(&self) -> Option<DateTime<Utc>> {
        let of_people = self.steps.iter().rev().filter(|step| step.actor.kind != ActorKind::System);
        of_people.filter_map(|step| self.undoable(step.event)).map(|(_, until)| until).next()
    }

    pub(super) fn undo(&self, asked: &Asked<'_>, event: EventId) -> Decided {
        let settings = self.running()?;
        let step = self.steps.iter().find(|it| it.event == event).ok_or(Refusal::NothingToUndo)?;
        if !step.actor.is(asked.actor) {
            return Err(Refusal::UndoNotYours);
        }
        if asked.at > step.at + seconds(settings.calling.undo_s) {
            return Err(Refusal::UndoTooLate);
        }
        if self.is_overtaken(step) {
            return Err(Refusal::UndoOvertaken);
        }
        let restored = match (&step.before, step.ticket, &step.window) {
            (Before::Call, Some(ticket), Some(window)) => {
                let reason = RevokeReason::Mistake;
                return one(CallRevoked { ticket, window: window.clone(), reason });
            }
            (Before::Call, _, _) => return Err(Refusal::NothingToUndo),
            (Before::Ticket(it), _, _) => Restored { ticket: Some((**it).clone()), window: None },
            (Before::Window(it), _, _) => Restored { ticket: None, window: Some(it.clone()) },
        };
        one(ActionUndone { undone: vec![event], kind: step.kind.into(), ticket: step.ticket, restored })
    }

    /// Whether the ticket or the window of a step has had an event since.
    fn is_overtaken(&self, step: &Step) -> bool {
        let of_ticket = step.ticket.and_then(|id| self.tickets.get(&id)).map(|it| it.last_event);
        if of_ticket.is_some_and(|last| last != step.event) {
            return true;
        }
        if step.ticket.is_some_and(|id| self.booked_again(id)) {
            return true;
        }
        let Some(id) = &step.window else { return false };
        match (&step.before, self.windows.get(id)) {
            // A closed window must still be free, and its operator too.
            (Before::Window(it), None) => self.window_of(&it.operator).is_ok(),
            (_, Some(window)) => window.last_event != step.event,
            (Before::Call | Before::Ticket(_), None) => true,
        }
    }

    /// Whether the booking of a ticket that has ended has another one by now.
    fn booked_again(&self, id: TicketId) -> bool {
        let Some(ticket) = self.tickets.get(&id).filter(|it| !it.is_open()) else { return false };
        ticket.booking_id.is_some() && self.open().any(|it| it.booking_id == ticket.booking_id)
    }

    /// Keeps what a step will need if it is taken back. Called before the event is believed.
    pub(super) fn remember(&mut self, happened: &Happened<'_>, event: &QueueEvent) {
        if let QueueEvent::ActionUndone(it) = event {
            self.steps.retain(|step| !it.undone.contains(&step.event));
        }
        if happened.imported {
            return;
        }
        let Some((ticket, window, before)) = self.found_by(event) else { return };
        if self.steps.len() >= REMEMBERED {
            self.steps.remove(0);
        }
        self.steps.push(Step {
            event: happened.event_id,
            kind: event.wire().0,
            at: happened.at,
            actor: happened.actor.clone(),
            ticket,
            window,
            before,
        });
    }

    fn found_by(&self, event: &QueueEvent) -> Option<(Option<TicketId>, Option<WindowId>, Before)> {
        let ticket = match event {
            QueueEvent::TicketCalled(it) => {
                return Some((Some(it.ticket), it.window.clone(), Before::Call));
            }
            QueueEvent::WindowPaused(it) => return self.window_step(&it.window),
            QueueEvent::WindowClosed(it) => return self.window_step(&it.window),
            QueueEvent::TicketParked(it) => it.ticket,
            QueueEvent::TicketReturned(it) => it.ticket,
            QueueEvent::TicketTransferred(it) => it.ticket,
            QueueEvent::TicketReprioritised(it) => it.ticket,
            QueueEvent::TicketNoShow(it) => it.ticket,
            QueueEvent::ServiceStarted(it) => it.ticket,
            QueueEvent::ServiceCompleted(it) => it.ticket,
            QueueEvent::ServiceRefused(it) => it.ticket,
            _ => return None,
        };
        let found = self.tickets.get(&ticket)?;
        let restored = RestoredTicket::of(found)?;
        Some((Some(ticket), found.state.window().cloned(), Before::Ticket(Box::new(restored))))
    }

    fn window_step(&self, id: &WindowId) -> Option<(Option<TicketId>, Option<WindowId>, Before)> {
        let before = RestoredWindow::of(self.windows.get(id)?);
        Some((None, Some(id.clone()), Before::Window(before)))
    }
}

impl RestoredTicket {
    /// Absent for states that no undoable step starts from.
    fn of(ticket: &Ticket) -> Option<Self> {
        let state = match &ticket.state {
            TicketState::Waiting { .. } => RestoredState::Waiting,
            TicketState::Called { window, called_at, last_call_at } => RestoredState::Called {
                window: window.clone(),
                called_at: *called_at,
                last_call_at: *last_call_at,
            },
            TicketState::Serving { window, called_at, started_at } => RestoredState::Serving {
                window: window.clone(),
                called_at: *called_at,
                started_at: *started_at,
            },
            TicketState::Parked { window, operator, pool, reason, since, resume_by } => {
                RestoredState::Parked {
                    window: window.clone(),
                    operator: operator.clone(),
                    pool: *pool,
                    reason_code: reason.clone(),
                    since: *since,
                    resume_by: *resume_by,
                }
            }
            TicketState::NoShow { since, grace_until } => {
                RestoredState::NoShow { since: *since, grace_until: *grace_until }
            }
            TicketState::Expected | TicketState::Closed { .. } => return None,
        };
        Some(Self {
            state,
            class: ticket.class.clone(),
            services: ticket.services.clone(),
            place: ticket.place,
            not_before: ticket.not_before,
            returns: ticket.returns,
            attempts: ticket.attempts,
            pinned_window: ticket.pinned_window.clone(),
            pinned_operator: ticket.pinned_operator.clone(),
        })
    }
}

impl RestoredWindow {
    fn of(window: &Window) -> Self {
        Self {
            window: window.id.clone(),
            operator: window.operator.clone(),
            skills: window.skills.clone(),
            services: window.services.clone(),
            pause: window.pause.clone(),
        }
    }
}
