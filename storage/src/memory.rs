//! The event store of tests: everything in memory, nothing durable, the same promises otherwise. Positions are dense
//! and visible in order because one lock covers each append.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use talon_core::{
    event_store::{Appended, EventStore, Head, NewEvent, Position, Recorded, StoreError, StreamId, Version},
    fact::Entry,
    seal,
};
use uuid::Uuid;

use crate::{feed::Feed, plan::check};

/// A log in memory.
#[derive(Debug)]
pub(crate) struct MemoryStore {
    log_id: Uuid,
    feed: Arc<Feed>,
    log: Mutex<Log>,
}

#[derive(Debug, Default)]
struct Log {
    events: Vec<Arc<Entry>>,
    streams: HashMap<StreamId, Vec<Arc<Entry>>>,
    ids: HashMap<Uuid, Arc<Entry>>,
}

impl MemoryStore {
    pub(crate) fn new(log_id: Uuid, feed: Arc<Feed>) -> Self {
        Self { log_id, feed, log: Mutex::default() }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    fn head(&self, stream: &StreamId) -> Head {
        let last = self.streams.get(stream).and_then(|it| it.last());
        last.map_or_else(Head::default, |it| Head {
            version: it.version,
            hash: it.hash,
            recorded_at: it.recorded_at,
        })
    }

    fn append(
        &mut self,
        stream: &StreamId,
        expected: Version,
        events: Vec<NewEvent>,
    ) -> Result<(Appended, Vec<Arc<Entry>>), StoreError> {
        let known: Vec<_> = events.iter().filter_map(|it| self.ids.get(&it.event_id)).collect();
        if known.len() == events.len() && known.iter().all(|it| it.stream == *stream) {
            let last = known.iter().map(|it| it.position).max().unwrap_or_default();
            return Ok((Appended::Duplicate(last), Vec::new()));
        }
        if !known.is_empty() {
            return Err(StoreError::ForeignDuplicate);
        }
        let mut head = self.head(stream);
        if head.version != expected {
            return Err(StoreError::Conflict);
        }
        let mut written = Vec::with_capacity(events.len());
        for event in events {
            let version = head.version + 1;
            let hash = seal::seal(&head.hash, stream, version, &event);
            let recorded = Arc::new(Entry::new(Recorded {
                position: self.events.len() as Position + 1,
                stream: stream.clone(),
                version,
                event_id: event.event_id,
                kind: event.kind.into(),
                schema_version: event.schema_version,
                occurred_at: event.occurred_at,
                recorded_at: event.recorded_at,
                data: event.data,
                meta: event.meta,
                prev_hash: head.hash,
                hash,
            }));
            head = Head { version, hash, recorded_at: event.recorded_at };
            self.ids.insert(recorded.event_id, recorded.clone());
            self.streams.entry(stream.clone()).or_default().push(recorded.clone());
            self.events.push(recorded.clone());
            written.push(recorded);
        }
        Ok((Appended::At(self.events.len() as Position, head), written))
    }
}

/// A page of `all` after index `after`.
fn page(all: &[Arc<Entry>], after: u64, limit: u32) -> Vec<Recorded> {
    let after = usize::try_from(after).unwrap_or(usize::MAX);
    all.iter().skip(after).take(limit as usize).map(|it| Recorded::clone(&***it)).collect()
}

#[async_trait]
impl EventStore for MemoryStore {
    async fn append(
        &self,
        stream: &StreamId,
        expected: Version,
        events: Vec<NewEvent>,
    ) -> Result<Appended, StoreError> {
        check(stream, &events)?;
        let mut log = self.log();
        let (appended, written) = log.append(stream, expected, events)?;
        self.feed.publish(written);
        Ok(appended)
    }

    async fn head(&self, stream: &StreamId) -> Result<Head, StoreError> {
        Ok(self.log().head(stream))
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        after: Version,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        Ok(self.log().streams.get(stream).map_or_else(Vec::new, |all| page(all, after, limit)))
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, StoreError> {
        Ok(page(&self.log().events, after, limit))
    }

    fn sole_writer(&self) -> bool {
        true
    }

    fn log_id(&self) -> Uuid {
        self.log_id
    }
}
