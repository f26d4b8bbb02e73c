//! The event store as the rest of the house sees it: four verbs over append-only streams.
//!
//! A stream is a name; its facts have versions 1, 2, 3… Every fact also has a position in the whole log.
//! Positions strictly increase and become visible in order: a reader that saw position `n` will never find a
//! smaller one it has not seen. SQL stores promise dense positions as well; others may leave gaps.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use uuid::Uuid;

/// The name of a stream; its category is the text before the first `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(Arc<str>);

impl StreamId {
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn category(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// How many facts a stream holds; 0 means there is no such stream yet.
pub type Version = u64;

/// A place in the whole log; 0 is before the first fact.
pub type Position = u64;

/// SHA-256 of a fact and of all before it in its stream.
pub type Hash = [u8; 32];

/// A fact about to be written. Its bytes are stored and hashed exactly as given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    pub event_id: Uuid,
    pub kind: &'static str,
    pub schema_version: u16,
    /// Microseconds since 1970, UTC.
    pub occurred_at: i64,
    /// Microseconds since 1970, UTC; never before the stream's last.
    pub recorded_at: i64,
    /// JSON.
    pub data: Bytes,
    /// JSON.
    pub meta: Bytes,
}

/// A fact as the log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub position: Position,
    pub stream: StreamId,
    pub version: Version,
    pub event_id: Uuid,
    pub kind: Arc<str>,
    pub schema_version: u16,
    pub occurred_at: i64,
    pub recorded_at: i64,
    pub data: Bytes,
    pub meta: Bytes,
    pub prev_hash: Hash,
    pub hash: Hash,
}

/// The end of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    pub version: Version,
    pub hash: Hash,
    /// Microseconds since 1970, UTC; 0 for an absent stream.
    pub recorded_at: i64,
}

/// What became of an append that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// Written: the position of its last event, and the stream's new end.
    At(Position, Head),
    /// All of these event ids are in this stream already: the position of the last of them.
    Duplicate(Position),
}

/// Why a store could not do as asked, named for what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The stream moved past the expected version: read its tail and decide again. Nothing was written.
    #[error("stream moved past the expected version")]
    Conflict,
    /// Some event id stands already in another stream, or only some of them in this one. Nothing was written.
    #[error("an event id is already used elsewhere")]
    ForeignDuplicate,
    /// The append itself can never be stored: nothing in it, an id twice, a name too long. Nothing was written.
    #[error("append is malformed: {0}")]
    Malformed(&'static str),
    /// The store cannot be reached or refuses to write. Nothing was written.
    #[error("event store is unavailable")]
    Unavailable(#[source] BoxError),
    /// The connection broke before the answer: whether it was written is unknown. Forget the cached state and let
    /// the caller repeat with the same ids.
    #[error("outcome of the append is unknown")]
    Unknown(#[source] BoxError),
}

pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[async_trait]
pub trait EventStore: Send + Sync {
    /// Appends all or nothing; durable when it returns.
    ///
    /// # Errors
    /// See `StoreError`: after every error but `Unknown` nothing was written.
    async fn append(
        &self,
        stream: &StreamId,
        expected: Version,
        events: Vec<NewEvent>,
    ) -> Result<Appended, StoreError>;

    /// The end of a stream; the default `Head` when there is none.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn head(&self, stream: &StreamId) -> Result<Head, StoreError>;

    /// Facts of a stream with a version greater than `after`, at most `limit`, in order.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn read_stream(
        &self,
        stream: &StreamId,
        after: Version,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError>;

    /// Facts of the whole log with a position greater than `after`, at most `limit`, in order.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn read_all(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, StoreError>;

    /// Whether this process is the only one that may write here, so that a cached state is known to be current.
    fn sole_writer(&self) -> bool;

    /// The log's random id, new after a restore or a move.
    fn log_id(&self) -> Uuid;
}
