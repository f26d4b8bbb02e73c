//! One row per ticket: every time, count and word that can be told of a visit. Columns: docs/operating/read-models.md.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use talon_core::queue_day::event::Channel;
use uuid::Uuid;

use crate::bulk::{Binds, Bound};

pub(crate) const COLUMNS: usize = 56;

/// A ticket as the table holds it.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct TicketRow {
    pub ticket_id: Uuid,
    pub branch: String,
    pub business_day: NaiveDate,
    pub time_zone: String,
    pub number: Option<String>,
    pub letter: Option<String>,
    pub seq: Option<i64>,
    pub class: String,
    pub channel: String,
    pub party_size: i64,
    pub language: Option<String>,
    pub booking_id: Option<Uuid>,
    #[sqlx(try_from = "String")]
    pub services: Services,
    pub service: String,
    pub state: String,
    pub outcome: Option<String>,
    pub reason_code: Option<String>,
    pub window_id: Option<String>,
    pub operator_id: Option<String>,
    pub called_service: Option<String>,
    pub called_operator: Option<String>,
    pub calls: i64,
    pub recalls: i64,
    pub transfers: i64,
    pub parks: i64,
    pub returns: i64,
    pub no_shows: i64,
    pub escalation: i64,
    pub issued_at: DateTime<Utc>,
    pub arrived_at: Option<DateTime<Utc>>,
    pub reference: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub called_at: Option<DateTime<Utc>>,
    pub started_at: Option<DateTime<Utc>>,
    pub no_show_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub waiting_since: Option<DateTime<Utc>>,
    pub call_at: Option<DateTime<Utc>>,
    pub serving_since: Option<DateTime<Utc>>,
    pub wait_ms: Option<i64>,
    pub way_ms: Option<i64>,
    pub service_ms: Option<i64>,
    #[sqlx(try_from = "String")]
    pub given: GivenList,
    pub quote_p50_s: Option<i64>,
    pub quote_p80_s: Option<i64>,
    pub quote_model: Option<String>,
    pub quote_ahead: Option<i64>,
    pub quote_windows: Option<i64>,
    pub data_set: Option<String>,
    pub external_id: Option<String>,
    pub source_branch: Option<String>,
    pub source_service: Option<String>,
    pub source_operator: Option<String>,
    pub source_queue: Option<String>,
    pub source_priority: Option<String>,
    pub position: i64,
}

/// The services asked for, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Services(pub Vec<String>);

/// Services that ended, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GivenList(pub Vec<Given>);

/// One stretch at a window, from start to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    pub service: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// Microseconds since 1970, UTC; absent when it followed another service at the same window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called_at: Option<i64>,
    pub started_at: i64,
    pub ended_at: i64,
    pub quantity: u16,
    pub end: GivenEnd,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome_code: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GivenEnd {
    Completed,
    Refused,
    Parked,
    Returned,
    Transferred,
    Cancelled,
}

impl TryFrom<String> for Services {
    type Error = serde_json::Error;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        serde_json::from_str(&text)
    }
}

impl TryFrom<String> for GivenList {
    type Error = serde_json::Error;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        serde_json::from_str(&text)
    }
}

fn json(value: &impl Serialize) -> String {
    // Lists of plain structs: serialising them cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}

impl TicketRow {
    /// The window that is busy with it.
    pub(crate) fn busy_window(&self) -> Option<&str> {
        matches!(self.state.as_str(), "CALLED" | "SERVING").then_some(self.window_id.as_deref()).flatten()
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state.as_str(), "COMPLETED" | "REFUSED" | "CANCELLED" | "ABANDONED" | "EXPIRED")
    }
}

pub(crate) fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Kiosk => "kiosk",
        Channel::Web => "web",
        Channel::Bot => "bot",
        Channel::Staff => "staff",
        Channel::Booking => "booking",
        Channel::Phone => "phone",
        Channel::Import => "import",
    }
}

impl Bound for &TicketRow {
    fn bind(&self, to: &mut Binds) {
        to.add(self.ticket_id)
            .add(self.branch.as_str())
            .add(self.business_day)
            .add(self.time_zone.as_str())
            .add(self.number.as_deref())
            .add(self.letter.as_deref())
            .add(self.seq)
            .add(self.class.as_str())
            .add(self.channel.as_str())
            .add(self.party_size)
            .add(self.language.as_deref())
            .add(self.booking_id)
            .add(json(&self.services))
            .add(self.service.as_str())
            .add(self.state.as_str())
            .add(self.outcome.as_deref())
            .add(self.reason_code.as_deref())
            .add(self.window_id.as_deref())
            .add(self.operator_id.as_deref())
            .add(self.called_service.as_deref())
            .add(self.called_operator.as_deref())
            .add(self.calls)
            .add(self.recalls)
            .add(self.transfers)
            .add(self.parks)
            .add(self.returns)
            .add(self.no_shows)
            .add(self.escalation)
            .add(self.issued_at)
            .add(self.arrived_at)
            .add(self.reference)
            .add(self.due_at)
            .add(self.called_at)
            .add(self.started_at)
            .add(self.no_show_at)
            .add(self.ended_at)
            .add(self.waiting_since)
            .add(self.call_at)
            .add(self.serving_since)
            .add(self.wait_ms)
            .add(self.way_ms)
            .add(self.service_ms)
            .add(json(&self.given))
            .add(self.quote_p50_s)
            .add(self.quote_p80_s)
            .add(self.quote_model.as_deref())
            .add(self.quote_ahead)
            .add(self.quote_windows)
            .add(self.data_set.as_deref())
            .add(self.external_id.as_deref())
            .add(self.source_branch.as_deref())
            .add(self.source_service.as_deref())
            .add(self.source_operator.as_deref())
            .add(self.source_queue.as_deref())
            .add(self.source_priority.as_deref())
            .add(self.position);
    }
}
