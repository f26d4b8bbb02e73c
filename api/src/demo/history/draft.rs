//! A day being drafted: one stream in memory.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use talon_core::event_store::{
    Appended, EventStore, Head, NewEvent, Position, Recorded, StoreError, StreamId, Version,
};
use uuid::Uuid;

/// The facts of one stream before they are in the log. Only `dispatch` writes here, and it never reads back what it
/// wrote, so nothing is sealed yet: the log does that.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    facts: Mutex<Vec<NewEvent>>,
}

impl Draft {
    fn facts(&self) -> MutexGuard<'_, Vec<NewEvent>> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn take(&self) -> Vec<NewEvent> {
        std::mem::take(&mut self.facts())
    }
}

fn end_of(facts: &[NewEvent]) -> Head {
    let recorded_at = facts.last().map_or(0, |it| it.recorded_at);
    Head { version: facts.len() as Version, hash: [0; 32], recorded_at }
}

#[async_trait]
impl EventStore for Draft {
    async fn append(
        &self,
        _: &StreamId,
        expected: Version,
        events: Vec<NewEvent>,
    ) -> Result<Appended, StoreError> {
        let mut facts = self.facts();
        if expected != facts.len() as Version {
            return Err(StoreError::Conflict);
        }
        facts.extend(events);
        Ok(Appended::At(facts.len() as Position, end_of(&facts)))
    }

    async fn head(&self, _: &StreamId) -> Result<Head, StoreError> {
        Ok(end_of(&self.facts()))
    }

    async fn read_stream(&self, _: &StreamId, _: Version, _: u32) -> Result<Vec<Recorded>, StoreError> {
        Ok(Vec::new())
    }

    async fn read_all(&self, _: Position, _: u32) -> Result<Vec<Recorded>, StoreError> {
        Ok(Vec::new())
    }

    fn sole_writer(&self) -> bool {
        true
    }

    fn log_id(&self) -> Uuid {
        Uuid::nil()
    }
}
