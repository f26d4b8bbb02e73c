//! What time alone brings about: computed from the state, stored nowhere. A restart folds the day and knows it again;
//! several nodes may all send these commands, because their ids follow from the state and the rules ask once more.
//!
//! A ticket whose `not_before` is reached needs no command: it is eligible from then on.

use chrono::{DateTime, Utc};

use super::{
    QueueDay,
    calls::{did_not_come, gives_up_at},
    command::{Action, Due},
    decide::{Decided, one},
    event::{
        CLOSE_OVERDUE, CloseOverdue, Evidence, LongWaitDetected, TicketAbandoned, TicketUnparked,
        WindowResumed,
    },
    hours::Boundary,
    ticket::{Ticket, TicketState},
};
use crate::{
    ids::{CommandId, EventId, TicketId},
    refusal::Refusal,
    settings::DaySettings,
    time::seconds,
};

/// One thing that will happen by itself, and when.
struct Timer {
    at: DateTime<Utc>,
    /// The newest fact about its subject: with kind and instant it names the command.
    after: EventId,
    due: Due,
}

impl QueueDay {
    /// Commands whose instant was reached, with their ids. Empty unless the day is open.
    #[must_use]
    pub fn due(&self, now: DateTime<Utc>) -> Vec<(CommandId, Action)> {
        let Some(settings) = self.live_settings() else { return Vec::new() };
        let mut reached: Vec<Timer> = self.timers(settings).filter(|it| it.at <= now).collect();
        reached.extend(self.boundary_at(now).map(|(at, it)| self.of_the_day(at, it.due())));
        reached.sort_by_key(|it| it.at);
        reached.into_iter().map(Timer::command).collect()
    }

    /// The instant at which `due` will next have something to say; in the past when it has already.
    #[must_use]
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        let settings = self.live_settings()?;
        self.timers(settings).map(|it| it.at).chain(self.next_boundary()).min()
    }

    fn live_settings(&self) -> Option<&DaySettings> {
        self.settings.as_deref().filter(|_| self.is_open())
    }

    fn timers<'a>(&'a self, settings: &'a DaySettings) -> impl Iterator<Item = Timer> + 'a {
        let tickets = self.open().filter_map(move |it| self.timer_of(settings, it));
        let pauses = self.windows.values().filter_map(|it| {
            let at = it.pause.as_ref()?.until?;
            Some(Timer { at, after: it.last_event, due: Due::EndOfPause { window: it.id.clone() } })
        });
        let close = self.closes_at().map(|at| self.of_the_day(at, Due::CloseDay));
        tickets.chain(pauses).chain(close)
    }

    fn of_the_day(&self, at: DateTime<Utc>, due: Due) -> Timer {
        Timer { at, after: self.opened_by.unwrap_or(EventId(uuid::Uuid::nil())), due }
    }

    /// When the day closes as the hall is now; never by the clock while somebody is at a window, and not before the
    /// last step can no longer be taken back.
    fn closes_at(&self) -> Option<DateTime<Utc>> {
        match self.in_the_hall() {
            (_, true) => None,
            (true, false) => self.latest_close(),
            (false, false) => self.closing_time().map(|at| self.undoable_until().map_or(at, |it| at.max(it))),
        }
    }

    /// Whether the day is about to close: who still sits at a window must go on in the next day now.
    #[must_use]
    pub fn closes_now(&self, now: DateTime<Utc>) -> bool {
        self.is_open() && self.closes_at().is_some_and(|at| at <= now)
    }

    /// What will happen to a ticket by itself, if anything.
    fn timer_of(&self, settings: &DaySettings, ticket: &Ticket) -> Option<Timer> {
        let id = ticket.id;
        let (at, due) = match &ticket.state {
            TicketState::Waiting { .. } => escalation(settings, ticket)?,
            TicketState::Called { last_call_at, .. } => {
                match gives_up_at(&settings.calling, ticket.attempts, *last_call_at) {
                    Some(at) => (at, Due::AutomaticNoShow { ticket: id }),
                    None => self.overdue(settings, ticket)?,
                }
            }
            TicketState::Serving { .. } => self.overdue(settings, ticket)?,
            TicketState::Parked { resume_by, .. } => ((*resume_by)?, Due::ResumeParked { ticket: id }),
            TicketState::NoShow { grace_until, .. } => (*grace_until, Due::GraceOver { ticket: id }),
            TicketState::Expected | TicketState::Closed { .. } => return None,
        };
        Some(Timer { at, after: ticket.last_event, due })
    }

    /// The close waits for whoever is at a window; after some hours somebody should know.
    fn overdue(&self, settings: &DaySettings, ticket: &Ticket) -> Option<(DateTime<Utc>, Due)> {
        let at = self.closing_time()? + seconds(settings.times.busy_alert_s);
        (ticket.escalation < CLOSE_OVERDUE).then_some((at, Due::CloseOverdue { ticket: ticket.id }))
    }

    fn came_true(&self, settings: &DaySettings, ticket: &Ticket, due: &Due, now: DateTime<Utc>) -> Decided {
        let id: TicketId = ticket.id;
        match due {
            Due::ResumeParked { .. } => one(TicketUnparked { ticket: id, place: ticket.place }),
            Due::AutomaticNoShow { .. } => one(did_not_come(settings, ticket, true, now)),
            Due::GraceOver { .. } => one(TicketAbandoned { ticket: id, evidence: Evidence::GraceOver }),
            Due::LongWait { level, .. } => {
                one(LongWaitDetected { ticket: id, level: *level, due_at: ticket.place.due_at })
            }
            Due::CloseOverdue { .. } => match (ticket.state.window(), self.closing_time()) {
                (Some(window), Some(closing_at)) => {
                    one(CloseOverdue { ticket: id, window: window.clone(), closing_at })
                }
                (_, _) => Ok(Vec::new()),
            },
            Due::EndOfPause { .. }
            | Due::EndOfIntake
            | Due::StartOfBreak
            | Due::EndOfBreak
            | Due::CloseDay => Err(Refusal::UnknownTicket { ticket: id }),
        }
    }

    /// Decides a timed command once more: what is not due, or not any more, yields nothing.
    pub(super) fn reached(&self, now: DateTime<Utc>, due: &Due) -> Decided {
        let settings = self.running()?;
        match due {
            Due::ResumeParked { ticket }
            | Due::AutomaticNoShow { ticket }
            | Due::GraceOver { ticket }
            | Due::LongWait { ticket, .. }
            | Due::CloseOverdue { ticket } => {
                let ticket = self.ticket(*ticket)?;
                match self.timer_of(settings, ticket) {
                    Some(timer) if timer.at <= now && timer.due == *due => {
                        self.came_true(settings, ticket, due, now)
                    }
                    Some(_) | None => Ok(Vec::new()),
                }
            }
            Due::EndOfPause { window } => {
                let until = self.windows.get(window).and_then(|it| it.pause.as_ref()?.until);
                match until {
                    Some(until) if until <= now => one(WindowResumed { window: window.clone() }),
                    Some(_) | None => Ok(Vec::new()),
                }
            }
            Due::StartOfBreak => self.boundary_reached(now, Boundary::StartOfBreak),
            Due::EndOfBreak => self.boundary_reached(now, Boundary::EndOfBreak),
            Due::EndOfIntake => self.boundary_reached(now, Boundary::EndOfIntake),
            Due::CloseDay => match self.closes_at() {
                Some(at) if at <= now => Ok(self.ending()),
                Some(_) | None => Ok(Vec::new()),
            },
        }
    }
}

impl Timer {
    fn command(self) -> (CommandId, Action) {
        let (kind, level) = match &self.due {
            Due::ResumeParked { .. } => ("resume_parked", 0),
            Due::AutomaticNoShow { .. } => ("no_show", 0),
            Due::GraceOver { .. } => ("grace_over", 0),
            Due::LongWait { level, .. } => ("long_wait", *level),
            Due::CloseOverdue { .. } => ("close_overdue", 0),
            Due::EndOfPause { .. } => ("end_of_pause", 0),
            Due::EndOfIntake => ("end_of_intake", 0),
            Due::StartOfBreak => ("start_of_break", 0),
            Due::EndOfBreak => ("end_of_break", 0),
            Due::CloseDay => ("close_day", 0),
        };
        let instant = self.at.timestamp_micros().to_string();
        let id = CommandId::derived(&[&self.after.to_string(), kind, &level.to_string(), &instant]);
        (id, Action::Due(self.due))
    }
}

/// Level 1 when it is due, level 2 one more target later.
fn escalation(settings: &DaySettings, ticket: &Ticket) -> Option<(DateTime<Utc>, Due)> {
    let due_at = ticket.place.due_at;
    let second = || Some(due_at + settings.target(&ticket.class, ticket.service()?));
    match ticket.escalation {
        0 => Some((due_at, Due::LongWait { ticket: ticket.id, level: 1 })),
        1 if settings.calling.second_level => {
            Some((second()?, Due::LongWait { ticket: ticket.id, level: 2 }))
        }
        _ => None,
    }
}
