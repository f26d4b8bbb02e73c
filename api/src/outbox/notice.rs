//! What other systems are told of an event: its ids, its kind, its own fields. Nothing sealed leaves the house, so
//! nothing personal does. Webhooks and the broker tell the same.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use talon_core::{
    fact::{ActorKind, Fact},
    queue_event::Event,
};
use uuid::Uuid;

use crate::position::WirePosition;

/// One event as others read it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// The event's id: the same however often it is told.
    pub id: Uuid,
    pub kind: String,
    pub schema_version: u16,
    pub occurred_at: String,
    pub recorded_at: String,
    /// Where it stands in the log: `<log id>.<number>`. Numbers grow with time.
    pub position: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_day: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Uuid>,
    /// The services of that ticket's visit, or those the event names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
    /// Whose history it belongs to, as pseudonyms: `staff-…`, `device-…`, `customer-…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    pub actor: By,
    /// The event's own fields, as `schemas/events` describes them, without what is sealed.
    pub data: Value,
}

/// Who did it, as a pseudonym.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct By {
    pub kind: ActorKind,
    pub id: String,
    pub role: String,
}

impl Notice {
    /// `services` are those of the ticket's visit, where it is known.
    #[must_use]
    pub fn of(fact: &Fact, log_id: Uuid, services: Vec<String>) -> Self {
        let (kind, schema_version) = match &*fact.event {
            Event::Unknown { kind, schema_version, .. } => (kind.clone(), *schema_version),
            known => (known.wire().0.to_owned(), known.wire().1),
        };
        let data: Value = serde_json::from_slice(&fact.event.data()).unwrap_or_default();
        let data = open(data).unwrap_or_default();
        let text = |field: &str| data[field].as_str().map(str::to_owned);
        let named = || {
            let many = data["services"].as_array().into_iter().flatten().filter_map(Value::as_str);
            many.chain(data["service"].as_str()).map(str::to_owned).collect::<Vec<_>>()
        };
        let belongs =
            ["staff-", "device-", "customer-"].iter().any(|it| fact.stream.as_str().starts_with(it));
        Self {
            id: fact.event_id.0,
            kind,
            schema_version,
            occurred_at: instant(fact.occurred_at),
            recorded_at: instant(fact.recorded_at),
            position: WirePosition { log: log_id, number: fact.position }.to_string(),
            branch: fact.meta.branch.as_ref().map(|it| it.as_str().to_owned()),
            business_day: fact.meta.business_day.map(|it| it.to_string()),
            ticket: fact.event.subject(),
            services: if services.is_empty() { named() } else { services },
            window: text("window").or_else(|| fact.meta.actor.window.as_ref().map(ToString::to_string)),
            subject: belongs.then(|| fact.stream.as_str().to_owned()),
            actor: By {
                kind: fact.meta.actor.kind,
                id: fact.meta.actor.id.clone(),
                role: fact.meta.actor.role.clone(),
            },
            data,
        }
    }
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// A value without what is sealed in it; nothing when it is sealed itself.
fn open(value: Value) -> Option<Value> {
    match value {
        Value::Object(fields) if is_sealed(&fields) => None,
        Value::Object(fields) => {
            let fields = fields.into_iter().filter_map(|(name, value)| Some((name, open(value)?)));
            Some(Value::Object(fields.collect()))
        }
        Value::Array(items) => Some(Value::Array(items.into_iter().filter_map(open).collect())),
        plain => Some(plain),
    }
}

/// The shape of `talon_core::sealed::Sealed`, which nothing else in an event has.
fn is_sealed(fields: &Map<String, Value>) -> bool {
    fields.len() == 2
        && fields.get("key").is_some_and(Value::is_string)
        && fields.get("value").is_some_and(Value::is_string)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// Every event there is, from the committed samples: whatever was sealed is gone, everything else stays.
    #[test]
    fn nothing_sealed_is_told() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/events");
        let mut sealed = 0;
        for kind in fs::read_dir(folder).unwrap() {
            for file in fs::read_dir(kind.unwrap().path()).unwrap() {
                let path = file.unwrap().path();
                if !path.to_string_lossy().ends_with(".sample.json") {
                    continue;
                }
                let text = fs::read_to_string(&path).unwrap();
                let told = open(serde_json::from_str(&text).unwrap()).unwrap().to_string();
                sealed += usize::from(text.contains("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"));
                assert!(
                    !told.contains("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"),
                    "{}: {told}",
                    path.display()
                );
                assert!(!told.contains("person-1"), "{}: {told}", path.display());
            }
        }
        assert!(sealed >= 3, "the samples hold sealed values: {sealed}");
    }
}
