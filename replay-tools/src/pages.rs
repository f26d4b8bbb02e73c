//! The whole log page by page, the next page being read while the present one is worked on.

use std::sync::Arc;

use talon_core::event_store::{EventStore, Position, Recorded, StoreError, StreamId, Version};
use tokio::sync::mpsc;

/// Facts fetched at a time.
pub const PAGE: u32 = 2_000;

/// Every fact after a position up to the end that the log has when it is reached.
pub struct Pages {
    from: mpsc::Receiver<Result<Vec<Recorded>, StoreError>>,
}

impl Pages {
    #[must_use]
    pub fn of(store: &Arc<dyn EventStore>, after: Position) -> Self {
        let (to, from) = mpsc::channel(3);
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let mut after = after;
            loop {
                let page = store.read_all(after, PAGE).await;
                let last = page.as_ref().ok().and_then(|page| page.last()).map(|fact| fact.position);
                let Some(last) = last else {
                    if page.is_err() {
                        // Nobody waits for the error any more: then nobody misses it.
                        let _ = to.send(page).await;
                    }
                    return;
                };
                if to.send(page).await.is_err() {
                    return;
                }
                after = last;
            }
        });
        Self { from }
    }

    /// The next page; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<Vec<Recorded>, StoreError>> {
        self.from.recv().await
    }
}

/// All facts of a stream after a version.
///
/// # Errors
/// Those of the store.
pub async fn stream(
    store: &dyn EventStore,
    stream: &StreamId,
    after: Version,
) -> Result<Vec<Recorded>, StoreError> {
    let mut all: Vec<Recorded> = Vec::new();
    loop {
        let after = all.last().map_or(after, |fact| fact.version);
        let page = store.read_stream(stream, after, PAGE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}
