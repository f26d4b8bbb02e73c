//! One branch on one business day: its tickets, its windows and the rules between them.
//!
//! This is the boundary of everything "who is next" needs, so that one command reads one stream and writes one append.
//! It refuses to know the clock, settings of other streams, and who may do what: those arrive inside the request.
//! The rules stand by noun (`day`, `windows`, `issue`, `calls`, `services`, `aside`, `undo`); `evolve` believes what
//! happened; `due` says what time alone brings about.

mod aside;
mod calls;
pub mod command;
mod day;
mod decide;
mod due;
pub mod event;
mod evolve;
mod hours;
mod issue;
mod place;
mod services;
pub mod ticket;
mod undo;
pub mod window;
mod windows;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};

pub use self::undo::Step;
use crate::{
    ids::{EventId, ServiceId, TicketId, WindowId},
    queue_day::{event::Rule, ticket::Ticket, window::Window},
    settings::DaySettings,
};

/// Whether the day takes people in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DayState {
    #[default]
    NotOpened,
    Open,
    /// Nobody new; those in the hall are served.
    IntakePaused {
        by: PausedBy,
        since: DateTime<Utc>,
    },
    Closed {
        at: DateTime<Utc>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PausedBy {
    Rule(Rule),
    Staff,
}

/// The folded business day. `Default` is a day of which nothing is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QueueDay {
    pub state: DayState,
    pub opened_at: Option<DateTime<Utc>>,
    /// The event that opened the day: what the ids of its timed commands derive from.
    pub opened_by: Option<EventId>,
    /// Absent until the day is opened; imported days never have any.
    pub settings: Option<Arc<DaySettings>>,
    /// Every ticket of the day, closed ones too.
    pub tickets: BTreeMap<TicketId, Ticket>,
    /// Tickets that are not closed: what every call looks through.
    pub open_tickets: BTreeSet<TicketId>,
    /// Windows with an operator at them.
    pub windows: BTreeMap<WindowId, Window>,
    /// The last number given, by letter.
    pub last_seq: BTreeMap<char, u32>,
    pub tallies: Tallies,
    /// When intake was last paused or resumed: a rule of the hours acts once and may be overruled by hand.
    pub intake_decided_at: Option<DateTime<Utc>>,
    /// The latest steps that could be taken back.
    steps: Vec<Step>,
}

/// Counts of the day that rules and quotes read; each follows from the tickets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tallies {
    pub issued: u32,
    pub issued_by_service: BTreeMap<ServiceId, u32>,
    pub served: u32,
    /// Completed services: how many, and their seconds together.
    pub service_times: BTreeMap<ServiceId, (u32, u64)>,
}

impl QueueDay {
    /// Tickets that are not closed, in the order of their ids.
    pub fn open(&self) -> impl Iterator<Item = &Ticket> {
        self.open_tickets.iter().filter_map(|id| self.tickets.get(id))
    }

    #[must_use]
    pub fn is_open(&self) -> bool {
        match self.state {
            DayState::Open | DayState::IntakePaused { .. } => true,
            DayState::NotOpened | DayState::Closed { .. } => false,
        }
    }
}
