//! Live queues and boards: a pure fold of the open days' facts, held in memory by every node and never stored.
//!
//! Each branch is shown behind a `watch`: it conflates, so a slow client meets the newest state only; what must not be
//! missed (calls) is carried by each state. A change is rendered once per branch and shared by all who look.
//! Imported branches are history and have no hall: they are not followed here.

mod alert;
mod branch;
mod call;
mod day;
mod quotes;
mod render;
mod view;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::{Days, NaiveDate};
use talon_core::{
    event_store::{EventStore, Position, Recorded, StoreError, StreamId},
    fact::{Entry, Fact},
    ids::{BranchId, TicketId},
    queue_day::{QueueDay, ticket::Ticket},
    queue_event::{Event, OrganisationEvent},
    queue_order,
    settings::BranchSettings,
    time::{Clock, from_micros, millis_between},
    waiting_time::WaitingTime,
};
use talon_storage::Tail;
use tokio::{
    sync::watch,
    task::{JoinError, JoinSet},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

pub use self::{
    alert::{Alert, AlertKind},
    call::{CALLS_KEPT, Call, CallKind},
    quotes::Quotes,
    view::{BranchView, DayView},
};
use self::{
    branch::{Light, LiveBranch},
    day::Folded,
};
use crate::subject::day_of;

/// Facts folded before the boards are shown again, and before other tasks get a turn.
const BATCH: u32 = 1_000;
const TURN: usize = 64;
const PAGE: u32 = 2_000;
/// Branches read at the same time at the start: enough for every core and reader, and few enough that their pages are no
/// matter for memory.
const LOADED_AT_ONCE: usize = 8;
/// Wire name of the last fact of a day.
const DAY_CLOSED: &str = "day.closed";

/// The schema of a board, for the description of the interface that sends it.
#[must_use]
pub fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    render::schema(generator)
}

/// The halls as they are now.
pub struct Live {
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
    waits: Arc<dyn WaitingTime>,
    branches: RwLock<BTreeMap<BranchId, Arc<LiveBranch>>>,
    reached: watch::Sender<Position>,
}

impl fmt::Debug for Live {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Live").field("reached", &*self.reached.borrow()).finish_non_exhaustive()
    }
}

impl Live {
    /// Folds the branches of the organisation and their newest days. It goes stale from then on, until `follow` runs.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn start(
        tail: &Tail,
        store: Arc<dyn EventStore>,
        clock: Arc<dyn Clock>,
        waits: Arc<dyn WaitingTime>,
    ) -> Result<Arc<Self>, StoreError> {
        // Whatever is written while the streams are read is met again by `follow`, and known by its version.
        let head = tail.head();
        let reached = watch::channel(head).0;
        let live = Arc::new(Self { store, clock, waits, branches: RwLock::default(), reached });
        let mut registered = Vec::new();
        for raw in live.stream(&StreamId::new("organisation"), 0).await? {
            registered.extend(Fact::decode(&raw).ok().and_then(|fact| live_branch(&fact)));
        }
        let loaded = |joined: Result<Result<(), StoreError>, JoinError>| {
            joined.map_err(|failed| StoreError::Unavailable(failed.into()))?
        };
        let mut loading = JoinSet::new();
        for branch in registered {
            while loading.len() >= LOADED_AT_ONCE
                && let Some(joined) = loading.join_next().await
            {
                loaded(joined)?;
            }
            let live = live.clone();
            loading.spawn(async move { live.admit(branch).await });
        }
        while let Some(joined) = loading.join_next().await {
            loaded(joined)?;
        }
        info!(branches = live.branches().len(), position = head, "boards are folded");
        Ok(live)
    }

    /// Follows the log until told to stop; a store that is away for a while is asked again.
    pub async fn follow(&self, tail: Tail, stop: CancellationToken) {
        let mut at = *self.reached.borrow();
        loop {
            let batch = tokio::select! {
                () = stop.cancelled() => return,
                batch = tail.next_batch(at, BATCH) => batch,
            };
            let taken = match batch {
                Ok(batch) => self.take(&batch).await.map(|()| batch.last().cloned()),
                Err(error) => Err(error),
            };
            match taken {
                Ok(Some(last)) => {
                    at = last.position;
                    self.reached.send_replace(at);
                    self.measure(&tail, &last);
                }
                Ok(None) => {}
                Err(error) => {
                    warn!(error = &error as &dyn std::error::Error, position = at, "boards wait for the log");
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = self.clock.sleep_until(self.clock.now() + chrono::TimeDelta::milliseconds(100)) => {}
                    }
                }
            }
        }
    }

    /// A branch as it is now and will be; absent when it is unknown or only imported.
    #[must_use]
    pub fn branch(&self, branch: &BranchId) -> Option<watch::Receiver<Arc<BranchView>>> {
        self.get(branch).map(|it| it.subscribe(self.light()))
    }

    /// Every live branch, by id.
    #[must_use]
    pub fn branches(&self) -> Vec<BranchId> {
        self.branches.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// The whole state of a branch's day: today's without a date. To be dropped soon: while it is held, the next
    /// change copies it.
    #[must_use]
    pub fn day(&self, branch: &BranchId, date: Option<NaiveDate>) -> Option<(NaiveDate, Arc<QueueDay>)> {
        let branch = self.get(branch)?;
        let folding = branch.folding();
        let day = match date {
            Some(date) => folding.days().iter().find(|day| day.date == date)?,
            None => folding.in_the_hall(self.clock.now()).0?,
        };
        Some((day.date, day.day().clone()))
    }

    /// Looks at the state of a branch's day without copying or keeping it: the branch waits meanwhile, so be quick.
    pub fn with_day<T>(
        &self,
        branch: &BranchId,
        date: NaiveDate,
        look: impl FnOnce(&QueueDay) -> T,
    ) -> Option<T> {
        let branch = self.get(branch)?;
        let folding = branch.folding();
        folding.days().iter().find(|day| day.date == date).map(|day| look(day.day()))
    }

    /// Looks at the settings of a branch that are in force now; nothing for an unknown branch or before its first.
    /// Answered from memory: what a hall shows goes on when the store is away.
    pub fn with_settings<T>(&self, branch: &BranchId, look: impl FnOnce(&BranchSettings) -> T) -> Option<T> {
        let branch = self.get(branch)?;
        let folding = branch.folding();
        folding.in_force(self.clock.now()).map(|it| look(&it.settings))
    }

    /// The last fact of a branch that was folded; 0 for an unknown branch. Costs no view, unlike following it.
    #[must_use]
    pub fn position_of(&self, branch: &BranchId) -> Position {
        self.get(branch).map_or(0, |branch| branch.folding().position)
    }

    /// A ticket of today or yesterday, closed ones too.
    #[must_use]
    pub fn ticket(&self, branch: &BranchId, id: &TicketId) -> Option<(NaiveDate, Ticket)> {
        let branch = self.get(branch)?;
        let folding = branch.folding();
        folding.days().iter().find_map(|day| day.ticket(id).map(|ticket| (day.date, ticket.clone())))
    }

    /// The same when its branch is not known.
    #[must_use]
    pub fn find_ticket(&self, id: &TicketId) -> Option<(BranchId, NaiveDate, Ticket)> {
        self.branches().into_iter().find_map(|branch| {
            let (date, ticket) = self.ticket(&branch, id)?;
            Some((branch, date, ticket))
        })
    }

    /// How many would be called before a waiting ticket of this date, people of the other day among them; `None` when the
    /// hall does not hold it.
    #[must_use]
    pub fn ahead_of(&self, branch: &BranchId, date: NaiveDate, id: &TicketId) -> Option<u32> {
        let branch = self.get(branch)?;
        let folding = branch.folding();
        let day = folding.days().iter().find(|day| day.date == date)?.day();
        let ticket = day.tickets.get(id)?;
        let others = folding.days().iter().filter(|it| it.date != date && it.day().is_open());
        let elsewhere: u32 = others.map(|other| queue_order::ahead_in(other.day(), day, ticket)).sum();
        Some(queue_order::ahead_of(day, ticket) + elsewhere)
    }

    /// The position up to which every branch is folded.
    #[must_use]
    pub fn reached(&self) -> watch::Receiver<Position> {
        self.reached.subscribe()
    }

    /// Waits until the boards contain a position; false when it takes longer than `limit`.
    pub async fn wait_for(&self, position: Position, limit: Duration) -> bool {
        let mut reached = self.reached.subscribe();
        tokio::time::timeout(limit, reached.wait_for(|at| *at >= position)).await.is_ok_and(|it| it.is_ok())
    }

    fn get(&self, branch: &BranchId) -> Option<Arc<LiveBranch>> {
        self.branches.read().unwrap_or_else(PoisonError::into_inner).get(branch).cloned()
    }

    fn light(&self) -> Light<'_> {
        Light { log_id: self.store.log_id(), waits: &*self.waits, now: self.clock.now() }
    }

    async fn take(&self, batch: &[Arc<Entry>]) -> Result<(), StoreError> {
        let mut changed = BTreeMap::new();
        for (turn, raw) in batch.iter().enumerate() {
            if turn % TURN == TURN - 1 {
                tokio::task::yield_now().await;
            }
            match raw.stream.category() {
                "queue" | "branch" => {
                    let Some((id, branch)) = self.branch_of(&raw.stream) else { continue };
                    self.fold(&branch, raw).await?;
                    changed.insert(id, branch);
                }
                "organisation" => {
                    if let Some(branch) = raw.fact().ok().and_then(|fact| live_branch(&fact)) {
                        self.admit(branch).await?;
                    }
                }
                _ => {}
            }
        }
        let light = self.light();
        changed.values().for_each(|branch| branch.show(light));
        Ok(())
    }

    fn branch_of(&self, stream: &StreamId) -> Option<(BranchId, Arc<LiveBranch>)> {
        let id = match day_of(stream) {
            Some((branch, _)) => branch,
            None => BranchId::trusted(stream.as_str().strip_prefix("branch-")?),
        };
        self.get(&id).map(|branch| (id, branch))
    }

    async fn fold(&self, branch: &LiveBranch, raw: &Entry) -> Result<(), StoreError> {
        match raw.fact() {
            Ok(fact) => {
                let folded = branch.folding().apply(&fact);
                if folded == Folded::Gap {
                    self.catch_up(branch, &raw.stream).await?;
                }
            }
            Err(unreadable) => {
                error!(error = &unreadable as &dyn std::error::Error, stream = %raw.stream, "board stops at an event");
                metrics::counter!("parked_total", "projector" => "board").increment(1);
                branch.folding().stick(unreadable.to_string());
            }
        }
        Ok(())
    }

    /// Reads what a fold lacks from the stream itself.
    async fn catch_up(&self, branch: &LiveBranch, stream: &StreamId) -> Result<bool, StoreError> {
        let after = day_of(stream).map_or(0, |(_, date)| branch.folding().version_of(date));
        let missing = self.stream(stream, after).await?;
        for raw in &missing {
            match Fact::decode(raw) {
                Ok(fact) => {
                    branch.folding().apply(&fact);
                }
                Err(unreadable) => branch.folding().stick(unreadable.to_string()),
            }
        }
        Ok(!missing.is_empty())
    }

    /// Begins to follow a branch: its settings, and the two newest of its days.
    async fn admit(&self, id: BranchId) -> Result<(), StoreError> {
        if self.get(&id).is_some() {
            return Ok(());
        }
        let now = self.clock.now();
        let branch = Arc::new(LiveBranch::new(id.clone(), self.light()));
        self.catch_up(&branch, &StreamId::new(&format!("branch-{id}"))).await?;
        // Whatever the zone, its today is one of the dates around today in UTC.
        let newest = now.date_naive().checked_add_days(Days::new(1)).unwrap_or_else(|| now.date_naive());
        let mut held = 0;
        for date in newest.iter_days().rev().take(4) {
            if held == 2 {
                break;
            }
            let stream = StreamId::new(&format!("queue-{id}~{date}"));
            // Of a day that is over nobody is in the hall any more: a start takes as long as the days that are open.
            if held > 0 && self.is_over(&stream).await? {
                break;
            }
            held += usize::from(self.catch_up(&branch, &stream).await?);
        }
        branch.show(self.light());
        self.branches.write().unwrap_or_else(PoisonError::into_inner).entry(id).or_insert(branch);
        Ok(())
    }

    /// Whether a day's last fact is its end.
    async fn is_over(&self, day: &StreamId) -> Result<bool, StoreError> {
        let Some(before_last) = self.store.head(day).await?.version.checked_sub(1) else { return Ok(false) };
        let last = self.store.read_stream(day, before_last, 1).await?;
        Ok(last.first().is_some_and(|it| &*it.kind == DAY_CLOSED))
    }

    async fn stream(&self, stream: &StreamId, after: u64) -> Result<Vec<Recorded>, StoreError> {
        let mut all = Vec::new();
        let mut after = after;
        loop {
            let page = self.store.read_stream(stream, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(all) };
            after = last.version;
            let whole = page.len() == PAGE as usize;
            all.extend(page);
            if !whole {
                return Ok(all);
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a gauge")]
    fn measure(&self, tail: &Tail, last: &Recorded) {
        let behind = tail.head().saturating_sub(last.position);
        let age =
            if behind == 0 { 0 } else { millis_between(from_micros(last.recorded_at), self.clock.now()) };
        metrics::gauge!("projection_lag_events", "projector" => "board").set(behind as f64);
        metrics::gauge!("projection_lag_seconds", "projector" => "board").set(age.max(0) as f64 / 1_000.0);
    }
}

fn live_branch(fact: &Fact) -> Option<BranchId> {
    match &*fact.event {
        Event::Organisation(OrganisationEvent::BranchRegistered(it)) if !it.imported => {
            Some(it.branch.clone())
        }
        _ => None,
    }
}
