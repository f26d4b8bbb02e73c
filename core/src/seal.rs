//! The seal on each fact: one pure function, used by every adapter when it writes and by everyone who verifies.
//!
//! `hash = SHA-256(prev_hash ‖ for each of stream, version, event_id, type, schema_version, occurred_at, recorded_at,
//! meta, data: its length as u32 big-endian, then its bytes)`. Names are UTF-8, ids 16 bytes, version and times
//! 8 bytes big-endian, schema_version 2. The first `prev_hash` of a stream is 32 zero bytes. Bytes are hashed exactly
//! as stored; the position is left out, so that a log moved to another store keeps its chain.

use sha2::{Digest, Sha256};

use crate::event_store::{Hash, NewEvent, Recorded, StreamId, Version};

/// The seal of an event about to be written as `version` of `stream`.
#[must_use]
pub fn seal(prev_hash: &Hash, stream: &StreamId, version: Version, event: &NewEvent) -> Hash {
    chain(
        prev_hash,
        stream,
        version,
        event.event_id.as_bytes(),
        event.kind,
        event.schema_version,
        [event.occurred_at, event.recorded_at],
        [&event.meta, &event.data],
    )
}

/// Whether a recorded event carries the seal its own content asks for.
#[must_use]
pub fn holds(event: &Recorded) -> bool {
    chain(
        &event.prev_hash,
        &event.stream,
        event.version,
        event.event_id.as_bytes(),
        &event.kind,
        event.schema_version,
        [event.occurred_at, event.recorded_at],
        [&event.meta, &event.data],
    ) == event.hash
}

#[expect(clippy::too_many_arguments, reason = "the columns of one row, in the order of the seal")]
fn chain(
    prev_hash: &Hash,
    stream: &StreamId,
    version: Version,
    event_id: &[u8],
    kind: &str,
    schema_version: u16,
    times: [i64; 2],
    bodies: [&[u8]; 2],
) -> Hash {
    let mut sum = Sha256::new();
    sum.update(prev_hash);
    let mut part = |bytes: &[u8]| {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        sum.update(length.to_be_bytes());
        sum.update(bytes);
    };
    part(stream.as_str().as_bytes());
    part(&version.to_be_bytes());
    part(event_id);
    part(kind.as_bytes());
    part(&schema_version.to_be_bytes());
    part(&times[0].to_be_bytes());
    part(&times[1].to_be_bytes());
    part(bodies[0]);
    part(bodies[1]);
    sum.finalize().into()
}
