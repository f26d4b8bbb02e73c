//! Tickets, decisions, notes.

use async_graphql::{Enum, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use talon_core::{
    ids::{self, BranchId},
    queue_day::{
        event,
        ticket::{Outcome, Ticket as Known, TicketState as State},
    },
    settings::DaySettings,
};
use talon_projections::tickets::row::TicketRow;
use uuid::Uuid;

use super::{LocalText, int, window::OperatorRef};
use crate::graphql::scalar::{BranchCode, OperatorId, ServiceCode, WindowCode};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum TicketState {
    /// Joined from afar and not here yet.
    Expected,
    Waiting,
    Called,
    Serving,
    /// Asked to wait aside.
    Parked,
    /// Called and did not come; may still return within the grace.
    NoShow,
    Completed,
    Refused,
    Cancelled,
    Abandoned,
    Expired,
}

impl TicketState {
    /// The state behind its stable name; unknown names, which only a newer build writes, show as expired.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "EXPECTED" => Self::Expected,
            "WAITING" => Self::Waiting,
            "CALLED" => Self::Called,
            "SERVING" => Self::Serving,
            "PARKED" => Self::Parked,
            "NO_SHOW" => Self::NoShow,
            "COMPLETED" => Self::Completed,
            "REFUSED" => Self::Refused,
            "CANCELLED" => Self::Cancelled,
            "ABANDONED" => Self::Abandoned,
            _ => Self::Expired,
        }
    }

    /// Its stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Expected => "EXPECTED",
            Self::Waiting => "WAITING",
            Self::Called => "CALLED",
            Self::Serving => "SERVING",
            Self::Parked => "PARKED",
            Self::NoShow => "NO_SHOW",
            Self::Completed => "COMPLETED",
            Self::Refused => "REFUSED",
            Self::Cancelled => "CANCELLED",
            Self::Abandoned => "ABANDONED",
            Self::Expired => "EXPIRED",
        }
    }
}

impl From<&State> for TicketState {
    fn from(state: &State) -> Self {
        match state {
            State::Expected => Self::Expected,
            State::Waiting { .. } => Self::Waiting,
            State::Called { .. } => Self::Called,
            State::Serving { .. } => Self::Serving,
            State::Parked { .. } => Self::Parked,
            State::NoShow { .. } => Self::NoShow,
            State::Closed { outcome, .. } => match outcome {
                Outcome::Completed => Self::Completed,
                Outcome::Refused => Self::Refused,
                Outcome::Cancelled => Self::Cancelled,
                Outcome::Abandoned => Self::Abandoned,
                Outcome::Expired => Self::Expired,
            },
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "event::Channel")]
pub enum Channel {
    Kiosk,
    Web,
    Bot,
    Staff,
    Booking,
    Phone,
    Import,
}

impl Channel {
    /// The channel behind its name in facts and tables; an unknown one, which only a newer build writes, shows as staff.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "kiosk" => Self::Kiosk,
            "web" => Self::Web,
            "bot" => Self::Bot,
            "booking" => Self::Booking,
            "phone" => Self::Phone,
            "import" => Self::Import,
            _ => Self::Staff,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, serde::Serialize)]
#[graphql(remote = "event::Pool")]
pub enum Pool {
    Window,
    Operator,
    Branch,
}

/// A wait as it is told to a customer.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Quote {
    /// Half of the customers wait no longer, seconds.
    pub p50_seconds: i32,
    /// Four of five wait no longer, seconds.
    pub p80_seconds: i32,
    /// Tickets before this one when it was asked.
    pub ahead: i32,
    /// Windows open for the service.
    pub windows: i32,
    /// Which model answered.
    pub model: String,
}

impl From<&event::Quote> for Quote {
    fn from(quote: &event::Quote) -> Self {
        Self {
            p50_seconds: int(quote.p50_s),
            p80_seconds: int(quote.p80_s),
            ahead: int(quote.ahead),
            windows: int(quote.windows),
            model: quote.model.clone(),
        }
    }
}

/// Why this ticket and no other.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Decision {
    pub policy: String,
    /// How many tickets the window could have called.
    pub candidates: i32,
    /// 1 for the first in order.
    pub rank: i32,
    pub due_at: DateTime<Utc>,
    /// Those who came earlier and were passed over, at most five.
    pub overtaken: Vec<OvertakenTicket>,
    pub reason_code: Option<String>,
    /// The same in a sentence for people.
    pub explanation: LocalText,
}

#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct OvertakenTicket {
    pub ticket_id: Uuid,
    pub number: String,
    pub due_at: DateTime<Utc>,
}

impl Decision {
    #[must_use]
    pub fn of(decision: &event::Decision, explanation: LocalText) -> Self {
        Self {
            policy: decision.policy.clone(),
            candidates: int(decision.candidates),
            rank: int(decision.rank),
            due_at: decision.due_at,
            overtaken: decision
                .overtaken
                .iter()
                .map(|it| OvertakenTicket {
                    ticket_id: it.ticket.0,
                    number: it.number.clone(),
                    due_at: it.due_at,
                })
                .collect(),
            reason_code: decision.reason_code.as_ref().map(ToString::to_string),
            explanation,
        }
    }
}

/// A note about a visit.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Note {
    pub at: DateTime<Utc>,
    pub by: Option<OperatorRef>,
    /// Absent for those who may not read it, and when the person's key was destroyed.
    pub text: Option<String>,
}

/// One customer's visit.
#[derive(Debug, Clone, PartialEq, SimpleObject)]
#[graphql(complex)]
pub struct Ticket {
    pub id: Uuid,
    /// Empty only in imported history.
    pub number: String,
    pub letter: String,
    pub seq: i32,
    pub branch: BranchCode,
    /// The date in the name of the day's stream.
    pub business_day: String,
    pub state: TicketState,
    pub class: String,
    pub channel: Channel,
    /// Still to be given, the current one first.
    pub services: Vec<ServiceCode>,
    pub current: Option<ServiceCode>,
    pub party_size: i32,
    pub language: Option<String>,
    pub issued_at: DateTime<Utc>,
    /// Since when it counts as waiting.
    pub reference: DateTime<Utc>,
    /// When it should have been called.
    pub due_at: DateTime<Utc>,
    pub not_before: Option<DateTime<Utc>>,
    pub window: Option<WindowCode>,
    pub window_label: Option<String>,
    pub operator: Option<OperatorRef>,
    /// Calls so far.
    pub attempts: i32,
    pub called_at: Option<DateTime<Utc>>,
    pub last_call_at: Option<DateTime<Utc>>,
    pub started_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub grace_until: Option<DateTime<Utc>>,
    pub resume_by: Option<DateTime<Utc>>,
    pub park_reason: Option<String>,
    pub park_pool: Option<Pool>,
    pub parked_by: Option<WindowCode>,
    pub pinned_window: Option<WindowCode>,
    pub pinned_operator: Option<OperatorId>,
    /// The wait told when it was issued.
    pub quote: Option<Quote>,
    /// Times it came back after a no-show.
    pub returns: i32,
    /// 0, 1 past due, 2 past one more target.
    pub escalation: i32,
    #[graphql(skip)]
    pub sealed_notes: Vec<talon_core::queue_day::ticket::Note>,
}

impl Ticket {
    /// A ticket of a folded day.
    #[must_use]
    pub fn live(ticket: &Known, settings: Option<&DaySettings>, branch: &BranchId, day: NaiveDate) -> Self {
        let label = |id: &talon_core::ids::WindowId| {
            settings
                .and_then(|it| it.windows.iter().find(|window| window.id == *id))
                .map_or_else(|| id.to_string(), |window| window.label.clone())
        };
        let mut shown = Self {
            id: ticket.id.0,
            number: ticket.number.clone(),
            letter: ticket.letter.map(String::from).unwrap_or_default(),
            seq: int(ticket.seq),
            branch: branch.clone().into(),
            business_day: day.to_string(),
            state: (&ticket.state).into(),
            class: ticket.class.to_string(),
            channel: ticket.channel.into(),
            services: ticket.services.iter().cloned().map(ServiceCode).collect(),
            current: ticket.service().cloned().map(ServiceCode),
            party_size: int(ticket.party_size),
            language: ticket.language.clone(),
            issued_at: ticket.issued_at,
            reference: ticket.place.reference,
            due_at: ticket.place.due_at,
            not_before: ticket.not_before,
            window: ticket.window.clone().map(WindowCode),
            window_label: ticket.window.as_ref().map(label),
            operator: ticket.operator.clone().map(OperatorRef::of),
            attempts: int(ticket.attempts),
            called_at: ticket.called_at,
            last_call_at: None,
            started_at: ticket.started_at,
            ended_at: None,
            grace_until: None,
            resume_by: None,
            park_reason: None,
            park_pool: None,
            parked_by: None,
            pinned_window: ticket.pinned_window.clone().map(WindowCode),
            pinned_operator: ticket.pinned_operator.clone().map(OperatorId),
            quote: ticket.quote.as_ref().map(Quote::from),
            returns: int(ticket.returns),
            escalation: int(ticket.escalation),
            sealed_notes: ticket.notes.clone(),
        };
        match &ticket.state {
            State::Expected | State::Waiting { .. } => {}
            State::Called { called_at, last_call_at, .. } => {
                shown.called_at = Some(*called_at);
                shown.last_call_at = Some(*last_call_at);
            }
            State::Serving { called_at, started_at, .. } => {
                shown.called_at = Some(*called_at);
                shown.started_at = Some(*started_at);
            }
            State::Parked { window, pool, reason, resume_by, .. } => {
                shown.parked_by = Some(WindowCode(window.clone()));
                shown.park_pool = Some((*pool).into());
                shown.park_reason = Some(reason.to_string());
                shown.resume_by = *resume_by;
            }
            State::NoShow { grace_until, .. } => shown.grace_until = Some(*grace_until),
            State::Closed { at, .. } => shown.ended_at = Some(*at),
        }
        shown
    }

    /// A ticket of the table of tickets.
    #[must_use]
    pub fn from_row(row: TicketRow) -> Self {
        let quote = match (row.quote_p50_s, row.quote_p80_s) {
            (Some(p50), Some(p80)) => Some(Quote {
                p50_seconds: int(p50),
                p80_seconds: int(p80),
                ahead: int(row.quote_ahead.unwrap_or_default()),
                windows: int(row.quote_windows.unwrap_or_default()),
                model: row.quote_model.unwrap_or_default(),
            }),
            (None, _) | (_, None) => None,
        };
        let code = |text: &str| ServiceCode(ids::ServiceId::trusted(text));
        Self {
            id: row.ticket_id,
            number: row.number.unwrap_or_default(),
            letter: row.letter.unwrap_or_default(),
            seq: row.seq.map(int).unwrap_or_default(),
            branch: BranchId::trusted(&row.branch).into(),
            business_day: row.business_day.to_string(),
            state: TicketState::named(&row.state),
            class: row.class,
            channel: Channel::named(&row.channel),
            services: row.services.0.iter().map(|it| code(it)).collect(),
            current: Some(code(&row.service)),
            party_size: int(row.party_size),
            language: row.language,
            issued_at: row.issued_at,
            reference: row.reference,
            due_at: row.due_at,
            not_before: None,
            window: row.window_id.as_deref().map(|it| WindowCode(ids::WindowId::trusted(it))),
            window_label: row.window_id,
            operator: row.operator_id.as_deref().map(|it| OperatorRef::of(ids::OperatorId::trusted(it))),
            attempts: int(row.calls),
            called_at: row.called_at,
            last_call_at: None,
            started_at: row.started_at,
            ended_at: row.ended_at,
            grace_until: None,
            resume_by: None,
            park_reason: None,
            park_pool: None,
            parked_by: None,
            pinned_window: None,
            pinned_operator: None,
            quote,
            returns: int(row.returns),
            escalation: int(row.escalation),
            sealed_notes: Vec::new(),
        }
    }

    /// The same for whoever holds the ticket: nothing of the people who serve and nothing they wrote.
    #[must_use]
    pub fn for_its_holder(self) -> Self {
        Self { operator: None, sealed_notes: Vec::new(), pinned_operator: None, park_reason: None, ..self }
    }
}
