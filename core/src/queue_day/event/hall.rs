//! What happens to the day and its windows, and what the clock notices.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Rule;
use crate::{
    ids::{OperatorId, ReasonCode, ServiceId, TicketId, WindowId},
    settings::DaySettings,
};

/// A branch began its day, with a copy of everything the day decides by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BusinessDayOpened {
    pub settings: DaySettings,
}

/// The branch published during the day; what was already promised to a ticket stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettingsAdopted {
    pub settings: DaySettings,
}

/// An operator at a window can do other things from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SkillsAdopted {
    pub operator: OperatorId,
    pub skills: Vec<ServiceId>,
}

/// No more tickets for now; those in the hall are served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IntakePaused {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Tickets are given out again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IntakeResumed {}

/// The day is over; who still waited expired just before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BusinessDayClosed {
    pub expired: u32,
}

/// An operator sat down at a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WindowOpened {
    pub window: WindowId,
    pub operator: OperatorId,
    pub skills: Vec<ServiceId>,
    pub services: Vec<ServiceId>,
}

/// Another operator took the window, with whatever ticket stood at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WindowTakenOver {
    pub window: WindowId,
    pub from_operator: OperatorId,
    pub operator: OperatorId,
    pub skills: Vec<ServiceId>,
    pub services: Vec<ServiceId>,
}

/// A service is given at the window again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WindowServiceEnabled {
    pub window: WindowId,
    pub service: ServiceId,
}

/// A service is not given at the window for now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WindowServiceDisabled {
    pub window: WindowId,
    pub service: ServiceId,
}

/// The operator stepped away and will be back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WindowPaused {
    pub window: WindowId,
    pub reason: ReasonCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// The operator is back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WindowResumed {
    pub window: WindowId,
}

/// The operator left the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WindowClosed {
    pub window: WindowId,
    pub operator: OperatorId,
}

/// A ticket waits past its due date (level 1) or past one more target (level 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LongWaitDetected {
    pub ticket: TicketId,
    pub level: u8,
    pub due_at: DateTime<Utc>,
}

/// The day should have closed long ago and still waits for this ticket at this window. Recorded once for each ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CloseOverdue {
    pub ticket: TicketId,
    pub window: WindowId,
    /// When the hours of the day were over.
    pub closing_at: DateTime<Utc>,
}

/// Somebody has seen the alert and takes care of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertAcknowledged {
    pub ticket: TicketId,
    pub level: u8,
    pub by: OperatorId,
}
