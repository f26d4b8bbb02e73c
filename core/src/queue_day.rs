//! One branch on one business day: its tickets, its windows and the rules between them.
//!
//! This is the boundary of everything "who is next" needs, so that one command reads one stream and writes one append.
//! It refuses to know the clock, settings of other streams, and who may do what: those arrive inside the request.

pub mod command;
pub mod event;
pub mod ticket;
pub mod window;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::{
    ids::{ServiceId, TicketId, WindowId},
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
#[derive(Debug, Clone, Default)]
pub struct QueueDay {
    pub state: DayState,
    pub opened_at: Option<DateTime<Utc>>,
    /// Absent until the day is opened; imported days never have any.
    pub settings: Option<std::sync::Arc<DaySettings>>,
    /// Every ticket of the day, closed ones too.
    pub tickets: BTreeMap<TicketId, Ticket>,
    /// Windows with an operator at them.
    pub windows: BTreeMap<WindowId, Window>,
    /// The last number given, by letter.
    pub last_seq: BTreeMap<char, u32>,
    pub tallies: Tallies,
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
