//! What the writer of this process hands to the followers of this process: the position of the last event known to be
//! committed, and the last few events themselves. Knows nothing of databases.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use talon_core::{
    event_store::{Position, Recorded},
    fact::Entry,
};
use tokio::sync::watch;

/// How many events, and how many bytes of theirs, are kept for followers that are nearly up to date.
const MOST_EVENTS: usize = 8_192;
const MOST_BYTES: usize = 16 << 20;

#[derive(Debug)]
pub(crate) struct Feed {
    head: watch::Sender<Position>,
    recent: Mutex<Recent>,
}

#[derive(Debug, Default)]
struct Recent {
    /// Ascending by position, with gaps where other nodes wrote.
    events: VecDeque<Arc<Entry>>,
    bytes: usize,
}

fn size(event: &Recorded) -> usize {
    event.data.len() + event.meta.len() + 256
}

impl Feed {
    pub(crate) fn new(head: Position) -> Arc<Self> {
        Arc::new(Self { head: watch::channel(head).0, recent: Mutex::default() })
    }

    /// Hands over events just committed, in order, and wakes the followers.
    pub(crate) fn publish(&self, events: Vec<Arc<Entry>>) {
        let Some(last) = events.last().map(|it| it.position) else { return };
        self.keep(events);
        self.reached(last);
    }

    /// Keeps events that follow those kept so far; older ones are of no use to anybody.
    pub(crate) fn keep(&self, events: Vec<Arc<Entry>>) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = recent.events.back().map_or(0, |it| it.position);
        for event in events.into_iter().filter(|it| it.position > newest) {
            recent.bytes += size(&event);
            recent.events.push_back(event);
        }
        while recent.events.len() > MOST_EVENTS || recent.bytes > MOST_BYTES {
            let Some(oldest) = recent.events.pop_front() else { break };
            recent.bytes -= size(&oldest);
        }
    }

    /// Learns that the log reaches at least this far.
    pub(crate) fn reached(&self, position: Position) {
        self.head.send_if_modified(|head| {
            let advances = position > *head;
            *head = position.max(*head);
            advances
        });
    }

    pub(crate) fn head(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }

    /// The events that follow `after` without a gap, as far as they are kept.
    pub(crate) fn after(&self, after: Position, limit: usize) -> Vec<Arc<Entry>> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let start = recent.events.partition_point(|it| it.position <= after);
        let contiguous = recent.events.range(start..).take(limit).zip(after + 1..);
        contiguous
            .take_while(|(event, next)| event.position == *next)
            .map(|(event, _)| event.clone())
            .collect()
    }
}

/// The names of event types, shared instead of copied for each event.
#[derive(Debug, Default)]
pub(crate) struct Kinds(HashMap<Box<str>, Arc<str>>);

impl Kinds {
    pub(crate) fn share(&mut self, kind: &str) -> Arc<str> {
        if let Some(shared) = self.0.get(kind) {
            return shared.clone();
        }
        let shared: Arc<str> = kind.into();
        self.0.insert(kind.into(), shared.clone());
        shared
    }
}
