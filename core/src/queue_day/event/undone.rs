//! A step taken back, with everything that stands again.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Place, Pool};
use crate::ids::{ClassId, EventId, OperatorId, ReasonCode, ServiceId, TicketId, WindowId};

/// The state a step's undoing leads back to, so that no reader needs a memory of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Restored {
    /// Absent when the step was about a window alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<RestoredTicket>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<RestoredWindow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RestoredTicket {
    pub state: RestoredState,
    pub class: ClassId,
    /// Services still to be given, the current one first.
    pub services: Vec<ServiceId>,
    pub place: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<DateTime<Utc>>,
    pub returns: u8,
    pub attempts: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned_window: Option<WindowId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned_operator: Option<OperatorId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "name")]
pub enum RestoredState {
    Waiting,
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
        reason_code: ReasonCode,
        since: DateTime<Utc>,
        resume_by: Option<DateTime<Utc>>,
    },
    NoShow {
        since: DateTime<Utc>,
        grace_until: DateTime<Utc>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RestoredWindow {
    pub window: WindowId,
    pub operator: OperatorId,
    pub skills: Vec<ServiceId>,
    pub services: Vec<ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause: Option<Pause>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pause {
    pub reason: ReasonCode,
    pub since: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// The same person's last step was taken back within seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ActionUndone {
    pub undone: Vec<EventId>,
    /// Wire name of the step that was taken back.
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketId>,
    pub restored: Restored,
}
