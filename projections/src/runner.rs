//! Follows the log for one projection: batches of facts become rows, and the checkpoint moves in the same transaction.
//!
//! Once in a cluster (`Leadership`), and fenced besides by the checkpoint's compare-and-set. Trouble with a database is
//! waited out; an event that cannot be projected parks its branch, an event of no branch stops the projection, loudly
//! and until the next start. A checkpoint of another log, beyond the log's end or of another shape means a rebuild.

use std::{collections::BTreeSet, fmt, sync::Arc, time::Duration};

use chrono::TimeDelta;
use talon_core::{
    event_store::{EventStore, Position, Recorded},
    fact::Entry,
    time::{Clock, from_micros, millis_between},
};
use talon_storage::{Db, Leadership, Storage, Tail};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, error, info, info_span, warn};

use crate::{
    batch::{Poison, Trouble, isolate, sort_out, without},
    freshness::Freshness,
    ledger::{self, ParkedBranch, State, VersionState, stored},
    projector::{Projection, Projector},
    rebuild,
};

/// Events folded into rows at a time.
const BATCH: u32 = 2_000;
/// Less than this many events behind, a version counts as live.
pub(crate) const NEARLY_LIVE: Position = 100;
/// More events than this are faster filled in beside than followed row by row.
const WORTH_A_REBUILD: Position = 20_000;
const PAUSE: TimeDelta = TimeDelta::milliseconds(200);
/// At most one batch in so long while the log is followed closely: a busy hall changes the same rows again and again,
/// and each batch writes them once. Readers who ask for a position wait for it, so nobody notices but the disk.
const PACE: Duration = Duration::from_millis(25);

/// What every projection needs: the log, where the rows go, the clock for its metrics and pauses.
#[derive(Clone)]
pub struct Surroundings {
    pub db: Db,
    pub events: Arc<dyn EventStore>,
    pub tail: Tail,
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Surroundings").finish_non_exhaustive()
    }
}

impl Surroundings {
    #[must_use]
    pub fn new(storage: &Storage, clock: Arc<dyn Clock>) -> Self {
        Self { db: storage.read.clone(), events: storage.events.clone(), tail: storage.tail.clone(), clock }
    }
}

/// One projection on its way through the log.
#[derive(Debug)]
pub struct Runner {
    projection: &'static Projection,
    around: Surroundings,
    freshness: Freshness,
}

/// One version being followed.
struct Following {
    at: VersionState,
    projector: Box<dyn Projector>,
    parked: BTreeSet<String>,
    skipped: BTreeSet<Position>,
}

impl Runner {
    #[must_use]
    pub fn new(projection: &'static Projection, around: Surroundings, freshness: Freshness) -> Self {
        Self { projection, around, freshness }
    }

    /// Runs whenever this node leads, until told to stop.
    pub async fn run(&self, leadership: &Leadership, stop: CancellationToken) {
        let job = format!("projection {}", self.projection.name);
        while !stop.is_cancelled() {
            let term = tokio::select! {
                () = stop.cancelled() => return,
                term = leadership.lead(&job) => term,
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = term.over() => warn!(projector = self.projection.name, "leads no longer"),
                () = self.serve() => {}
            }
        }
    }

    /// Follows for as long as it is let.
    async fn serve(&self) {
        let name = self.projection.name;
        loop {
            let trouble = match self.open().await {
                Ok(mut following) => self.follow(&mut following).await,
                Err(trouble) => trouble,
            };
            match trouble {
                Trouble::Poisoned(poison) => {
                    error!(projector = name, position = poison.position, event = %poison.event_id, error = poison.error, "projection stops at an event of no branch");
                    metrics::gauge!("projection_stopped", "projector" => name).set(1.0);
                    return std::future::pending().await;
                }
                Trouble::Overtaken => {
                    info!(projector = name, "tables were changed by somebody else: reads them anew")
                }
                trouble => {
                    warn!(projector = name, error = &trouble as &dyn std::error::Error, "projection waits");
                    self.around.clock.sleep_until(self.around.clock.now() + PAUSE).await;
                }
            }
        }
    }

    /// Takes up the version that is read; makes one, or another one, when there is none to go on with.
    async fn open(&self) -> Result<Following, Trouble> {
        let around = &self.around;
        let head = around.tail.head();
        let current = match ledger::current(&around.db, self.projection.name).await? {
            Some(current) => current,
            None => self.first().await?,
        };
        let stays = current.log_id == around.events.log_id()
            && current.position <= head
            && current.shape == self.projection.shape;
        let is_far = current.position == 0 && head > WORTH_A_REBUILD;
        let at = if stays && !is_far {
            current
        } else {
            info!(
                projector = self.projection.name,
                version = current.version,
                stays,
                "projection is built anew"
            );
            rebuild::rebuild(around, &[self.projection]).await?;
            ledger::current(&around.db, self.projection.name).await?.ok_or(Trouble::Overtaken)?
        };
        let parked = ledger::parked(&around.db, self.projection.name).await?;
        #[expect(clippy::cast_precision_loss, reason = "a gauge")]
        metrics::gauge!("parked_total", "projector" => self.projection.name).set(parked.len() as f64);
        self.freshness.advance(self.projection.name, at.position);
        Ok(Following {
            at,
            projector: (self.projection.make)(at.version),
            parked: parked.into_iter().map(|it| it.branch).collect(),
            skipped: ledger::skipped(&around.db, self.projection.name).await?,
        })
    }

    async fn first(&self) -> Result<VersionState, Trouble> {
        let log_id = self.around.events.log_id();
        let mut tx = self.around.db.begin().await?;
        let versions = ledger::versions_in(&mut tx, self.projection.name).await?;
        if let Some(made) = versions.iter().rfind(|it| it.state.is_read()) {
            // Somebody else was first.
            return Ok(*made);
        }
        let version = 1 + versions.last().map_or(0, |it| it.version);
        ledger::create(&mut tx, self.projection, version, State::CatchingUp, log_id).await?;
        ledger::index(&mut tx, self.projection, version).await?;
        ledger::show(&mut tx, self.projection, version).await?;
        tx.commit().await?;
        ledger::current(&self.around.db, self.projection.name).await?.ok_or(Trouble::Overtaken)
    }

    async fn follow(&self, following: &mut Following) -> Trouble {
        let mut pace = interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let behind = self.around.tail.head().saturating_sub(following.at.position);
            if following.at.state == State::CatchingUp
                && behind < NEARLY_LIVE
                && let Err(trouble) = self.is_live(following).await
            {
                return trouble;
            }
            if behind < Position::from(BATCH) {
                pace.tick().await;
            }
            let batch = match self.around.tail.next_batch(following.at.position, BATCH).await {
                Ok(batch) => batch,
                Err(error) => return error.into(),
            };
            let (Some(first), Some(last)) = (batch.first(), batch.last()) else { continue };
            let span = info_span!(
                "project",
                projector = self.projection.name,
                from = first.position,
                to = last.position,
                lag = self.around.tail.head().saturating_sub(last.position),
            );
            if let Err(trouble) = self.take(following, &batch).instrument(span).await {
                following.projector.forget();
                return trouble;
            }
            self.measure(following, last);
        }
    }

    async fn is_live(&self, following: &mut Following) -> Result<(), Trouble> {
        let mut tx = self.around.db.begin().await?;
        ledger::set_state(&mut tx, self.projection.name, following.at.version, State::Live).await?;
        tx.commit().await?;
        following.at.state = State::Live;
        Ok(())
    }

    /// Projects one batch; parks the branches whose facts are not to be had.
    async fn take(&self, following: &mut Following, batch: &[Arc<Entry>]) -> Result<(), Trouble> {
        let Some(to) = batch.last().map(|it| it.position) else { return Ok(()) };
        let began = self.around.clock.now();
        let mut sorted = sort_out(batch, &following.parked, &following.skipped)?;
        let first_try = self.write(following, &sorted.facts, &sorted.poison, to).await;
        match first_try {
            Err(trouble) if !trouble.is_transient() => {
                following.projector.forget();
                let found = isolate(&self.around.db, &mut *following.projector, &sorted.facts).await?;
                if found.is_empty() {
                    return Err(trouble);
                }
                sorted.facts = without(sorted.facts, &found);
                sorted.poison.extend(found);
                self.write(following, &sorted.facts, &sorted.poison, to).await?;
            }
            result => result?,
        }
        following.at.position = to;
        self.freshness.advance(self.projection.name, to);
        for poison in sorted.poison {
            error!(
                projector = self.projection.name,
                branch = poison.branch,
                position = poison.position,
                error = poison.error,
                "branch is parked"
            );
            following.parked.extend(poison.branch);
        }
        #[expect(clippy::cast_precision_loss, reason = "a metric")]
        metrics::histogram!("projection_apply_seconds", "projector" => self.projection.name)
            .record(millis_between(began, self.around.clock.now()) as f64 / 1_000.0);
        Ok(())
    }

    async fn write(
        &self,
        following: &mut Following,
        facts: &[talon_core::fact::Fact],
        poison: &[Poison],
        to: Position,
    ) -> Result<(), Trouble> {
        let name = self.projection.name;
        let mut tx = self.around.db.begin().await?;
        if !ledger::advance(&mut tx, name, &following.at, to).await? {
            return Err(Trouble::Overtaken);
        }
        following.projector.apply(&mut tx, facts).await?;
        for it in poison {
            let Some(branch) = &it.branch else { continue };
            let parked = ParkedBranch {
                projector: name.into(),
                version: following.at.version,
                branch: branch.clone(),
                from_position: stored(it.position),
                event_id: it.event_id,
                error: it.error.clone(),
                parked_at: self.around.clock.now(),
            };
            ledger::park(&mut tx, &parked).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "gauges")]
    fn measure(&self, following: &Following, last: &Recorded) {
        let name = self.projection.name;
        let behind = self.around.tail.head().saturating_sub(last.position);
        let now = self.around.clock.now();
        let age = if behind == 0 { 0 } else { millis_between(from_micros(last.recorded_at), now).max(0) };
        metrics::gauge!("projection_lag_events", "projector" => name).set(behind as f64);
        metrics::gauge!("projection_lag_seconds", "projector" => name).set(age as f64 / 1_000.0);
        metrics::gauge!("parked_total", "projector" => name).set(following.parked.len() as f64);
    }
}
