//! Windows and the people at them.

use async_graphql::{Enum, SimpleObject};
use chrono::{DateTime, Utc};
use talon_core::{
    ids::{BranchId, WindowId},
    queue_day::{QueueDay, ticket::TicketState as State},
};
use uuid::Uuid;

use super::ticket::{Decision, Ticket};
use crate::graphql::scalar::{BranchCode, OperatorId, ServiceCode, WindowCode};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum WindowState {
    Closed,
    Free,
    Calling,
    Serving,
    Paused,
}

/// A member of staff: a pseudonym, and the name for those who may read it.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
#[graphql(complex)]
pub struct OperatorRef {
    pub id: OperatorId,
}

impl OperatorRef {
    #[must_use]
    pub fn of(id: talon_core::ids::OperatorId) -> Self {
        Self { id: OperatorId(id) }
    }
}

/// Who would be called now, and why.
#[derive(Debug, Clone, PartialEq, SimpleObject)]
pub struct Candidate {
    pub ticket: Ticket,
    pub decision: Decision,
}

/// A step that can still be taken back.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Undo {
    /// What `undoAction` asks for.
    pub event_id: Uuid,
    /// Wire name of the step.
    pub kind: String,
    pub ticket_number: Option<String>,
    pub until: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, SimpleObject)]
#[graphql(complex)]
pub struct Window {
    pub code: WindowCode,
    /// What is written above it.
    pub label: String,
    pub branch: BranchCode,
    pub state: WindowState,
    /// Since when somebody sits there.
    pub since: Option<DateTime<Utc>>,
    pub operator: Option<OperatorRef>,
    /// What is switched on there.
    pub services: Vec<ServiceCode>,
    /// What the operator there can do.
    pub skills: Vec<ServiceCode>,
    pub pause_reason: Option<String>,
    pub paused_until: Option<DateTime<Utc>>,
    /// The ticket called to it or served there.
    pub ticket: Option<Ticket>,
    pub undo: Option<Undo>,
    #[graphql(skip)]
    pub upcoming: Option<Candidate>,
}

impl Window {
    /// A window as the branch set it up, with whoever sits there.
    #[must_use]
    pub fn of(day: &QueueDay, branch: &BranchId, date: chrono::NaiveDate, id: &WindowId) -> Option<Self> {
        let settings = day.settings.as_deref();
        let set_up = settings.and_then(|it| it.windows.iter().find(|window| window.id == *id));
        let open = day.windows.get(id);
        if set_up.is_none() && open.is_none() {
            return None;
        }
        let ticket = open.and_then(|it| it.ticket).and_then(|ticket| day.tickets.get(&ticket));
        let state = match (open, ticket) {
            (None, _) => WindowState::Closed,
            (Some(_), Some(ticket)) if matches!(ticket.state, State::Serving { .. }) => WindowState::Serving,
            (Some(_), Some(_)) => WindowState::Calling,
            (Some(it), None) if it.pause.is_some() => WindowState::Paused,
            (Some(_), None) => WindowState::Free,
        };
        let codes =
            |services: &[talon_core::ids::ServiceId]| services.iter().cloned().map(ServiceCode).collect();
        let pause = open.and_then(|it| it.pause.as_ref());
        Some(Self {
            code: WindowCode(id.clone()),
            label: set_up.map_or_else(|| id.to_string(), |window| window.label.clone()),
            branch: branch.clone().into(),
            state,
            since: open.map(|it| it.since),
            operator: open.map(|it| OperatorRef::of(it.operator.clone())),
            services: match (open, set_up) {
                (Some(open), _) => codes(&open.services),
                (None, Some(set_up)) => codes(&set_up.services),
                (None, None) => Vec::new(),
            },
            skills: open.map(|it| codes(&it.skills)).unwrap_or_default(),
            pause_reason: pause.map(|it| it.reason.to_string()),
            paused_until: pause.and_then(|it| it.until),
            ticket: ticket.map(|it| Ticket::live(it, settings, branch, date)),
            undo: None,
            upcoming: None,
        })
    }
}
