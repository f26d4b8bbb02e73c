//! Whether the log is what was written: every position, every version, every link and every seal.
//!
//! Seals are recomputed on all cores, page by page; links are followed in the order of the log. The first thing that
//! is not as it must be ends the walk and is named, because everything after it may follow from it.

use std::{collections::HashMap, fmt, sync::Arc};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use talon_core::{
    event_store::{EventStore, Hash, Head, Position, Recorded, StoreError, StreamId, Version},
    seal,
};
use uuid::Uuid;

use crate::{pages::Pages, progress::Progress};

/// Pages whose seals are computed at once.
const AT_ONCE: usize = 4;

/// Streams whose end is asked for at once.
const ENDS_AT_ONCE: usize = 16;

/// Why the log could not be walked to its end.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("a part of the work died")]
    Died(#[from] tokio::task::JoinError),
}

/// What was walked, and what was wrong first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub events: u64,
    pub streams: usize,
    pub last_position: Position,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<Broken>,
}

/// The first event that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    pub position: Position,
    pub stream: String,
    pub version: Version,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<Uuid>,
    pub flaw: Flaw,
}

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Flaw {
    /// Positions are missing or doubled before it.
    Position { after: Position },
    /// Versions of its stream are missing or doubled before it.
    Version { after: Version },
    /// It does not point at the hash of the event before it.
    Link,
    /// Its content does not give its hash.
    Seal,
    /// It was recorded before the event before it.
    Recorded,
    /// Its stream was longer once: the store remembers a later end than the log has.
    End { remembered: Version },
    /// The store remembers another hash of the stream's end.
    EndHash,
}

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "position {}, stream {}, version {}", self.position, self.stream, self.version)?;
        if let Some(id) = self.event_id {
            write!(out, ", event {id}")?;
        }
        match self.flaw {
            Flaw::Position { after } => write!(out, ": follows position {after}"),
            Flaw::Version { after } => write!(out, ": follows version {after} of its stream"),
            Flaw::Link => write!(out, ": does not point at the hash of the event before it"),
            Flaw::Seal => write!(out, ": its content does not give its hash"),
            Flaw::Recorded => write!(out, ": recorded before the event before it"),
            Flaw::End { remembered } => write!(out, ": its stream had {remembered} events once"),
            Flaw::EndHash => write!(out, ": the store remembers another hash of it"),
        }
    }
}

/// Walks the whole log.
///
/// # Errors
/// When it cannot be read. A broken log is no error here: it is in the report.
pub async fn verify(store: &Arc<dyn EventStore>, progress: &Progress) -> Result<Report, VerifyError> {
    progress.begin("verifying", None);
    let pages = stream::unfold(Pages::of(store, 0), |mut pages| async move {
        pages.next().await.map(|page| (page, pages))
    });
    let sealed = pages
        .map(|page| async move {
            let page = page?;
            Ok::<_, VerifyError>(tokio::task::spawn_blocking(move || seals(page)).await?)
        })
        .buffered(AT_ONCE);
    let mut sealed = std::pin::pin!(sealed);
    let mut walk = Walk::default();
    while let Some(page) = sealed.try_next().await? {
        progress.advance(u64::try_from(page.len()).unwrap_or_default());
        for fact in page {
            if let Some(broken) = walk.step(fact) {
                progress.end();
                return Ok(walk.report(Some(broken)));
            }
        }
    }
    let broken = walk.ends(store, progress).await?;
    progress.end();
    Ok(walk.report(broken))
}

/// An event without its body, with whether its seal holds.
struct Link {
    position: Position,
    stream: StreamId,
    version: Version,
    event_id: Uuid,
    recorded_at: i64,
    prev_hash: Hash,
    hash: Hash,
    holds: bool,
}

fn seals(page: Vec<Recorded>) -> Vec<Link> {
    let link = |fact: Recorded| Link {
        holds: seal::holds(&fact),
        position: fact.position,
        stream: fact.stream,
        version: fact.version,
        event_id: fact.event_id,
        recorded_at: fact.recorded_at,
        prev_hash: fact.prev_hash,
        hash: fact.hash,
    };
    page.into_iter().map(link).collect()
}

#[derive(Default)]
struct Walk {
    events: u64,
    position: Position,
    ends: HashMap<StreamId, (Head, Position)>,
}

impl Walk {
    fn step(&mut self, link: Link) -> Option<Broken> {
        let (before, _) = self.ends.get(&link.stream).copied().unwrap_or_default();
        let flaw = if link.position != self.position + 1 {
            Some(Flaw::Position { after: self.position })
        } else if link.version != before.version + 1 {
            Some(Flaw::Version { after: before.version })
        } else if link.prev_hash != before.hash {
            Some(Flaw::Link)
        } else if !link.holds {
            Some(Flaw::Seal)
        } else if before.version > 0 && link.recorded_at < before.recorded_at {
            Some(Flaw::Recorded)
        } else {
            None
        };
        if let Some(flaw) = flaw {
            return Some(Broken {
                position: link.position,
                stream: link.stream.to_string(),
                version: link.version,
                event_id: Some(link.event_id),
                flaw,
            });
        }
        self.events += 1;
        self.position = link.position;
        let head = Head { version: link.version, hash: link.hash, recorded_at: link.recorded_at };
        self.ends.insert(link.stream, (head, link.position));
        None
    }

    /// Compares the end of every stream with what the store remembers of it. What a server appended meanwhile is no
    /// fault: then the stream has those events.
    async fn ends(
        &self,
        store: &Arc<dyn EventStore>,
        progress: &Progress,
    ) -> Result<Option<Broken>, StoreError> {
        progress.begin("comparing ends", Some(u64::try_from(self.ends.len()).unwrap_or_default()));
        let found = stream::iter(&self.ends)
            .map(|(stream, &(end, position))| async move {
                let flaw = end_flaw(&**store, stream, end).await?;
                Ok::<_, StoreError>(flaw.map(|flaw| Broken {
                    position,
                    stream: stream.to_string(),
                    version: end.version,
                    event_id: None,
                    flaw,
                }))
            })
            .buffer_unordered(ENDS_AT_ONCE);
        let mut found = std::pin::pin!(found);
        let mut first: Option<Broken> = None;
        while let Some(broken) = found.try_next().await? {
            progress.advance(1);
            let earlier = |it: &Broken| first.as_ref().is_none_or(|first| it.position < first.position);
            first = broken.filter(earlier).or(first);
        }
        Ok(first)
    }

    fn report(&self, broken: Option<Broken>) -> Report {
        Report { events: self.events, streams: self.ends.len(), last_position: self.position, broken }
    }
}

async fn end_flaw(store: &dyn EventStore, stream: &StreamId, end: Head) -> Result<Option<Flaw>, StoreError> {
    let remembered = store.head(stream).await?;
    if remembered.version == end.version {
        return Ok((remembered.hash != end.hash).then_some(Flaw::EndHash));
    }
    let there = store.read_stream(stream, end.version, 1).await?;
    Ok(there.is_empty().then_some(Flaw::End { remembered: remembered.version }))
}
