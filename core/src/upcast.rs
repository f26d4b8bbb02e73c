//! Old shapes lifted to the newest, one pure step per (type, from version). Readers only ever meet the newest shape.

use crate::queue_event::Event;

/// Reads `data` as the event its wire name and schema number promise.
///
/// # Errors
/// When the bytes are not that event's JSON.
pub fn decode(kind: &str, schema_version: u16, data: &[u8]) -> Result<Event, serde_json::Error> {
    // No released event has changed its shape yet: the first step goes here, before the newest is read.
    Event::decode(kind, schema_version, data)
}
