//! Other systems that are told of events.

use async_graphql::{Enum, ID, SimpleObject};
use chrono::{DateTime, Utc};
use talon_core::organisation::webhook;
use talon_storage::vault::Delivery;
use uuid::Uuid;

use super::payload::Refusal;
use crate::graphql::scalar::{BranchCode, Position};

/// A system that is called about chosen events.
#[derive(Debug, Clone, SimpleObject)]
pub struct Webhook {
    pub id: ID,
    pub url: String,
    /// Wire names of events, families (`ticket.*`) or `*`.
    pub kinds: Vec<String>,
    /// Empty: all.
    pub branches: Vec<BranchCode>,
    /// Whether it is called now.
    pub active: bool,
}

impl Webhook {
    #[must_use]
    pub fn of(id: &str, settings: &webhook::Webhook) -> Self {
        Self {
            id: ID::from(id),
            url: settings.url.clone(),
            kinds: settings.kinds.clone(),
            branches: settings.branches.iter().cloned().map(BranchCode::from).collect(),
            active: settings.active,
        }
    }
}

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum DeliveryState {
    Waiting,
    Sending,
    Sent,
    /// Given up.
    Dead,
}

/// One call to a system.
#[derive(Debug, Clone, SimpleObject)]
pub struct WebhookDelivery {
    pub id: Uuid,
    /// The event it tells of.
    pub event_id: Uuid,
    pub state: DeliveryState,
    pub attempts: i32,
    /// What went wrong last: `HTTP_500`, `TIMED_OUT`, `UNREACHABLE`, `NOT_ALLOWED`, …
    pub failure: Option<String>,
    pub created_at: DateTime<Utc>,
    /// When it is tried (again).
    pub next_at: Option<DateTime<Utc>>,
    pub done_at: Option<DateTime<Utc>>,
}

impl From<Delivery> for WebhookDelivery {
    fn from(it: Delivery) -> Self {
        let state = match it.state.as_str() {
            "waiting" => DeliveryState::Waiting,
            "sending" => DeliveryState::Sending,
            "sent" => DeliveryState::Sent,
            _ => DeliveryState::Dead,
        };
        Self {
            id: it.id,
            event_id: it.cause,
            state,
            attempts: i32::try_from(it.attempts).unwrap_or(i32::MAX),
            failure: it.failure,
            created_at: it.created_at,
            next_at: (state == DeliveryState::Waiting).then_some(it.next_at),
            done_at: it.done_at,
        }
    }
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct WebhookPayload {
    pub webhook: Option<Webhook>,
    /// What signs the calls; shown here and never again.
    pub secret: Option<String>,
    pub position: Option<Position>,
    pub refusal: Option<Refusal>,
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct WebhookTestPayload {
    /// The event id of the test call: look for it in `webhookDeliveries`.
    pub event_id: Option<Uuid>,
    pub refusal: Option<Refusal>,
}
