//! Branches, their catalogue, their day, their devices.

use async_graphql::{Enum, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use talon_core::{
    ids::BranchId,
    queue_day::{DayState as State, QueueDay, ticket::TicketState},
    settings,
};

use super::{LocalText, input::DeviceKind, int, ticket::Quote};
use crate::graphql::scalar::{BranchCode, ServiceCode};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum DayState {
    NotOpened,
    Open,
    /// Nobody new for now; those in the hall are served.
    IntakePaused,
    Closed,
}

impl From<&State> for DayState {
    fn from(state: &State) -> Self {
        match state {
            State::NotOpened => Self::NotOpened,
            State::Open => Self::Open,
            State::IntakePaused { .. } => Self::IntakePaused,
            State::Closed { .. } => Self::Closed,
        }
    }
}

/// One thing a customer can come for.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Service {
    pub code: ServiceCode,
    pub name: LocalText,
    pub group: String,
    pub group_name: LocalText,
    pub letter: String,
    /// Expected time of service, seconds.
    pub norm_seconds: i32,
    /// Its own waiting target, seconds; absent: its class decides.
    pub target_seconds: Option<i32>,
    pub long: bool,
    /// Whether this branch gives it.
    pub enabled: bool,
}

/// Services that share one letter.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ServiceGroup {
    pub code: String,
    pub name: LocalText,
    pub letter: String,
    /// Name of a picture of the kiosk's set.
    pub icon: Option<String>,
    pub services: Vec<Service>,
}

/// A priority group of people.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ClassOfPeople {
    pub code: String,
    pub name: LocalText,
    pub target_seconds: i32,
    /// Whether a kiosk may offer it.
    pub self_service: bool,
    /// The lawful grounds to choose from.
    pub reasons: Vec<ReasonCode>,
}

/// A word of a closed vocabulary, with what people read.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ReasonCode {
    pub code: String,
    pub name: LocalText,
}

impl From<&settings::Reason> for ReasonCode {
    fn from(reason: &settings::Reason) -> Self {
        Self { code: reason.code.to_string(), name: (&reason.name).into() }
    }
}

/// The business day as a whole.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct BusinessDay {
    /// The date in the name of its stream.
    pub date: String,
    pub state: DayState,
    pub opened_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    pub waiting: i32,
    pub serving: i32,
    pub issued: i32,
    pub served: i32,
    /// What a standard customer would be told now.
    pub quote: Option<Quote>,
}

impl BusinessDay {
    #[must_use]
    pub fn of(day: &QueueDay, date: NaiveDate) -> Self {
        let count = |wanted: fn(&TicketState) -> bool| {
            int(day.tickets.values().filter(|it| wanted(&it.state)).count())
        };
        Self {
            date: date.to_string(),
            state: (&day.state).into(),
            opened_at: day.opened_at,
            closed_at: match day.state {
                State::Closed { at } => Some(at),
                State::NotOpened | State::Open | State::IntakePaused { .. } => None,
            },
            waiting: count(|state| matches!(state, TicketState::Waiting { .. })),
            serving: count(|state| matches!(state, TicketState::Serving { .. })),
            issued: int(day.tallies.issued),
            served: int(day.tallies.served),
            quote: None,
        }
    }
}

/// A kiosk or a board.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Device {
    pub id: String,
    pub name: String,
    pub kind: DeviceKind,
    pub branch: BranchCode,
    pub paired_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// Its last heartbeat, whichever process heard it; a few seconds late from another one.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Paired, and heard within the last minute and a half.
    pub online: bool,
    /// The version of the page it runs.
    pub build: Option<String>,
    /// Codes of what is wrong there, as it says itself.
    pub problems: Vec<String>,
}

/// The catalogue of one branch, by groups in their order; `enabled` is whether this branch gives the service.
#[must_use]
pub fn groups(
    groups: &[settings::ServiceGroup],
    services: &[(settings::Service, bool)],
) -> Vec<ServiceGroup> {
    groups
        .iter()
        .map(|group| ServiceGroup {
            code: group.id.to_string(),
            name: (&group.name).into(),
            letter: group.letter.to_string(),
            icon: group.icon.clone(),
            services: services
                .iter()
                .filter(|(service, _)| service.group == group.id)
                .map(|(service, enabled)| Service {
                    code: ServiceCode(service.id.clone()),
                    name: (&service.name).into(),
                    group: group.id.to_string(),
                    group_name: (&group.name).into(),
                    letter: group.letter.to_string(),
                    norm_seconds: int(service.norm_s),
                    target_seconds: service.target_s.map(int),
                    long: service.long,
                    enabled: *enabled,
                })
                .collect(),
        })
        .collect()
}

/// Classes as the schema shows them.
#[must_use]
pub fn classes(classes: &[settings::Class]) -> Vec<ClassOfPeople> {
    classes
        .iter()
        .map(|class| ClassOfPeople {
            code: class.id.to_string(),
            name: (&class.name).into(),
            target_seconds: int(class.target_s),
            self_service: class.self_service,
            reasons: class.reasons.iter().map(ReasonCode::from).collect(),
        })
        .collect()
}

/// A branch's code, for the few places that hold only its id.
#[must_use]
pub fn code(branch: &BranchId) -> BranchCode {
    branch.clone().into()
}
