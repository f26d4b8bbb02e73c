//! The simulated hall: one agenda of moments, worked off one step at a time, so that a seed is a sequence.
//!
//! Moments are milliseconds since the beginning on the branch's own clock. The speed divides the times people take;
//! times the rules take (30 s between two calls) are the server's and stay as they are.

mod arrivals;
mod operator;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

use chrono::{DateTime, Utc};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use talon_core::{
    ids::{TicketId, WindowId},
    settings::Reasons,
};

use super::{
    door::{Button, Door, Trouble},
    people::{People, Person},
};
use operator::{Doing, Operator};

/// A branch opened for the first time is lively when so many wait.
pub const FIRST_CROWD: usize = 10;
/// Between two operators sitting down at the beginning, seconds: calls are to come one by one, not five at a time.
const BETWEEN_SEATS_S: f64 = 11.0;

/// When people come, and who is at work.
#[derive(Debug, Clone)]
pub enum Rhythm {
    /// Always lively: as many people as keep the operators busy for this share of their time. The hall's own watch
    /// begins at ten on a Monday, whatever the hour, so that a demo at night is a demo all the same.
    Living { busy: f64 },
    /// By hour and weekday of the branch, from this instant on.
    Past { began: DateTime<Utc>, zone: chrono_tz::Tz },
}

/// What the simulation is to do.
#[derive(Debug, Clone)]
pub struct Plan {
    pub rhythm: Rhythm,
    /// How many times faster than life people are; greater than 0.
    pub speed: f64,
    /// The last moment, milliseconds; none for a hall that lives until it is stopped.
    pub until: Option<i64>,
    /// The simulated operators' windows, in the door's order.
    pub windows: Vec<WindowId>,
    pub reasons: Reasons,
}

/// Something that is going to happen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// The next draw of who comes; `expected` says that somebody does now.
    Arrival { expected: bool },
    /// One of the first crowd.
    Comes,
    /// An operator's next step, and which of the operator's steps it is: one that was overtaken is not done.
    Operator(usize, u64, Doing),
    /// Missed the calls, and is in the hall again.
    Back(TicketId),
    /// Was asked aside, and is ready. The operator who asked, and whether only that window takes it up.
    Ready(TicketId, usize, bool),
}

/// The people in the hall and what they are about to do.
pub struct Hall<'a> {
    people: &'a People,
    door: &'a dyn Door,
    plan: Plan,
    agenda: BinaryHeap<Reverse<(i64, u64, Step)>>,
    /// The order in which steps were put down: what decides between two of one moment.
    serial: u64,
    now: i64,
    operators: Vec<Operator>,
    visitors: BTreeMap<TicketId, Person>,
    arrivals: ChaCha8Rng,
    came: u64,
}

impl<'a> Hall<'a> {
    #[must_use]
    pub fn new(people: &'a People, door: &'a dyn Door, plan: Plan) -> Self {
        let operators = plan.windows.iter().enumerate();
        let operators =
            operators.map(|(index, window)| Operator::new(people, index, window.clone())).collect();
        Self {
            people,
            door,
            plan,
            agenda: BinaryHeap::new(),
            serial: 0,
            now: 0,
            operators,
            visitors: BTreeMap::new(),
            arrivals: people.draws("arrivals"),
            came: 0,
        }
    }

    /// Lives until the plan's last moment, or until the door closes.
    ///
    /// # Errors
    /// `Stopped` when the door closed; refusals are part of life and end nothing.
    pub async fn run(mut self) -> Result<(), Trouble> {
        let mut begins = 0.0;
        for operator in 0..self.operators.len() {
            self.then(operator, begins, Doing::SitDown);
            begins += BETWEEN_SEATS_S;
        }
        self.first_crowd().await?;
        while let Some(Reverse((moment, _, step))) = self.agenda.pop() {
            if self.plan.until.is_some_and(|until| moment > until) {
                break;
            }
            self.door.wait_until(moment).await?;
            self.now = moment;
            match self.step(step).await {
                Ok(()) => {}
                // Every step answers the refusals it expects; any other is the branch's own business.
                Err(Trouble::Refused(code)) => tracing::debug!(code, "a simulated person was refused"),
                Err(Trouble::Stopped) => return Err(Trouble::Stopped),
            }
        }
        Ok(())
    }

    async fn step(&mut self, step: Step) -> Result<(), Trouble> {
        match step {
            Step::Arrival { expected } => self.arrival(expected).await,
            Step::Comes => self.comes_in().await,
            Step::Operator(index, turn, doing) if self.operators[index].turn == turn => {
                self.operator(index, doing).await
            }
            Step::Operator(..) => Ok(()),
            Step::Back(ticket) => self.back(ticket).await,
            Step::Ready(ticket, operator, same_window) => self.ready(ticket, operator, same_window).await,
        }
    }

    /// Somebody who missed the calls asks the first operator at hand to be let in again.
    async fn back(&mut self, ticket: TicketId) -> Result<(), Trouble> {
        let Some(operator) = self.at_hand(None) else { return Ok(()) };
        self.door.press(operator, &Button::Reactivate { ticket }).await?;
        self.somebody_waits();
        Ok(())
    }

    /// The form is filled in: either the same window calls again when it is free, or the ticket waits as before.
    async fn ready(&mut self, ticket: TicketId, operator: usize, same_window: bool) -> Result<(), Trouble> {
        if same_window && self.operators[operator].is_seated() {
            self.operators[operator].returning.push_back(ticket);
        } else {
            let Some(operator) = self.at_hand(Some(operator)) else { return Ok(()) };
            self.door.press(operator, &Button::Unpark { ticket }).await?;
        }
        self.somebody_waits();
        Ok(())
    }

    /// An operator at a window: this one if possible.
    fn at_hand(&self, wanted: Option<usize>) -> Option<usize> {
        wanted
            .filter(|index| self.operators[*index].is_seated())
            .or_else(|| self.operators.iter().position(Operator::is_seated))
    }

    fn at(&mut self, moment: i64, step: Step) {
        self.serial += 1;
        self.agenda.push(Reverse((moment, self.serial, step)));
    }

    /// What an operator does at a moment, instead of whatever was intended before.
    fn does(&mut self, operator: usize, moment: i64, doing: Doing) {
        self.operators[operator].turn += 1;
        self.operators[operator].is_idle = false;
        let turn = self.operators[operator].turn;
        self.at(moment, Step::Operator(operator, turn, doing));
    }

    /// The same, after so many seconds of people's time.
    fn then(&mut self, operator: usize, seconds: f64, doing: Doing) {
        self.does(operator, self.now + millis(seconds / self.plan.speed), doing);
    }

    /// The same, after so many seconds of the branch's clock.
    fn then_by_rule(&mut self, operator: usize, seconds: f64, doing: Doing) {
        self.does(operator, self.now + millis(seconds), doing);
    }

    /// Operators with nothing to do notice that somebody waits.
    fn somebody_waits(&mut self) {
        for operator in 0..self.operators.len() {
            if self.operators[operator].is_idle {
                let seconds = drawn(&mut self.operators[operator].draws, self.people.manners.spans.idle_look);
                self.then(operator, seconds, Doing::CallNext);
            }
        }
    }

    /// After so many seconds of people's time.
    fn after(&mut self, seconds: f64, step: Step) {
        self.at(self.now + millis(seconds / self.plan.speed), step);
    }

    fn visitor(&mut self, ticket: TicketId) -> &mut Person {
        let people = self.people;
        self.visitors.entry(ticket).or_insert_with(|| people.stranger(&ticket.to_string()))
    }
}

/// Whole milliseconds; at least one, so that time goes on.
fn millis(seconds: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "spans of people's time are hours at most")]
    let millis = (seconds * 1000.0).round() as i64;
    millis.max(1)
}

/// An even draw from a span of seconds.
fn drawn(draws: &mut ChaCha8Rng, span: (f64, f64)) -> f64 {
    draws.random_range(span.0..=span.1)
}

#[cfg(test)]
mod tests;
