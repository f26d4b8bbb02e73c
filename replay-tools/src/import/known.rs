//! What the log has already: read once before an import, from the log alone.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use serde::Deserialize;
use talon_core::{
    event_store::{EventStore, Recorded, StreamId, Version},
    fact::{Fact, Unreadable},
    ids::{BranchId, EventId},
    queue_event::{Event, OrganisationEvent},
};
use uuid::Uuid;

use super::ImportError;
use crate::{pages::Pages, progress::Progress};

/// About 40 bytes for a ticket of this data set, and a name for each day of the log.
pub(super) struct Known {
    data_set: String,
    /// Tickets of the data set, with a mark of what is known of them.
    tickets: HashMap<Uuid, u64>,
    /// How far each day was read.
    days: HashMap<StreamId, Version>,
    /// Days that were opened live.
    live: HashSet<StreamId>,
    pub(super) branches: BTreeSet<BranchId>,
}

/// A mark of a ticket's content.
pub(super) fn content(digest: &[u8; 32]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *digest;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// As much of an envelope as the question needs, without copying it.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    command_hash: Cow<'a, str>,
    correlation_id: Uuid,
    #[serde(borrow, default)]
    source: Option<SourceName<'a>>,
}

#[derive(Deserialize)]
struct SourceName<'a> {
    #[serde(borrow)]
    data_set: Cow<'a, str>,
}

impl Known {
    /// Nothing yet: to learn the whole log, or the tail of one stream.
    pub(super) fn nothing(data_set: &str) -> Self {
        Self {
            data_set: data_set.to_owned(),
            tickets: HashMap::new(),
            days: HashMap::new(),
            live: HashSet::new(),
            branches: BTreeSet::new(),
        }
    }

    pub(super) async fn read(
        store: &Arc<dyn EventStore>,
        data_set: &str,
        progress: &Progress,
    ) -> Result<Self, ImportError> {
        let mut known = Self::nothing(data_set);
        let mut pages = Pages::of(store, 0);
        while let Some(page) = pages.next().await {
            let page = page?;
            progress.advance(u64::try_from(page.len()).unwrap_or_default());
            for fact in &page {
                known.learn(fact)?;
            }
        }
        Ok(known)
    }

    /// Takes note of one fact.
    pub(super) fn learn(&mut self, fact: &Recorded) -> Result<(), Unreadable> {
        if fact.stream.category() == "queue" {
            match self.days.get_mut(&fact.stream) {
                Some(version) => *version = fact.version,
                None => {
                    self.days.insert(fact.stream.clone(), fact.version);
                }
            }
        }
        match &*fact.kind {
            "ticket.issued" => self.learn_ticket(fact)?,
            "day.opened" => {
                self.live.insert(fact.stream.clone());
            }
            "organisation.branch_registered" => {
                if let Event::Organisation(OrganisationEvent::BranchRegistered(it)) =
                    &*Fact::decode(fact)?.event
                {
                    self.branches.insert(it.branch.clone());
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn learn_ticket(&mut self, fact: &Recorded) -> Result<(), Unreadable> {
        let envelope: Envelope<'_> = serde_json::from_slice(&fact.meta).map_err(|source| Unreadable {
            position: fact.position,
            event_id: EventId(fact.event_id),
            kind: fact.kind.to_string(),
            stream: fact.stream.clone(),
            source,
        })?;
        if envelope.source.is_none_or(|source| source.data_set != self.data_set) {
            return Ok(());
        }
        let mark = envelope.command_hash.get(..16).and_then(|hex| u64::from_str_radix(hex, 16).ok());
        self.tickets.insert(envelope.correlation_id, mark.unwrap_or_default());
        Ok(())
    }

    pub(super) fn content(&self, ticket: Uuid) -> Option<u64> {
        self.tickets.get(&ticket).copied()
    }

    pub(super) fn add(&mut self, ticket: Uuid, digest: &[u8; 32]) {
        self.tickets.insert(ticket, content(digest));
    }

    pub(super) fn is_live(&self, day: &StreamId) -> bool {
        self.live.contains(day)
    }

    pub(super) fn version(&self, day: &StreamId) -> Version {
        self.days.get(day).copied().unwrap_or_default()
    }

    pub(super) fn reached(&mut self, day: StreamId, version: Version) {
        self.days.insert(day, version);
    }
}
