//! A ticket's own small state machine.

use chrono::{DateTime, Utc};

use crate::{
    ids::{ClassId, EventId, OperatorId, ReasonCode, ServiceId, TicketId, WindowId},
    queue_day::event::{Channel, Place, Pool, Quote},
    sealed::Sealed,
};

/// One customer's visit on one day.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    pub id: TicketId,
    /// Empty only in imported history.
    pub number: String,
    pub letter: Option<char>,
    pub seq: u32,
    pub class: ClassId,
    pub channel: Channel,
    pub party_size: u16,
    pub language: Option<String>,
    pub booking_id: Option<uuid::Uuid>,
    pub slot_start: Option<DateTime<Utc>>,
    pub issued_at: DateTime<Utc>,
    pub quote: Option<Quote>,
    /// Still to be given, the current one first; the last one stays when the visit is over.
    pub services: Vec<ServiceId>,
    pub place: Place,
    pub not_before: Option<DateTime<Utc>>,
    /// Not called before this instant after coming back from a no-show, unless nobody else is eligible.
    pub locked_until: Option<DateTime<Utc>>,
    pub pinned_window: Option<WindowId>,
    pub pinned_operator: Option<OperatorId>,
    /// Times it came back after a no-show.
    pub returns: u8,
    /// Calls of the present attempt to serve it.
    pub attempts: u8,
    /// 0, 1 or 2: long waits detected so far.
    pub escalation: u8,
    pub acknowledged: u8,
    pub notes: Vec<Note>,
    pub state: TicketState,
    /// The first call of the present attempt, and the last start; kept after the end for whoever reads the day.
    pub called_at: Option<DateTime<Utc>>,
    pub started_at: Option<DateTime<Utc>>,
    pub window: Option<WindowId>,
    pub operator: Option<OperatorId>,
    /// The newest event about this ticket: nothing can be undone across it.
    pub last_event: EventId,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    pub at: DateTime<Utc>,
    pub by: String,
    pub command: crate::ids::CommandId,
    pub text: Sealed,
}

/// Where a ticket stands. A window is empty where imported history names none. Each state owns exactly the data that state has.
#[derive(Debug, Clone, PartialEq)]
pub enum TicketState {
    Expected,
    Waiting {
        since: DateTime<Utc>,
    },
    Called {
        window: WindowId,
        called_at: DateTime<Utc>,
        last_call_at: DateTime<Utc>,
    },
    Serving {
        window: WindowId,
        called_at: DateTime<Utc>,
        started_at: DateTime<Utc>,
    },
    Parked {
        window: WindowId,
        operator: Option<OperatorId>,
        pool: Pool,
        reason: ReasonCode,
        since: DateTime<Utc>,
        resume_by: Option<DateTime<Utc>>,
    },
    NoShow {
        since: DateTime<Utc>,
        grace_until: DateTime<Utc>,
    },
    Closed {
        outcome: Outcome,
        at: DateTime<Utc>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Completed,
    Refused,
    Cancelled,
    Abandoned,
    Expired,
}

impl Ticket {
    /// The service it waits for or is being given.
    #[must_use]
    pub fn service(&self) -> Option<&ServiceId> {
        self.services.first()
    }

    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self.state, TicketState::Closed { .. })
    }
}

impl TicketState {
    /// The window that holds the ticket: where it is called or served.
    #[must_use]
    pub fn window(&self) -> Option<&WindowId> {
        match self {
            Self::Called { window, .. } | Self::Serving { window, .. } => Some(window),
            Self::Expected
            | Self::Waiting { .. }
            | Self::Parked { .. }
            | Self::NoShow { .. }
            | Self::Closed { .. } => None,
        }
    }

    /// The state's stable name, as interfaces spell it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Expected => "EXPECTED",
            Self::Waiting { .. } => "WAITING",
            Self::Called { .. } => "CALLED",
            Self::Serving { .. } => "SERVING",
            Self::Parked { .. } => "PARKED",
            Self::NoShow { .. } => "NO_SHOW",
            Self::Closed { outcome, .. } => match outcome {
                Outcome::Completed => "COMPLETED",
                Outcome::Refused => "REFUSED",
                Outcome::Cancelled => "CANCELLED",
                Outcome::Abandoned => "ABANDONED",
                Outcome::Expired => "EXPIRED",
            },
        }
    }
}
