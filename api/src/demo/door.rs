//! The door between the simulated people and the branch: what they can press, what they can see, and how time passes.

use async_trait::async_trait;
use talon_core::ids::{ReasonCode, ServiceId, TicketId, WindowId};

use super::people::Person;

/// A button an operator presses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Button {
    OpenWindow {
        window: WindowId,
    },
    CloseWindow {
        window: WindowId,
    },
    PauseWindow {
        window: WindowId,
        reason: ReasonCode,
        minutes: u16,
    },
    ResumeWindow {
        window: WindowId,
    },
    CallNext {
        window: WindowId,
    },
    /// Takes a ticket this window had set aside.
    CallAgain {
        window: WindowId,
        ticket: TicketId,
    },
    Recall {
        ticket: TicketId,
    },
    Start {
        ticket: TicketId,
    },
    AddService {
        ticket: TicketId,
        service: ServiceId,
    },
    Complete {
        ticket: TicketId,
        outcome: Option<ReasonCode>,
    },
    Refuse {
        ticket: TicketId,
        reason: ReasonCode,
    },
    NoShow {
        ticket: TicketId,
    },
    /// Back within the grace, to the old place.
    Reactivate {
        ticket: TicketId,
    },
    Park {
        ticket: TicketId,
        reason: ReasonCode,
        same_window: bool,
        minutes: u16,
    },
    Unpark {
        ticket: TicketId,
    },
    /// Back into the queue, behind so many.
    Return {
        ticket: TicketId,
        behind: u32,
    },
    Transfer {
        ticket: TicketId,
        service: ServiceId,
    },
}

/// A ticket as its operator's screen shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketSeen {
    pub id: TicketId,
    pub state: Standing,
    /// The service it waits for or is being given.
    pub service: Option<ServiceId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Waiting,
    Called,
    Serving,
    /// Parked, missing or gone: nobody is at a window with it.
    Elsewhere,
}

impl Standing {
    /// By the stable name of a ticket's state.
    #[must_use]
    pub fn of(state: &str) -> Self {
        match state {
            "WAITING" => Self::Waiting,
            "CALLED" => Self::Called,
            "SERVING" => Self::Serving,
            _ => Self::Elsewhere,
        }
    }
}

/// A window as one operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WindowSeen {
    /// Nobody sits there.
    Closed,
    /// Somebody else does.
    Taken,
    Mine {
        paused: bool,
        ticket: Option<TicketSeen>,
    },
}

/// Why a step did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The branch said no, with this code; nothing changed.
    #[error("refused: {0}")]
    Refused(String),
    /// The simulation is to end.
    #[error("the demo is over")]
    Stopped,
}

/// How the simulated people reach the branch. An outage is waited out behind the door: a step either happened once or
/// was refused.
#[async_trait]
pub trait Door: Send + Sync {
    /// Returns when this moment is there: milliseconds since the simulation began. After an outage the moments still to
    /// come move with it, so that nobody hurries to catch up.
    ///
    /// # Errors
    /// `Stopped`.
    async fn wait_until(&self, moment: i64) -> Result<(), Trouble>;

    /// A visitor at the kiosk.
    ///
    /// # Errors
    /// See `Trouble`.
    async fn take_ticket(&self, person: &Person) -> Result<TicketSeen, Trouble>;

    /// An operator, by number, presses a button; the ticket it was about as it is now, where it was about one.
    ///
    /// # Errors
    /// See `Trouble`.
    async fn press(&self, operator: usize, button: &Button) -> Result<Option<TicketSeen>, Trouble>;

    /// An operator looks at a window.
    ///
    /// # Errors
    /// See `Trouble`.
    async fn look(&self, operator: usize, window: &WindowId) -> Result<WindowSeen, Trouble>;

    /// How many people wait in the hall, those the simulation knows nothing of included.
    ///
    /// # Errors
    /// See `Trouble`.
    async fn waiting(&self) -> Result<usize, Trouble>;
}
