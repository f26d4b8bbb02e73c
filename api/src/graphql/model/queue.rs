//! The live queue, and what subscriptions send.

use async_graphql::{Json, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    branch::DayState,
    ticket::Ticket,
    window::{OperatorRef, Window},
};
use crate::graphql::scalar::{BranchCode, Position};

/// Everybody with an open ticket, by where they stand; `waiting` in the order in which they would be called.
#[derive(Debug, Clone, PartialEq, SimpleObject)]
pub struct Queue {
    pub position: Position,
    pub branch: BranchCode,
    pub business_day: Option<String>,
    pub state: DayState,
    pub waiting: Vec<Ticket>,
    pub called: Vec<Ticket>,
    pub serving: Vec<Ticket>,
    pub parked: Vec<Ticket>,
    pub no_show: Vec<Ticket>,
    pub expected: Vec<Ticket>,
}

/// The whole on the first message and after a gap, then only what changed.
#[derive(Debug, Clone, SimpleObject)]
pub struct QueueChange {
    pub position: Position,
    pub snapshot: Option<Queue>,
    /// New tickets and changed ones.
    pub upserted: Vec<Ticket>,
    /// Tickets that are closed now.
    pub removed: Vec<Uuid>,
}

/// The board, the same object as the feed for halls sends.
#[derive(Debug, Clone, SimpleObject)]
pub struct BoardChange {
    pub position: Position,
    pub board: Json<serde_json::Value>,
}

#[derive(Debug, Clone, SimpleObject)]
pub struct WindowChange {
    pub position: Position,
    pub window: Window,
}

#[derive(Debug, Clone, SimpleObject)]
pub struct TicketChange {
    pub position: Position,
    pub ticket: Ticket,
}

/// A wait that has gone on too long, or a window that does not end.
#[derive(Debug, Clone, PartialEq, SimpleObject)]
pub struct Alert {
    /// The event that raised it.
    pub id: Uuid,
    pub branch: BranchCode,
    pub ticket_id: Option<Uuid>,
    pub ticket_number: Option<String>,
    /// 1 past due, 2 past one more target; 3 for a window the close of the day waits for.
    pub level: i32,
    /// `long_wait`, or `close_overdue`: the day should have closed hours ago and waits for this ticket at a window.
    pub kind: String,
    pub at: DateTime<Utc>,
    pub due_at: Option<DateTime<Utc>>,
    pub acknowledged_by: Option<OperatorRef>,
    pub acknowledged_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, SimpleObject)]
pub struct AlertsChange {
    pub position: Position,
    pub alerts: Vec<Alert>,
}
