//! A decoded event: what happened, where, when, by whom and why. The only shape the upper floors see.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    event_store::{Position, Recorded, StreamId, Version},
    ids::{BranchId, CommandId, DeviceId, EventId, WindowId},
    queue_event::Event,
    time::from_micros,
    upcast,
};

/// What kind of somebody acted. The codes are those of the roles' table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    Staff,
    Customer,
    Device,
    /// Time reached, or a reaction to a fact.
    System,
    Import,
}

/// Who did it, as pseudonyms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Actor {
    pub kind: ActorKind,
    pub id: String,
    /// The code of the role it acted in.
    pub role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowId>,
}

impl Actor {
    #[must_use]
    pub fn system() -> Self {
        Self {
            kind: ActorKind::System,
            id: "talon".into(),
            role: "system".into(),
            session: None,
            window: None,
        }
    }

    /// The same somebody: kind and id decide, not the session or the window.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.kind == other.kind && self.id == other.id
    }
}

/// Where an imported fact came from, in the words of its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    pub data_set: String,
    pub external_id: String,
    pub branch: String,
    pub service: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    pub queue: String,
    pub priority: String,
}

/// Who, why and in answer to what: written by `dispatch`, never by a handler.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Meta {
    pub command_id: CommandId,
    /// SHA-256 of what the client sent and of the actor's kind and id, in hex.
    pub command_hash: String,
    /// The ticket's or booking's id: one visit, one thread.
    pub correlation_id: Uuid,
    /// The fact or command this one follows from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub causation_id: Option<Uuid>,
    pub actor: Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<BranchId>,
    /// The date in the name of the day's stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_day: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
}

/// One thing that happened, decoded into the newest shape. Cheap to clone: many read the same fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    pub position: Position,
    pub stream: StreamId,
    pub version: Version,
    pub event_id: EventId,
    pub occurred_at: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
    pub meta: Arc<Meta>,
    pub event: Arc<Event>,
}

/// A stored event that cannot be read as the fact its type promises.
#[derive(Debug, thiserror::Error)]
#[error("event at position {position} ({kind}) cannot be read")]
pub struct Unreadable {
    pub position: Position,
    pub event_id: EventId,
    pub kind: String,
    pub stream: StreamId,
    #[source]
    pub source: serde_json::Error,
}

impl Fact {
    /// Lifts a stored event to the newest shape. A type this build does not know is carried as `Event::Unknown`.
    ///
    /// # Errors
    /// `Unreadable` when meta or data are not what the type promises.
    pub fn decode(raw: &Recorded) -> Result<Self, Unreadable> {
        let unreadable = |source| Unreadable {
            position: raw.position,
            event_id: EventId(raw.event_id),
            kind: raw.kind.to_string(),
            stream: raw.stream.clone(),
            source,
        };
        let meta = serde_json::from_slice(&raw.meta).map_err(unreadable)?;
        let event = upcast::decode(&raw.kind, raw.schema_version, &raw.data).map_err(unreadable)?;
        Ok(Self {
            position: raw.position,
            stream: raw.stream.clone(),
            version: raw.version,
            event_id: EventId(raw.event_id),
            occurred_at: from_micros(raw.occurred_at),
            recorded_at: from_micros(raw.recorded_at),
            meta: Arc::new(meta),
            event: Arc::new(event),
        })
    }

    #[must_use]
    pub fn is_imported(&self) -> bool {
        self.meta.source.is_some()
    }
}

/// A stored event on its way to several readers: whoever asks first decodes it for all.
#[derive(Debug)]
pub struct Entry {
    raw: Recorded,
    /// Holds `None` for an event that cannot be read: its readers are few and want the whole error.
    fact: OnceLock<Option<Fact>>,
}

impl Entry {
    #[must_use]
    pub fn new(raw: Recorded) -> Self {
        Self { raw, fact: OnceLock::new() }
    }

    /// The fact it is.
    ///
    /// # Errors
    /// As `Fact::decode`.
    pub fn fact(&self) -> Result<Fact, Unreadable> {
        match self.fact.get_or_init(|| Fact::decode(&self.raw).ok()) {
            Some(fact) => Ok(fact.clone()),
            None => Fact::decode(&self.raw),
        }
    }
}

impl Deref for Entry {
    type Target = Recorded;

    fn deref(&self) -> &Recorded {
        &self.raw
    }
}
