//! Facts one by one, as an auditor reads them. Sealed values stay sealed.

use async_graphql::{Json, SimpleObject};
use chrono::{DateTime, Utc};
use talon_core::{event_store::Recorded, fact::Meta, time::from_micros};
use uuid::Uuid;

use crate::{
    graphql::scalar::{OperatorId, Position, WindowCode},
    position::WirePosition,
};

/// One fact of the log.
#[derive(Debug, Clone, SimpleObject)]
pub struct HistoryEntry {
    pub event_id: Uuid,
    pub position: Position,
    pub stream: String,
    /// Its wire name.
    #[graphql(name = "type")]
    pub kind: String,
    pub at: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
    pub actor_kind: String,
    pub actor: String,
    /// In which role they acted.
    pub role: String,
    /// The member of staff, the customer or the device it is about, where it is about one.
    pub staff: Option<OperatorId>,
    pub customer: Option<String>,
    pub device: Option<String>,
    pub window: Option<WindowCode>,
    pub ticket_id: Option<Uuid>,
    pub correlation_id: Uuid,
    pub causation_id: Option<Uuid>,
    /// The fact itself, as it is stored.
    pub payload: Json<serde_json::Value>,
    /// What was so before, for changes of what can be changed; sealed values stay sealed.
    pub was: Option<Json<serde_json::Value>>,
}

impl HistoryEntry {
    /// A stored event; nothing when its bytes are not JSON, which only a damaged log holds.
    #[must_use]
    pub fn of(raw: &Recorded, log: Uuid) -> Option<Self> {
        let meta: Meta = serde_json::from_slice(&raw.meta).ok()?;
        let payload: serde_json::Value = serde_json::from_slice(&raw.data).ok()?;
        let text = |key: &str| payload.get(key).and_then(serde_json::Value::as_str);
        let window = text("window").map(|it| WindowCode(talon_core::ids::WindowId::trusted(it)));
        let ticket_id = text("ticket").and_then(|it| Uuid::try_parse(it).ok());
        let of = |kind: &str| {
            let (category, id) = raw.stream.as_str().split_once('-')?;
            (category == kind).then(|| id.to_owned())
        };
        let staff = of("staff").or_else(|| text("staff").map(str::to_owned));
        let was = payload.get("was").filter(|it| !it.is_null()).cloned().map(Json);
        Some(Self {
            role: meta.actor.role,
            staff: staff.map(|id| OperatorId(talon_core::ids::OperatorId::trusted(&id))),
            customer: of("customer").or_else(|| text("customer").map(str::to_owned)),
            device: of("device"),
            was,
            event_id: raw.event_id,
            position: Position(WirePosition { log, number: raw.position }),
            stream: raw.stream.to_string(),
            kind: raw.kind.to_string(),
            at: from_micros(raw.occurred_at),
            recorded_at: from_micros(raw.recorded_at),
            actor_kind: serde_json::to_value(meta.actor.kind).ok()?.as_str()?.to_owned(),
            actor: meta.actor.id,
            window,
            ticket_id,
            correlation_id: meta.correlation_id,
            causation_id: meta.causation_id,
            payload: Json(payload),
        })
    }
}
