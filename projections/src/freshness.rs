//! How far the read models have come, for those who must see what they wrote.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use talon_core::event_store::Position;
use talon_storage::{Db, ask, sql};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};
use uuid::Uuid;

use crate::ledger::stored;

/// As long as an answer is worth waiting for.
pub const PATIENCE: Duration = Duration::from_millis(500);

/// How often the checkpoint is read when another node moves it.
const GLANCE: Duration = Duration::from_millis(20);

/// Positions of the projections, as this node knows them. Cheap to clone.
#[derive(Clone)]
pub struct Freshness {
    db: Db,
    log_id: Uuid,
    known: Arc<Mutex<BTreeMap<&'static str, watch::Sender<Position>>>>,
}

impl fmt::Debug for Freshness {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Freshness").finish_non_exhaustive()
    }
}

impl Freshness {
    #[must_use]
    pub fn new(db: Db, log_id: Uuid) -> Self {
        Self { db, log_id, known: Arc::default() }
    }

    /// Waits until the projection contains a position; false when it takes longer than `limit` (`PATIENCE` is usual)
    /// or the read storage is away. Wherever in the cluster the projection runs.
    pub async fn reached(&self, projection: &'static str, position: Position, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        let mut known = self.sender(projection).subscribe();
        loop {
            if *known.borrow_and_update() >= position {
                return true;
            }
            if Instant::now() >= until {
                return false;
            }
            if timeout(GLANCE, known.changed()).await.is_err()
                && let Ok(rows) =
                    ask!(&self.db, (i64,), sql!("projections/position"), projection, self.log_id)
                && let Some((stored,)) = rows.first()
            {
                self.advance(projection, Position::try_from(*stored).unwrap_or_default());
            }
        }
    }

    /// The position this node knows of.
    #[must_use]
    pub fn known(&self, projection: &'static str) -> Position {
        *self.sender(projection).borrow()
    }

    pub(crate) fn advance(&self, projection: &'static str, position: Position) {
        self.sender(projection).send_if_modified(|known| {
            let newer = stored(position) > stored(*known);
            *known = position.max(*known);
            newer
        });
    }

    fn sender(&self, projection: &'static str) -> watch::Sender<Position> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(projection).or_insert_with(|| watch::channel(0).0).clone()
    }
}
