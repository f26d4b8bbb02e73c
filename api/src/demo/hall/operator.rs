//! One simulated operator: sits down, calls, serves, rests, and stands aside for a visitor.

use std::collections::VecDeque;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use talon_core::ids::{ReasonCode, TicketId, WindowId};

use super::{Hall, Rhythm, Step, drawn};
use crate::demo::{
    door::{Button, Standing, TicketSeen, Trouble, WindowSeen},
    people::{Coming, People, Twist},
};

/// The rules ask for 30 s between two calls and 60 s before a no-show; a second more spares a refusal.
const BETWEEN_CALLS_S: f64 = 31.0;
/// How long to wait after a "too early".
const TOO_EARLY_S: f64 = 5.0;
/// How often an operator who stands aside looks at the window.
const WATCH_S: f64 = 10.0;
/// A window must have been empty so long before its operator sits down again, milliseconds.
const FREE_FOR_MS: i64 = 30_000;
/// What the board promises for those set aside, and the end of a pause nobody ended, minutes.
const ASIDE_MINUTES: u16 = 10;
/// How often an idle operator of the past looks up, seconds.
const PAST_GLANCE_S: f64 = 60.0;
/// How often somebody off duty looks at the roster, seconds.
const ROSTER_S: f64 = 300.0;

/// The next thing an operator does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doing {
    SitDown,
    /// Stands aside and looks whether the window is free.
    Watch,
    CallNext,
    Recall(TicketId),
    GiveUp(TicketId),
    Start(TicketId),
    /// The middle of a visit that is not plain.
    Turn(TicketId),
    Finish(TicketId),
    Resume,
}

/// Where an operator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Post {
    /// Not at the window: off duty, or somebody else sits there.
    Aside {
        /// Since when the window has been seen empty.
        free_since: Option<i64>,
    },
    AtWindow,
    Resting,
}

pub(super) struct Operator {
    window: WindowId,
    post: Post,
    pub(super) draws: ChaCha8Rng,
    /// Counts what the operator intended; only the newest intention is carried out.
    pub(super) turn: u64,
    /// Looked, and nobody was there to call.
    pub(super) is_idle: bool,
    /// How quick this one is; 1 is average.
    pace: f64,
    /// Tickets set aside for this window whose owners are ready.
    pub(super) returning: VecDeque<TicketId>,
}

impl Operator {
    pub(super) fn new(people: &People, index: usize, window: WindowId) -> Self {
        let mut draws = people.draws(&format!("operator {index}"));
        let pace = draws.random_range(0.9..1.1);
        let post = Post::Aside { free_since: None };
        Self { window, post, draws, turn: 0, is_idle: false, pace, returning: VecDeque::new() }
    }

    /// At the window, resting or not.
    pub(super) fn is_seated(&self) -> bool {
        match self.post {
            Post::AtWindow | Post::Resting => true,
            Post::Aside { .. } => false,
        }
    }
}

impl Hall<'_> {
    pub(super) async fn operator(&mut self, index: usize, doing: Doing) -> Result<(), Trouble> {
        let done = match doing {
            Doing::SitDown => self.sit_down(index).await,
            Doing::Watch => self.watch(index).await,
            Doing::CallNext => self.call_next(index).await,
            Doing::Recall(ticket) => self.recall(index, ticket).await,
            Doing::GiveUp(ticket) => self.give_up(index, ticket).await,
            Doing::Start(ticket) => self.start(index, ticket).await,
            Doing::Turn(ticket) => self.turn(index, ticket).await,
            Doing::Finish(ticket) => self.finish(index, ticket).await,
            Doing::Resume => self.resume(index).await,
        };
        match done {
            // Whatever was expected is not so: look at the window and go on from there.
            Err(Trouble::Refused(code)) => {
                tracing::debug!(code, window = %self.operators[index].window, "a simulated operator looks again");
                self.look_again(index).await
            }
            other => other,
        }
    }

    async fn sit_down(&mut self, index: usize) -> Result<(), Trouble> {
        if !self.on_duty(index) {
            self.then_by_rule(index, ROSTER_S, Doing::SitDown);
            return Ok(());
        }
        let window = self.operators[index].window.clone();
        self.door.press(index, &Button::OpenWindow { window }).await?;
        self.operators[index].post = Post::AtWindow;
        self.next(index);
        Ok(())
    }

    async fn watch(&mut self, index: usize) -> Result<(), Trouble> {
        let window = self.operators[index].window.clone();
        let seen = self.door.look(index, &window).await?;
        let now = self.now;
        let free_since = match (seen, self.operators[index].post) {
            (WindowSeen::Mine { paused, ticket }, _) => return self.take_up(index, paused, ticket),
            (WindowSeen::Taken, _) => None,
            (WindowSeen::Closed, Post::Aside { free_since: Some(since) }) if now - since >= FREE_FOR_MS => {
                return self.sit_down(index).await;
            }
            (WindowSeen::Closed, Post::Aside { free_since }) => free_since.or(Some(now)),
            (WindowSeen::Closed, Post::AtWindow | Post::Resting) => Some(now),
        };
        self.stand_aside(index, free_since);
        Ok(())
    }

    async fn call_next(&mut self, index: usize) -> Result<(), Trouble> {
        let window = self.operators[index].window.clone();
        if !self.on_duty(index) {
            self.door.press(index, &Button::CloseWindow { window }).await?;
            self.operators[index].post = Post::Aside { free_since: None };
            self.then_by_rule(index, ROSTER_S, Doing::SitDown);
            return Ok(());
        }
        while let Some(ticket) = self.operators[index].returning.pop_front() {
            let again = Button::CallAgain { window: window.clone(), ticket };
            match self.door.press(index, &again).await {
                Ok(ticket) => return self.called(index, ticket),
                // Its time aside was over before: it waits like everybody, or is gone.
                Err(Trouble::Refused(_)) => {}
                Err(stopped) => return Err(stopped),
            }
        }
        match self.door.press(index, &Button::CallNext { window }).await {
            Ok(ticket) => self.called(index, ticket),
            Err(Trouble::Refused(code)) if code == "NOBODY_WAITING" || code == "RESERVED_FOR_BOOKING" => {
                self.idles(index);
                Ok(())
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// Nobody to call. Whoever comes next is noticed at once; those the simulation knows nothing of, at a glance.
    fn idles(&mut self, index: usize) {
        let seconds = match self.plan.rhythm {
            Rhythm::Living { .. } => {
                drawn(&mut self.operators[index].draws, self.people.manners.spans.idle_look)
            }
            // Nobody unknown comes in the past; time itself lets tickets wait again, and that can wait.
            Rhythm::Past { .. } => PAST_GLANCE_S,
        };
        self.then(index, seconds, Doing::CallNext);
        self.operators[index].is_idle = true;
    }

    fn called(&mut self, index: usize, ticket: Option<TicketSeen>) -> Result<(), Trouble> {
        let Some(TicketSeen { id, .. }) = ticket else { return Err(Trouble::Refused("NO_TICKET".into())) };
        let walk = self.people.manners.spans.walk;
        let visitor = self.visitor(id);
        match visitor.coming {
            Coming::AtOnce | Coming::Unready => {
                let seconds = visitor.takes(walk);
                self.then(index, seconds, Doing::Start(id));
            }
            Coming::Late | Coming::Never | Coming::BackLater => {
                self.then_by_rule(index, BETWEEN_CALLS_S, Doing::Recall(id));
            }
        }
        Ok(())
    }

    async fn recall(&mut self, index: usize, ticket: TicketId) -> Result<(), Trouble> {
        match self.door.press(index, &Button::Recall { ticket }).await {
            Ok(_) => {}
            Err(Trouble::Refused(code)) if code == "RECALL_TOO_EARLY" => {
                self.then_by_rule(index, TOO_EARLY_S, Doing::Recall(ticket));
                return Ok(());
            }
            Err(trouble) => return Err(trouble),
        }
        let late_walk = self.people.manners.spans.late_walk;
        let visitor = self.visitor(ticket);
        match visitor.coming {
            Coming::AtOnce | Coming::Late | Coming::Unready => {
                let seconds = visitor.takes(late_walk);
                self.then(index, seconds, Doing::Start(ticket));
            }
            Coming::Never | Coming::BackLater => {
                self.then_by_rule(index, BETWEEN_CALLS_S, Doing::GiveUp(ticket));
            }
        }
        Ok(())
    }

    async fn give_up(&mut self, index: usize, ticket: TicketId) -> Result<(), Trouble> {
        match self.door.press(index, &Button::NoShow { ticket }).await {
            Ok(_) => {}
            Err(Trouble::Refused(code)) if code == "NO_SHOW_TOO_EARLY" => {
                self.then_by_rule(index, TOO_EARLY_S, Doing::GiveUp(ticket));
                return Ok(());
            }
            Err(trouble) => return Err(trouble),
        }
        self.missed(ticket);
        self.next(index);
        Ok(())
    }

    /// Some of those who missed their calls come back; the others are never seen again.
    fn missed(&mut self, ticket: TicketId) {
        let back_after = self.people.manners.spans.back_after;
        let visitor = self.visitor(ticket);
        if visitor.coming == Coming::BackLater {
            visitor.coming = Coming::AtOnce;
            let seconds = visitor.takes(back_after);
            self.after(seconds, Step::Back(ticket));
        } else {
            self.visitors.remove(&ticket);
        }
    }

    async fn start(&mut self, index: usize, ticket: TicketId) -> Result<(), Trouble> {
        if self.visitor(ticket).coming == Coming::Unready {
            self.visitor(ticket).coming = Coming::AtOnce;
            self.door.press(index, &Button::Return { ticket, behind: 2 }).await?;
            self.somebody_waits();
            self.next(index);
            return Ok(());
        }
        let seen = self.door.press(index, &Button::Start { ticket }).await?;
        self.serve(index, ticket, seen.as_ref());
        Ok(())
    }

    /// Puts down what comes of the service that has just begun.
    fn serve(&mut self, index: usize, ticket: TicketId, seen: Option<&TicketSeen>) {
        let people = self.people;
        let pace = self.operators[index].pace;
        let visitor = self.visitor(ticket);
        let service = seen.and_then(|it| it.service.clone()).or_else(|| visitor.services.first().cloned());
        let seconds = service.map_or(60.0, |it| people.service_time(&it, visitor)) * pace;
        let (share, doing) = match visitor.twist {
            Twist::None => (1.0, Doing::Finish(ticket)),
            Twist::AsksMore(_) => (0.7, Doing::Turn(ticket)),
            Twist::StepsAside { .. } | Twist::SentElsewhere(_) | Twist::Refused => {
                (0.35, Doing::Turn(ticket))
            }
        };
        self.then(index, seconds * share, doing);
    }

    async fn turn(&mut self, index: usize, ticket: TicketId) -> Result<(), Trouble> {
        let twist = std::mem::replace(&mut self.visitor(ticket).twist, Twist::None);
        let (park, refuse) = (self.plan.reasons.park.clone(), self.plan.reasons.refuse.clone());
        match twist {
            Twist::None => return self.finish(index, ticket).await,
            Twist::AsksMore(service) => {
                let seconds = self.visitor(ticket).takes((15.0, 45.0));
                self.door.press(index, &Button::AddService { ticket, service }).await?;
                self.then(index, seconds, Doing::Finish(ticket));
                return Ok(());
            }
            Twist::SentElsewhere(service) => {
                self.door.press(index, &Button::Transfer { ticket, service }).await?;
                self.somebody_waits();
            }
            Twist::StepsAside { same_window } => {
                let away = self.people.manners.spans.away_with_form;
                let visitor = self.visitor(ticket);
                let (seconds, reason) = (visitor.takes(away), visitor.picks(&park).map(|it| it.code.clone()));
                let reason = reason.unwrap_or_else(|| ReasonCode::trusted("other"));
                let button = Button::Park { ticket, reason, same_window, minutes: ASIDE_MINUTES };
                self.door.press(index, &button).await?;
                self.after(seconds, Step::Ready(ticket, index, same_window));
            }
            Twist::Refused => {
                let reason = self.visitor(ticket).picks(&refuse).map(|it| it.code.clone());
                let reason = reason.unwrap_or_else(|| ReasonCode::trusted("other"));
                self.door.press(index, &Button::Refuse { ticket, reason }).await?;
                self.visitors.remove(&ticket);
            }
        }
        self.next(index);
        Ok(())
    }

    async fn finish(&mut self, index: usize, ticket: TicketId) -> Result<(), Trouble> {
        let outcomes = self.plan.reasons.outcome.clone();
        // The first outcome is the usual one.
        let outcome = match self.visitor(ticket).takes((0.0, 1.0)) {
            luck if luck < 0.9 => outcomes.first().map(|it| it.code.clone()),
            _ => self.visitor(ticket).picks(&outcomes).map(|it| it.code.clone()),
        };
        let seen = self.door.press(index, &Button::Complete { ticket, outcome }).await?;
        match seen.as_ref().map(|it| it.state) {
            Some(Standing::Serving) => self.serve(index, ticket, seen.as_ref()),
            Some(Standing::Waiting | Standing::Called) => {
                self.somebody_waits();
                self.next(index);
            }
            Some(Standing::Elsewhere) | None => {
                self.visitors.remove(&ticket);
                return self.rest_or_go_on(index).await;
            }
        }
        Ok(())
    }

    /// After a visit: usually the next one, sometimes a rest, but never two operators at once.
    async fn rest_or_go_on(&mut self, index: usize) -> Result<(), Trouble> {
        let tired = self.operators[index].draws.random_bool(self.people.manners.shares.operator_rests);
        if !tired || self.operators.iter().any(|it| it.post == Post::Resting) {
            self.next(index);
            return Ok(());
        }
        let span = self.people.manners.spans.rest;
        let pauses = &self.plan.reasons.pause;
        let operator = &mut self.operators[index];
        let seconds = drawn(&mut operator.draws, span);
        let reason = operator.draws.random_range(0..pauses.len().max(1));
        let reason = pauses.get(reason).map_or_else(|| ReasonCode::trusted("rest"), |it| it.code.clone());
        let window = operator.window.clone();
        self.door.press(index, &Button::PauseWindow { window, reason, minutes: ASIDE_MINUTES }).await?;
        self.operators[index].post = Post::Resting;
        self.then(index, seconds, Doing::Resume);
        Ok(())
    }

    async fn resume(&mut self, index: usize) -> Result<(), Trouble> {
        let window = self.operators[index].window.clone();
        match self.door.press(index, &Button::ResumeWindow { window }).await {
            // The pause had an end of its own.
            Ok(_) => {}
            Err(Trouble::Refused(code)) if code == "WINDOW_NOT_PAUSED" => {}
            Err(trouble) => return Err(trouble),
        }
        self.operators[index].post = Post::AtWindow;
        self.next(index);
        Ok(())
    }

    /// After a refusal: is this still my window, and who is at it?
    async fn look_again(&mut self, index: usize) -> Result<(), Trouble> {
        let window = self.operators[index].window.clone();
        match self.door.look(index, &window).await {
            Ok(WindowSeen::Mine { paused, ticket }) => return self.take_up(index, paused, ticket),
            Ok(WindowSeen::Closed) => {
                let now = self.now;
                self.stand_aside(index, Some(now));
            }
            Ok(WindowSeen::Taken) | Err(Trouble::Refused(_)) => self.stand_aside(index, None),
            Err(Trouble::Stopped) => return Err(Trouble::Stopped),
        }
        Ok(())
    }

    /// Goes on with a window as it was found: after a restart, or when something was not as expected.
    fn take_up(&mut self, index: usize, paused: bool, ticket: Option<TicketSeen>) -> Result<(), Trouble> {
        self.operators[index].post = if paused { Post::Resting } else { Post::AtWindow };
        match ticket {
            Some(seen) if seen.state == Standing::Serving => self.serve(index, seen.id, Some(&seen)),
            Some(seen) => return self.called(index, Some(seen)),
            None if paused => {
                let seconds = drawn(&mut self.operators[index].draws, self.people.manners.spans.rest);
                self.then(index, seconds, Doing::Resume);
            }
            None => self.next(index),
        }
        Ok(())
    }

    /// Leaves the window to whoever sits there, and keeps an eye on it.
    fn stand_aside(&mut self, index: usize, free_since: Option<i64>) {
        self.operators[index].post = Post::Aside { free_since };
        self.operators[index].returning.clear();
        self.then_by_rule(index, WATCH_S, Doing::Watch);
    }

    /// Takes a breath, then calls.
    fn next(&mut self, index: usize) {
        let between = self.people.manners.spans.between;
        let seconds = drawn(&mut self.operators[index].draws, between);
        self.then(index, seconds, Doing::CallNext);
    }

    /// Whether the roster wants this operator at the window now.
    fn on_duty(&self, index: usize) -> bool {
        match self.plan.rhythm {
            Rhythm::Living { .. } => true,
            Rhythm::Past { .. } => {
                let (weekday, hour) = self.weekday_and_hour();
                let past = &self.people.manners.past;
                let turn = past.turns.get(weekday % past.turns.len().max(1));
                let place = turn.and_then(|it| it.iter().position(|seat| *seat == index));
                place.is_some_and(|place| place < past.operators[hour % 24])
            }
        }
    }
}
