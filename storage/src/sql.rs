//! The event store over either database: appends go to the committer, reads to connections of their own. Positions are
//! dense and visible in order: on SQLite because there is one writer, on PostgreSQL because the head's row is locked
//! until the commit, so that a later position cannot become visible before an earlier one.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use talon_core::event_store::{
    Appended, EventStore, Hash, Head, NewEvent, Position, Recorded, StoreError, StreamId, Version,
};
use uuid::Uuid;

use crate::{ask, committer::Committer, db::Db, feed::Kinds, pages::Pages, sql};

/// An event store on SQLite or PostgreSQL.
#[derive(Debug)]
pub(crate) struct SqlStore {
    log_id: Uuid,
    log: Db,
    /// Absent where the log was opened for reading only.
    committer: Option<Committer>,
    pages: Pages,
}

#[derive(sqlx::FromRow)]
pub(crate) struct EventRow {
    position: i64,
    name: String,
    version: i64,
    event_id: Uuid,
    #[sqlx(rename = "type")]
    kind: String,
    schema_version: i32,
    occurred_at: i64,
    recorded_at: i64,
    data: Vec<u8>,
    meta: Vec<u8>,
    prev_hash: Vec<u8>,
    hash: Vec<u8>,
}

pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

pub(crate) fn hash(bytes: &[u8]) -> Result<Hash, StoreError> {
    bytes.try_into().map_err(|_| StoreError::Unavailable("a hash in the log is not 32 bytes long".into()))
}

pub(crate) fn unavailable(error: impl Into<talon_core::event_store::BoxError>) -> StoreError {
    StoreError::Unavailable(error.into())
}

/// Turns rows into events; names of streams and types are shared among the events of a page.
pub(crate) fn recorded(rows: Vec<EventRow>) -> Result<Vec<Recorded>, StoreError> {
    let mut kinds = Kinds::default();
    let mut streams: HashMap<String, StreamId> = HashMap::new();
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        let stream = match streams.get(&row.name) {
            Some(stream) => stream.clone(),
            None => {
                let stream = StreamId::new(&row.name);
                streams.insert(row.name, stream.clone());
                stream
            }
        };
        events.push(Recorded {
            position: unsigned(row.position),
            stream,
            version: unsigned(row.version),
            event_id: row.event_id,
            kind: kinds.share(&row.kind),
            schema_version: u16::try_from(row.schema_version).unwrap_or_default(),
            occurred_at: row.occurred_at,
            recorded_at: row.recorded_at,
            data: Bytes::from(row.data),
            meta: Bytes::from(row.meta),
            prev_hash: hash(&row.prev_hash)?,
            hash: hash(&row.hash)?,
        });
    }
    Ok(events)
}

impl SqlStore {
    pub(crate) fn new(log_id: Uuid, log: Db, committer: Option<Committer>) -> Arc<Self> {
        Arc::new(Self { log_id, log, committer, pages: Pages::default() })
    }
}

#[async_trait]
impl EventStore for SqlStore {
    async fn append(
        &self,
        stream: &StreamId,
        expected: Version,
        events: Vec<NewEvent>,
    ) -> Result<Appended, StoreError> {
        match &self.committer {
            Some(committer) => committer.append(stream, expected, events).await,
            None => Err(unavailable("the log was opened for reading only")),
        }
    }

    async fn head(&self, stream: &StreamId) -> Result<Head, StoreError> {
        let found = ask!(&self.log, (i64, Vec<u8>, i64), sql!("log/head"), stream.as_str());
        match found.map_err(unavailable)?.first() {
            Some((version, bytes, recorded_at)) => {
                Ok(Head { version: unsigned(*version), hash: hash(bytes)?, recorded_at: *recorded_at })
            }
            None => Ok(Head::default()),
        }
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        after: Version,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        if let Some(events) = self.pages.stream(&self.log, stream, after, limit).await.map_err(unavailable)? {
            return Ok(events);
        }
        let rows = ask!(
            &self.log,
            EventRow,
            sql!("log/read_stream"),
            stream.as_str(),
            signed(after),
            i64::from(limit)
        );
        recorded(rows.map_err(unavailable)?)
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, StoreError> {
        if let Some(events) = self.pages.all(&self.log, after, limit).await.map_err(unavailable)? {
            return Ok(events);
        }
        let rows = ask!(&self.log, EventRow, sql!("log/read_all"), signed(after), i64::from(limit));
        recorded(rows.map_err(unavailable)?)
    }

    fn sole_writer(&self) -> bool {
        matches!(self.log, Db::Sqlite { .. })
    }

    fn log_id(&self) -> Uuid {
        self.log_id
    }
}
