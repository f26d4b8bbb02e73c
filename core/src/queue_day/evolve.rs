//! What happened is believed: nothing is validated here, and an odd event leaves the state as it is. History that was
//! imported has no settings, windows or numbers, and breaks rules that live days keep.

mod restored;
mod tickets;
mod windows;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    DayState, PausedBy, QueueDay,
    event::{
        ActionUndone, CLOSE_OVERDUE, NextService, Place, RestoredState, RestoredTicket, ServiceCompleted,
        TicketCalled, TicketIssued, TicketTransferred,
    },
    ticket::{Note, Outcome, Ticket, TicketState},
    window::Window,
};
use crate::{
    aggregate::Happened,
    ids::{EventId, OperatorId, ServiceId, TicketId, WindowId},
    queue_event::{Event, QueueEvent},
    time::seconds,
};

impl QueueDay {
    pub(super) fn believe(&mut self, happened: &Happened<'_>) {
        let Event::Queue(event) = happened.event else { return };
        self.remember(happened, event);
        let ticket = event.ticket();
        let held_before = ticket.and_then(|id| self.tickets.get(&id)?.state.window().cloned());
        self.apply(happened, event);
        let held_now = ticket.and_then(|id| self.tickets.get(&id)?.state.window().cloned());
        self.note_last_event(happened.event_id, ticket, [held_before, held_now, event.window().cloned()]);
    }

    /// The windows an event was about keep its id, and so does the ticket: nothing is undone across it.
    fn note_last_event(&mut self, event: EventId, ticket: Option<TicketId>, windows: [Option<WindowId>; 3]) {
        if let Some(ticket) = ticket.and_then(|id| self.tickets.get_mut(&id)) {
            ticket.last_event = event;
        }
        for id in windows.into_iter().flatten() {
            if let Some(window) = self.windows.get_mut(&id) {
                window.last_event = event;
            }
        }
    }

    fn apply(&mut self, happened: &Happened<'_>, event: &QueueEvent) {
        let at = happened.at;
        match event {
            QueueEvent::TicketIssued(it) => self.issued(happened, it),
            QueueEvent::TicketArrived(it) => self.queued(it.ticket, at, it.place, |_| {}),
            QueueEvent::TicketReprioritised(it) => self.change(it.ticket, |ticket| {
                ticket.class = it.new_class.clone();
                ticket.put(Place { due_at: it.due_at, ..ticket.place }, at);
            }),
            QueueEvent::TicketCalled(it) => self.called(at, it),
            QueueEvent::TicketRecalled(it) => self.change(it.ticket, |ticket| {
                if let TicketState::Called { last_call_at, .. } = &mut ticket.state {
                    *last_call_at = at;
                    ticket.attempts = it.attempt;
                }
            }),
            QueueEvent::CallRevoked(it) => {
                let place = self.tickets.get(&it.ticket).map(|ticket| ticket.place);
                let pins = self.pins_of(it.ticket);
                if let Some(place) = place {
                    self.queued(it.ticket, at, place, |ticket| {
                        (ticket.pinned_window, ticket.pinned_operator) = pins;
                        ticket.locked_until = None;
                    });
                }
            }
            QueueEvent::ServiceStarted(it) => {
                let window = it.window.clone();
                self.hold(it.ticket, window, it.operator.clone(), |ticket, window| {
                    let called_at = ticket.called_at.unwrap_or(at);
                    ticket.called_at = Some(called_at);
                    ticket.started_at = Some(at);
                    ticket.unpin();
                    TicketState::Serving { window, called_at, started_at: at }
                });
            }
            QueueEvent::ServiceAdded(it) => {
                self.change(it.ticket, |ticket| ticket.services.push(it.service.clone()));
            }
            QueueEvent::ServiceSwitched(it) => {
                self.change(it.ticket, |ticket| ticket.replace_current(&it.service));
            }
            QueueEvent::ServiceCompleted(it) => self.completed(at, it),
            QueueEvent::TicketParked(it) => self.leave(it.ticket, |_| TicketState::Parked {
                window: it.window.clone(),
                operator: it.operator.clone(),
                pool: it.pool,
                reason: it.reason_code.clone(),
                since: at,
                resume_by: it.resume_by,
            }),
            QueueEvent::TicketUnparked(it) => {
                let pins = self.pins_of(it.ticket);
                self.queued(it.ticket, at, it.place, |ticket| {
                    (ticket.pinned_window, ticket.pinned_operator) = pins;
                });
            }
            QueueEvent::TicketReturned(it) => {
                self.came_back(it.ticket, at, it.place, it.returns);
                self.change(it.ticket, |ticket| ticket.not_before = it.not_before);
            }
            QueueEvent::TicketReactivated(it) => self.came_back(it.ticket, at, it.place, it.returns),
            QueueEvent::TicketTransferred(it) => self.transferred(at, it),
            QueueEvent::TicketNoShow(it) => {
                self.leave(it.ticket, |_| TicketState::NoShow { since: at, grace_until: it.grace_until })
            }
            QueueEvent::ServiceRefused(it) => self.closed(it.ticket, at, Outcome::Refused),
            QueueEvent::TicketCancelled(it) => self.closed(it.ticket, at, Outcome::Cancelled),
            QueueEvent::TicketAbandoned(it) => self.closed(it.ticket, at, Outcome::Abandoned),
            QueueEvent::TicketExpired(it) => self.closed(it.ticket, at, Outcome::Expired),
            QueueEvent::TicketNoteAdded(it) => {
                let by = happened.actor.id.clone();
                let note = Note { at, by, command: happened.command_id, text: it.note.clone() };
                self.change(it.ticket, |ticket| ticket.notes.push(note));
            }
            QueueEvent::LongWaitDetected(it) => {
                self.change(it.ticket, |ticket| ticket.escalation = ticket.escalation.max(it.level));
            }
            QueueEvent::CloseOverdue(it) => {
                self.change(it.ticket, |ticket| ticket.escalation = ticket.escalation.max(CLOSE_OVERDUE));
            }
            QueueEvent::AlertAcknowledged(it) => {
                self.change(it.ticket, |ticket| ticket.acknowledged = ticket.acknowledged.max(it.level));
            }
            QueueEvent::ActionUndone(it) => self.undone(happened, it),
            QueueEvent::BusinessDayOpened(it) => {
                self.state = DayState::Open;
                self.opened_at = Some(at);
                self.opened_by = Some(happened.event_id);
                self.settings = Some(Arc::new(it.settings.clone()));
            }
            QueueEvent::SettingsAdopted(it) => self.settings = Some(Arc::new(it.settings.clone())),
            QueueEvent::SkillsAdopted(it) => {
                let window = self.windows.values_mut().find(|window| window.operator == it.operator);
                if let Some(window) = window {
                    window.skills = it.skills.clone();
                }
            }
            QueueEvent::IntakePaused(it) => {
                let by = it.rule.map_or(PausedBy::Staff, PausedBy::Rule);
                self.intake(at, DayState::IntakePaused { by, since: at });
            }
            QueueEvent::IntakeResumed(_) => self.intake(at, DayState::Open),
            QueueEvent::BusinessDayClosed(_) => {
                self.state = DayState::Closed { at };
                self.windows.clear();
            }
            QueueEvent::WindowOpened(it) => {
                self.seat(happened, &it.window, &it.operator, &it.skills, &it.services);
            }
            QueueEvent::WindowTakenOver(it) => {
                let ticket = self.windows.get(&it.window).and_then(|window| window.ticket);
                self.seat(happened, &it.window, &it.operator, &it.skills, &it.services);
                self.hold_at(&it.window, ticket);
                if let Some(id) = ticket {
                    self.change(id, |ticket| ticket.operator = Some(it.operator.clone()));
                }
            }
            QueueEvent::WindowServiceEnabled(it) => {
                if let Some(window) = self.windows.get_mut(&it.window)
                    && !window.services.contains(&it.service)
                {
                    window.services.push(it.service.clone());
                }
            }
            QueueEvent::WindowServiceDisabled(it) => {
                if let Some(window) = self.windows.get_mut(&it.window) {
                    window.services.retain(|service| *service != it.service);
                }
            }
            QueueEvent::WindowPaused(it) => {
                if let Some(window) = self.windows.get_mut(&it.window) {
                    let (reason, until) = (it.reason.clone(), it.until);
                    window.pause = Some(super::event::Pause { reason, since: at, until });
                }
            }
            QueueEvent::WindowResumed(it) => {
                if let Some(window) = self.windows.get_mut(&it.window) {
                    window.pause = None;
                }
            }
            QueueEvent::WindowClosed(it) => {
                self.windows.remove(&it.window);
            }
        }
    }
}
