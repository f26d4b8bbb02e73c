//! A store in memory that can be told to fail after so many appends.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use talon_core::{
    event_store::{Appended, EventStore, Head, NewEvent, Position, Recorded, StoreError, StreamId, Version},
    seal::seal,
};
use uuid::Uuid;

#[derive(Default)]
pub(crate) struct Log {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    facts: Vec<Recorded>,
    heads: BTreeMap<StreamId, Head>,
    ids: BTreeMap<Uuid, StreamId>,
    appends_left: Option<u32>,
    /// A day somebody opens live after so many more appends to it.
    opens: Option<(u32, StreamId)>,
}

/// The first fact of a live day.
pub(crate) fn day_opened(recorded_at: i64) -> NewEvent {
    NewEvent {
        event_id: Uuid::from_u128(7),
        kind: "day.opened",
        schema_version: 1,
        occurred_at: recorded_at,
        recorded_at,
        data: "{}".into(),
        meta: "{}".into(),
    }
}

impl State {
    fn write(&mut self, stream: &StreamId, events: Vec<NewEvent>) {
        let mut head = self.heads.get(stream).copied().unwrap_or_default();
        for event in events {
            let version = head.version + 1;
            assert!(event.recorded_at > head.recorded_at, "recorded_at must increase");
            let hash = seal(&head.hash, stream, version, &event);
            let position = u64::try_from(self.facts.len()).unwrap() + 1;
            self.ids.insert(event.event_id, stream.clone());
            self.facts.push(Recorded {
                position,
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
            });
            head = Head { version, hash, recorded_at: event.recorded_at };
        }
        self.heads.insert(stream.clone(), head);
    }
}

impl Log {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on so many appends succeed and every later one finds no store.
    pub(crate) fn fail_after(&self, appends: Option<u32>) {
        self.state().appends_left = appends;
    }

    /// Lets somebody open a day live, after so many appends to it.
    pub(crate) fn open_after(&self, appends: u32, stream: &str) {
        self.state().opens = Some((appends, StreamId::new(stream)));
    }

    pub(crate) fn facts(&self) -> Vec<Recorded> {
        self.state().facts.clone()
    }

    /// Changes what was recorded, as no store would.
    pub(crate) fn tamper(&self, change: impl FnOnce(&mut Vec<Recorded>)) {
        change(&mut self.state().facts);
    }
}

#[async_trait]
impl EventStore for Log {
    async fn append(
        &self,
        stream: &StreamId,
        expected: Version,
        events: Vec<NewEvent>,
    ) -> Result<Appended, StoreError> {
        let mut state = self.state();
        let head = state.heads.get(stream).copied().unwrap_or_default();
        let known = events.iter().filter(|event| state.ids.get(&event.event_id) == Some(stream)).count();
        if known == events.len() {
            return Ok(Appended::Duplicate(state.facts.last().map_or(0, |fact| fact.position)));
        }
        if events.iter().any(|event| state.ids.contains_key(&event.event_id)) {
            return Err(StoreError::ForeignDuplicate);
        }
        if head.version != expected {
            return Err(StoreError::Conflict);
        }
        match &mut state.appends_left {
            Some(0) => return Err(StoreError::Unavailable("the power went".into())),
            Some(left) => *left -= 1,
            None => {}
        }
        state.write(stream, events);
        let head = state.heads[stream];
        let answer = Appended::At(state.facts.last().map_or(0, |fact| fact.position), head);
        if state
            .opens
            .take_if(|(left, day)| {
                day == stream && {
                    *left -= 1;
                    *left == 0
                }
            })
            .is_some()
        {
            state.write(stream, vec![day_opened(head.recorded_at + 1)]);
        }
        Ok(answer)
    }

    async fn head(&self, stream: &StreamId) -> Result<Head, StoreError> {
        Ok(self.state().heads.get(stream).copied().unwrap_or_default())
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        after: Version,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        let state = self.state();
        let facts = state.facts.iter().filter(|fact| fact.stream == *stream && fact.version > after);
        Ok(facts.take(limit as usize).cloned().collect())
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, StoreError> {
        let state = self.state();
        let facts = &state.facts[usize::try_from(after).unwrap().min(state.facts.len())..];
        Ok(facts.iter().take(limit as usize).cloned().collect())
    }

    fn sole_writer(&self) -> bool {
        true
    }

    fn log_id(&self) -> Uuid {
        Uuid::nil()
    }
}
