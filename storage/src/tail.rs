//! Following the log. A follower asks for what comes after its position and waits until there is something: woken in
//! process when this node wrote, by LISTEN/NOTIFY when another did, and by a poll twice a second in case a wake was
//! lost. Events of this node are handed over in memory, others are read from the store; a follower cannot tell which.

use std::{fmt, sync::Arc, time::Duration};

use talon_core::{
    event_store::{EventStore, Position, Recorded, StoreError},
    fact::Entry,
};
use tokio::{sync::watch, time::timeout};

use crate::feed::Feed;

/// How long a follower trusts that it would have been woken.
const SAFETY_POLL: Duration = Duration::from_millis(500);
const BREATH: Duration = Duration::from_millis(10);

/// The way to follow a log. Cheap to clone; every follower has a position of its own.
#[derive(Clone)]
pub struct Tail {
    store: Arc<dyn EventStore>,
    feed: Arc<Feed>,
}

impl fmt::Debug for Tail {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Tail").field("head", &self.head()).finish_non_exhaustive()
    }
}

impl Tail {
    pub(crate) fn new(store: Arc<dyn EventStore>, feed: Arc<Feed>) -> Self {
        Self { store, feed }
    }

    /// The position of the last event this node knows to be committed.
    #[must_use]
    pub fn head(&self) -> Position {
        *self.feed.head().borrow()
    }

    /// Tells whenever the log has grown.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Position> {
        self.feed.head()
    }

    /// Waits for events after `after` and gives at most `limit` of them, in order and without a gap, never none.
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    /// `Unavailable`, after a pause of up to half a second: a follower may simply ask again.
    pub async fn next_batch(&self, after: Position, limit: u32) -> Result<Vec<Arc<Entry>>, StoreError> {
        let mut head = self.feed.head();
        loop {
            head.mark_unchanged();
            let known = *head.borrow();
            if known > after {
                let batch = self.feed.after(after, limit as usize);
                if !batch.is_empty() {
                    return Ok(batch);
                }
            } else if matches!(timeout(SAFETY_POLL, head.changed()).await, Ok(Ok(()))) {
                continue;
            }
            match self.store.read_all(after, limit).await {
                Ok(batch) if batch.is_empty() => {
                    // The head ran ahead of what a reader sees: rare, short, and no reason to spin.
                    if known > after {
                        let _ = timeout(BREATH, std::future::pending::<()>()).await;
                    }
                }
                Ok(batch) => return Ok(self.share(batch)),
                Err(error) => {
                    let _ = timeout(SAFETY_POLL, std::future::pending::<()>()).await;
                    return Err(error);
                }
            }
        }
    }

    fn share(&self, batch: Vec<Recorded>) -> Vec<Arc<Entry>> {
        let batch: Vec<_> = batch.into_iter().map(|raw| Arc::new(Entry::new(raw))).collect();
        if let Some(last) = batch.last() {
            self.feed.keep(batch.clone());
            self.feed.reached(last.position);
        }
        batch
    }
}
