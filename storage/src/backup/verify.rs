//! Proof that a log is whole and that nobody changed it: positions without a gap, versions that count, seals that hold,
//! and ends of streams that are the ends of their chains.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use talon_core::{
    event_store::{EventStore, Head, Position, StoreError, StreamId, Version},
    seal,
};

use super::Progress;
use crate::{ask, db::Db, sql, sql::unsigned};

const PAGE: u32 = 2_000;

/// Where a log is not what it was.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    #[error("position {0} is missing")]
    Gap(Position),
    #[error("version {version} of stream {stream} at position {position} does not follow the one before")]
    Chain { stream: StreamId, version: Version, position: Position },
    #[error("the seal of version {version} of stream {stream} at position {position} does not hold")]
    Seal { stream: StreamId, version: Version, position: Position },
    #[error("stream {0} does not end where it says")]
    End(StreamId),
    #[error("the log ends at {found}, not at {expected}")]
    Short { expected: Position, found: Position },
    #[error("the ends of the streams are not those of the manifest")]
    Manifest,
    #[error("the log cannot be read")]
    Unreadable(#[from] StoreError),
}

/// What a verified log holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub head: Position,
    pub streams: u64,
}

/// Verifies a whole log with dense positions up to `head`.
///
/// # Errors
/// The first `Damage` met.
pub async fn verify(
    store: &dyn EventStore,
    head: Position,
    progress: Progress<'_>,
) -> Result<Summary, Damage> {
    let mut ends: BTreeMap<StreamId, Head> = BTreeMap::new();
    let mut after = 0;
    loop {
        let page = store.read_all(after, PAGE).await?;
        let reached = after;
        for event in page.into_iter().take_while(|it| it.position <= head) {
            if event.position != after + 1 {
                return Err(Damage::Gap(after + 1));
            }
            let end = ends.entry(event.stream.clone()).or_default();
            let (version, position) = (event.version, event.position);
            if version != end.version + 1 || event.prev_hash != end.hash {
                return Err(Damage::Chain { stream: event.stream, version, position });
            }
            if !seal::holds(&event) {
                return Err(Damage::Seal { stream: event.stream, version, position });
            }
            *end = Head { version, hash: event.hash, recorded_at: event.recorded_at };
            after = position;
        }
        progress(after, head);
        if after == reached || after == head {
            break;
        }
        tokio::task::yield_now().await;
    }
    if after != head {
        return Err(Damage::Short { expected: head, found: after });
    }
    for (stream, end) in &ends {
        let told = store.head(stream).await?;
        // A log that is being written may have moved on; it never moves back.
        if told != *end && told.version <= end.version {
            return Err(Damage::End(stream.clone()));
        }
    }
    Ok(Summary { head, streams: ends.len() as u64 })
}

/// How many streams there are, and one hash over all their ends, by name.
pub(super) async fn heads(log: &Db) -> Result<(u64, String), sqlx::Error> {
    let rows = ask!(log, (String, i64, Vec<u8>), sql!("log/heads"))?;
    let mut sum = Sha256::new();
    for (name, version, hash) in &rows {
        for part in [name.as_bytes(), &unsigned(*version).to_be_bytes(), hash] {
            sum.update((part.len() as u64).to_be_bytes());
            sum.update(part);
        }
    }
    Ok((rows.len() as u64, hex::encode(sum.finalize())))
}
