//! While people of the day before are still in the hall, two days are open and each window works in one of them.
//!
//! A ticket lives in the day it was issued, and a command writes to one stream; so a window that calls somebody of the
//! other day goes there first: it opens there and leaves here. Who is next is asked of both days in one order. A window
//! that is found in both (a move broke off, or is under way) calls in neither before it has left one. Ids of the moves
//! follow from the seat, so that several nodes, and a repeat after a crash, make the same move once.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::{Ask, Desk, Press, queue_stream};
use crate::{
    dispatch::{DispatchError, Done, Envelope},
    event_store::StreamId,
    fact::Actor,
    ids::{BranchId, CommandId, EventId, OperatorId, TicketId, WindowId},
    queue_day::{
        DayState, QueueDay,
        command::{Action, AtWindow, Concern},
        event::{Decision, Pause},
        ticket::Ticket,
        window::Window,
    },
    queue_order::{self, Nobody},
    refusal::Refusal,
    settings::DaySettings,
};

/// Others may call whom this window was about to call: so often it looks again before it gives up.
const ROUNDS: usize = 8;

/// One of the two days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) date: NaiveDate,
    pub(super) stream: StreamId,
}

/// The days of a branch that can be in the hall at once.
pub(super) struct TwoDays<'a> {
    desk: &'a Desk,
    branch: &'a BranchId,
    before: Day,
    now: Day,
}

/// Who a window would call, in which day.
#[derive(Debug, Clone)]
pub struct First {
    pub date: NaiveDate,
    pub ticket: Ticket,
    pub decision: Decision,
    pub settings: Option<Arc<DaySettings>>,
}

impl First {
    /// Whom the window would call in this day alone.
    #[must_use]
    pub fn of(day: &QueueDay, date: NaiveDate, seat: &Window, now: DateTime<Utc>) -> Option<Self> {
        let (ticket, decision) = queue_order::choose(day, seat, now).ok()?;
        let ticket = day.tickets.get(&ticket)?.clone();
        Some(Self { date, ticket, decision, settings: day.settings.clone() })
    }

    /// The sooner of two in one order, by the newer settings.
    #[must_use]
    pub fn of_both(earlier: Option<Self>, today: Option<Self>) -> Option<Self> {
        match (earlier, today) {
            (Some(earlier), Some(today)) => {
                let settings = today.settings.as_deref();
                let passes = settings
                    .is_some_and(|it| queue_order::compare(it, &today.ticket, &earlier.ticket).is_lt());
                Some(if passes { today } else { earlier })
            }
            (earlier, today) => earlier.or(today),
        }
    }
}

/// What one day says about a window.
struct Seen {
    is_open: bool,
    seat: Option<Window>,
}

impl Day {
    pub(super) fn of(branch: &BranchId, date: NaiveDate) -> Self {
        Self { date, stream: queue_stream(branch, date) }
    }
}

impl<'a> TwoDays<'a> {
    pub(super) fn new(desk: &'a Desk, branch: &'a BranchId, before: Day, now: Day) -> Self {
        Self { desk, branch, before, now }
    }

    /// Carries out a press in the day it belongs to.
    pub(super) async fn ask<T>(
        &self,
        press: &Press,
        envelope: Envelope,
        ask: Ask,
        view: &impl Fn(&QueueDay, NaiveDate, &Done) -> T,
    ) -> Result<(Done, T), DispatchError> {
        let days = &self.desk.days;
        let known = days.repeat(&self.now.stream, &envelope, |day, done| view(day, self.now.date, done));
        if let Some(answer) = known.await? {
            return Ok(answer);
        }
        if let Ask::Plain(Action::CallNext { window }) = &ask {
            return self.call_next(press, envelope, window, view).await;
        }
        let day = self.day_for(press, &ask).await?;
        let action = self.desk.completed(self.branch, day.date, ask).await?;
        self.send(day, &envelope, action, view).await
    }

    /// The day in which something is done, with the window it needs brought there.
    async fn day_for(&self, press: &Press, ask: &Ask) -> Result<&Day, DispatchError> {
        let action = match ask {
            Ask::OpenDay => return Ok(&self.now),
            Ask::OpenWindow { window, operator, .. } => {
                self.sits_nowhere_yet(window, operator).await?;
                return Ok(&self.now);
            }
            Ask::TakeOverWindow { window, operator, .. } => return self.taken_over(window, operator).await,
            Ask::Plain(action) => action,
        };
        match action.concern() {
            Concern::Today => Ok(&self.now),
            Concern::Day => {
                let opened = self.desk.days.read(&self.now.stream, |day| day.state != DayState::NotOpened);
                Ok(if opened.await? { &self.now } else { &self.before })
            }
            Concern::Window(window) | Concern::Queue(window) => self.day_of_window(window).await,
            Concern::Ticket(ticket) => self.day_of_ticket(ticket).await,
            Concern::TicketAt(ticket, window) => {
                let day = self.day_of_ticket(ticket).await?;
                self.bring(press, window, day).await?;
                Ok(day)
            }
            Concern::Aside(ticket) => {
                let day = self.day_of_ticket(ticket).await?;
                if let Some(window) = self.window_of(&press.actor, self.other(day)).await? {
                    self.bring(press, &window, day).await?;
                }
                Ok(day)
            }
            Concern::Step(event) => self.day_of_step(event, &press.actor).await,
        }
    }

    /// Calls whoever is first in both days.
    async fn call_next<T>(
        &self,
        press: &Press,
        envelope: Envelope,
        window: &WindowId,
        view: &impl Fn(&QueueDay, NaiveDate, &Done) -> T,
    ) -> Result<(Done, T), DispatchError> {
        let action = || Action::CallNext { window: window.clone() };
        for _ in 0..ROUNDS {
            let here = self.day_of_window(window).await?;
            let first = match self.free_seat(here, window, &press.actor).await? {
                Some(seat) => self.first_of_both(&seat).await?,
                None => None,
            };
            // Busy, paused, not theirs, or nobody waits: the day it is in says so.
            let Some(first) = first else { return self.send(here, &envelope, action(), view).await };
            let there = if first.date == self.now.date { &self.now } else { &self.before };
            match self.bring(press, window, there).await {
                Ok(()) => {}
                Err(DispatchError::Refused(Refusal::WindowBusy { .. } | Refusal::WindowNotOpen { .. })) => {
                    continue;
                }
                Err(error) => return Err(error),
            }
            match self.send(there, &envelope, action(), view).await {
                Err(DispatchError::Refused(
                    Refusal::NobodyWaiting | Refusal::ReservedForBooking | Refusal::WindowNotOpen { .. },
                )) => {}
                answer => return answer,
            }
        }
        Err(Refusal::Contended.into())
    }

    async fn send<T>(
        &self,
        day: &Day,
        envelope: &Envelope,
        action: Action,
        view: &impl Fn(&QueueDay, NaiveDate, &Done) -> T,
    ) -> Result<(Done, T), DispatchError> {
        let envelope = Envelope { business_day: Some(day.date), ..envelope.clone() };
        self.desk.days.send(&day.stream, envelope, action, |state, done| view(state, day.date, done)).await
    }

    /// Whoever this window would call: the first of both days in one order, by the newer settings.
    async fn first_of_both(&self, seat: &Window) -> Result<Option<First>, DispatchError> {
        let now = self.desk.clock.now();
        let (before, now_day) = (&self.before, &self.now);
        let first_of =
            |day: &QueueDay, date| if day.is_open() { First::of(day, date, seat, now) } else { None };
        let days = &self.desk.days;
        let earlier = days.read(&before.stream, |day| first_of(day, before.date)).await?;
        let today = days.read(&now_day.stream, |day| first_of(day, now_day.date)).await?;
        Ok(First::of_both(earlier, today))
    }

    /// The seat of a window that could call somebody now, in the name of this actor.
    async fn free_seat(
        &self,
        day: &Day,
        window: &WindowId,
        actor: &Actor,
    ) -> Result<Option<Window>, DispatchError> {
        let now = self.desk.clock.now();
        self.desk
            .days
            .read(&day.stream, |state| {
                let seat = state.windows.get(window).filter(|it| it.is_free())?;
                state.may_act_at(actor, now, window).is_ok().then(|| seat.clone())
            })
            .await
    }

    async fn seen(&self, day: &Day, window: &WindowId) -> Result<Seen, DispatchError> {
        let look = |state: &QueueDay| Seen {
            is_open: state.is_open(),
            seat: state.windows.get(window).cloned().filter(|_| state.is_open()),
        };
        self.desk.days.read(&day.stream, look).await
    }

    /// The day a window works in. Found in both, it leaves the one it came from; found in neither, it is today's, or
    /// of the day before while today has not begun.
    async fn day_of_window(&self, window: &WindowId) -> Result<&Day, DispatchError> {
        for _ in 0..ROUNDS {
            let (before, now) = (self.seen(&self.before, window).await?, self.seen(&self.now, window).await?);
            match (before.seat, now.seat) {
                (Some(_), None) => return Ok(&self.before),
                (None, Some(_)) => return Ok(&self.now),
                (None, None) => return Ok(if now.is_open { &self.now } else { &self.before }),
                (Some(before), Some(now)) => self.settle(&before, &now).await?,
            }
        }
        Err(Refusal::Contended.into())
    }

    /// Ends a move that was seen half-way: the older seat goes, unless somebody stands at it.
    async fn settle(&self, before: &Window, now: &Window) -> Result<(), DispatchError> {
        let (older, newer) = if before.since <= now.since {
            ((&self.before, before), (&self.now, now))
        } else {
            ((&self.now, now), (&self.before, before))
        };
        match self.leave(older.0, older.1).await {
            Err(DispatchError::Refused(Refusal::WindowBusy { .. })) => {
                match self.leave(newer.0, newer.1).await {
                    Ok(()) | Err(DispatchError::Refused(_)) => Ok(()),
                    Err(error) => Err(error),
                }
            }
            Ok(()) | Err(DispatchError::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Sees to it that a window works in `to`. Whoever may not act at it moves nothing.
    async fn bring(&self, press: &Press, window: &WindowId, to: &Day) -> Result<(), DispatchError> {
        let from = self.day_of_window(window).await?;
        if from == to {
            return Ok(());
        }
        let now = self.desk.clock.now();
        let look = |state: &QueueDay| {
            state.may_act_at(&press.actor, now, window)?;
            match state.windows.get(window) {
                Some(seat) => match seat.ticket.and_then(|id| state.tickets.get(&id)) {
                    Some(ticket) => {
                        Err(Refusal::WindowBusy { window: window.clone(), number: ticket.number.clone() })
                    }
                    None => Ok(seat.clone()),
                },
                None => Err(Refusal::WindowNotOpen { window: window.clone() }),
            }
        };
        let seat = self.desk.days.read(&from.stream, look).await??;
        self.carry(&seat, from, to).await
    }

    /// Moves a free window with whoever sits at it, and their break.
    async fn carry(&self, seat: &Window, from: &Day, to: &Day) -> Result<(), DispatchError> {
        let window = &seat.id;
        let opened = Action::OpenWindow(AtWindow {
            window: window.clone(),
            operator: seat.operator.clone(),
            skills: seat.skills.clone(),
            services: Some(seat.services.clone()),
        });
        match self.move_made(to, seat.last_event, "sits_down", opened).await {
            Ok(()) => {}
            Err(DispatchError::Refused(Refusal::WindowTaken { operator, .. }))
                if operator == seat.operator => {}
            Err(error) => return Err(error),
        }
        if let Some(Pause { reason, until, .. }) = &seat.pause {
            let (reason, until) = (reason.clone(), *until);
            let pause = Action::PauseWindow { window: window.clone(), reason, until };
            match self.move_made(to, seat.last_event, "pauses", pause).await {
                // A break that ends this very moment is not carried on.
                Ok(()) | Err(DispatchError::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        match self.leave(from, seat).await {
            // Somebody else made the same move.
            Ok(()) | Err(DispatchError::Refused(Refusal::WindowNotOpen { .. })) => Ok(()),
            Err(busy @ DispatchError::Refused(_)) => {
                let came = self.seen(to, window).await?.seat;
                if let Some(came) = came {
                    self.leave(to, &came).await?;
                }
                Err(busy)
            }
            Err(error) => Err(error),
        }
    }

    async fn leave(&self, day: &Day, seat: &Window) -> Result<(), DispatchError> {
        let action = Action::LeaveWindow { window: seat.id.clone() };
        self.move_made(day, seat.last_event, "leaves", action).await
    }

    async fn move_made(
        &self,
        day: &Day,
        after: EventId,
        kind: &str,
        action: Action,
    ) -> Result<(), DispatchError> {
        let id = CommandId::derived(&[day.stream.as_str(), &after.to_string(), kind]);
        let envelope = self.desk.envelope(&Press::system(id, None), self.branch, day.date).await?;
        self.desk.days.send(&day.stream, envelope, action, |_, _| ()).await.map(drop)
    }

    /// Windows of the day before that have nothing left to do there go on in today. Answers when to look again.
    pub(super) async fn carry_over(&self) -> Result<Option<DateTime<Utc>>, DispatchError> {
        let days = &self.desk.days;
        if !days.read(&self.now.stream, QueueDay::is_open).await? {
            return Ok(None);
        }
        let now = self.desk.clock.now();
        let look = |day: &QueueDay| {
            let closes = day.closes_now(now);
            let idle = |it: &&Window| it.ticket.is_none() && (closes || nobody_for(day, it, now));
            let until = |it: &Window| day.last_step_at(&it.id).map(|(_, until)| until);
            let found = day.windows.values().filter(idle);
            found.map(|it| (it.clone(), until(it).filter(|_| !closes))).collect::<Vec<_>>()
        };
        let mut next: Option<DateTime<Utc>> = None;
        for (seat, undoable_until) in days.read(&self.before.stream, look).await? {
            match undoable_until.filter(|until| *until > now) {
                Some(until) => next = Some(next.map_or(until, |it| it.min(until))),
                None => match self.carry(&seat, &self.before, &self.now).await {
                    // A window or service that today does not know, or an operator who sits elsewhere by now.
                    Ok(()) | Err(DispatchError::Refused(_)) => {}
                    Err(error) => return Err(error),
                },
            }
        }
        Ok(next)
    }

    fn other(&self, day: &Day) -> &Day {
        if *day == self.now { &self.before } else { &self.now }
    }

    async fn day_of_ticket(&self, ticket: TicketId) -> Result<&Day, DispatchError> {
        let earlier = self.desk.days.read(&self.before.stream, |day| day.tickets.contains_key(&ticket));
        Ok(if earlier.await? { &self.before } else { &self.now })
    }

    /// A step is taken back where it was taken; a window that works in today by now has moved on since.
    async fn day_of_step(&self, event: EventId, actor: &Actor) -> Result<&Day, DispatchError> {
        let look = |day: &QueueDay| {
            let window = day.undoable(event).and_then(|(step, _)| step.window.clone());
            day.remembers(event)
                .then_some((window.clone(), window.is_some_and(|it| !day.windows.contains_key(&it))))
        };
        let Some((window, gone)) = self.desk.days.read(&self.before.stream, look).await? else {
            return Ok(&self.now);
        };
        let moved_on = |day: &QueueDay| {
            day.windows.values().any(|it| Some(&it.id) == window.as_ref() || it.operator.as_str() == actor.id)
        };
        if gone && self.desk.days.read(&self.now.stream, moved_on).await? {
            return Err(Refusal::UndoOvertaken.into());
        }
        Ok(&self.before)
    }

    async fn window_of(&self, actor: &Actor, day: &Day) -> Result<Option<WindowId>, DispatchError> {
        let look = |state: &QueueDay| {
            state.windows.values().find(|it| it.operator.as_str() == actor.id).map(|it| it.id.clone())
        };
        self.desk.days.read(&day.stream, look).await
    }

    /// Nobody opens a window of today that somebody still sits at, or while they still sit elsewhere.
    async fn sits_nowhere_yet(&self, window: &WindowId, operator: &OperatorId) -> Result<(), DispatchError> {
        let look = |day: &QueueDay| {
            if !day.is_open() {
                return Ok(());
            }
            if let Some(it) = day.windows.get(window) {
                let (window, operator) = (window.clone(), it.operator.clone());
                return Err(Refusal::WindowTaken { window, operator });
            }
            elsewhere(day, window, operator)
        };
        Ok(self.desk.days.read(&self.before.stream, look).await??)
    }

    async fn taken_over(&self, window: &WindowId, operator: &OperatorId) -> Result<&Day, DispatchError> {
        let day = self.day_of_window(window).await?;
        let look = |state: &QueueDay| elsewhere(state, window, operator);
        self.desk.days.read(&self.other(day).stream, look).await??;
        Ok(day)
    }
}

fn elsewhere(day: &QueueDay, window: &WindowId, operator: &OperatorId) -> Result<(), Refusal> {
    match day.windows.values().find(|it| it.operator == *operator && it.id != *window) {
        Some(other) => Err(Refusal::OperatorElsewhere { window: other.id.clone() }),
        None => Ok(()),
    }
}

fn nobody_for(day: &QueueDay, window: &Window, now: DateTime<Utc>) -> bool {
    matches!(queue_order::choose(day, window, now), Err(Nobody::Waits))
}
