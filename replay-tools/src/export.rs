//! The log as lines of JSON, one an event, in the order of positions: everything that a seal needs, so that whoever
//! has the export can check it without us. `meta` and `data` stand as they were stored, byte for byte.

use std::{
    io::{self, Write},
    sync::Arc,
};

use serde::Serialize;
use serde_json::value::RawValue;
use talon_core::event_store::{EventStore, Position, Recorded, StoreError, StreamId};
use uuid::Uuid;

use crate::{
    pages::{PAGE, Pages},
    progress::Progress,
};

/// What to export.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    pub after: Position,
    /// One stream alone.
    pub stream: Option<StreamId>,
}

#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("the export cannot be written")]
    Write(#[from] io::Error),
    #[error("the event at position {0} is no JSON")]
    Body(Position, #[source] serde_json::Error),
}

#[derive(Serialize)]
struct Line<'a> {
    position: Position,
    stream: &'a str,
    version: u64,
    event_id: Uuid,
    #[serde(rename = "type")]
    kind: &'a str,
    schema_version: u16,
    /// Microseconds since 1970.
    occurred_at: i64,
    recorded_at: i64,
    meta: &'a RawValue,
    data: &'a RawValue,
    prev_hash: String,
    hash: String,
}

/// Writes the selection and answers with how many events it had.
///
/// # Errors
/// When the log cannot be read or the lines not written.
pub async fn export(
    store: &Arc<dyn EventStore>,
    selection: &Selection,
    to: &mut (dyn Write + Send),
    progress: &Progress,
) -> Result<u64, ExportError> {
    progress.begin("exporting", None);
    let mut count = 0;
    match &selection.stream {
        Some(stream) => {
            let mut version = 0;
            loop {
                let page = store.read_stream(stream, version, PAGE).await?;
                let Some(last) = page.last() else { break };
                version = last.version;
                let after = |fact: &&Recorded| fact.position > selection.after;
                count += write(page.iter().filter(after), to)?;
            }
        }
        None => {
            let mut pages = Pages::of(store, selection.after);
            while let Some(page) = pages.next().await {
                let written = write(page?.iter(), to)?;
                count += written;
                progress.advance(written);
            }
        }
    }
    to.flush()?;
    progress.end();
    Ok(count)
}

fn write<'a>(
    facts: impl Iterator<Item = &'a Recorded>,
    to: &mut (dyn Write + Send),
) -> Result<u64, ExportError> {
    let mut count = 0;
    for fact in facts {
        let body = |bytes| serde_json::from_slice::<&RawValue>(bytes);
        let bad = |error| ExportError::Body(fact.position, error);
        let line = Line {
            position: fact.position,
            stream: fact.stream.as_str(),
            version: fact.version,
            event_id: fact.event_id,
            kind: &fact.kind,
            schema_version: fact.schema_version,
            occurred_at: fact.occurred_at,
            recorded_at: fact.recorded_at,
            meta: body(&fact.meta).map_err(bad)?,
            data: body(&fact.data).map_err(bad)?,
            prev_hash: hex::encode(fact.prev_hash),
            hash: hex::encode(fact.hash),
        };
        serde_json::to_writer(&mut *to, &line).map_err(io::Error::from)?;
        to.write_all(b"\n")?;
        count += 1;
    }
    Ok(count)
}
