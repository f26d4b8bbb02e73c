//! Blue and green: new versions of tables are filled beside those that are read and take over in one transaction.
//! Readers are never blocked and never see less than before: the last events up to the checkpoint of the old version
//! are applied in the very transaction that swaps. One pass over the log serves all projections that are rebuilt.

use std::{collections::BTreeSet, sync::Arc};

use talon_core::{
    event_store::{EventStore, Position, StoreError},
    fact::{Entry, Fact},
};
use talon_storage::Tx;
use tokio::{
    sync::mpsc,
    task::{JoinHandle, JoinSet, spawn_blocking},
};
use tracing::{info, warn};

use crate::{
    batch::{Trouble, sort_out},
    filler::{Filler, Kept, is_known_already},
    ledger::{self, State, VersionState},
    projector::{Projection, Projector},
    runner::{NEARLY_LIVE, Surroundings},
};

/// Events read and written at a time.
const PAGE: u32 = 5_000;
/// Pages decoded ahead of the writer.
const AHEAD: usize = 2;

/// How much a rebuild takes at a time. The default is right outside of tests.
#[derive(Debug, Clone, Copy)]
pub struct Portions {
    /// Events read and written at a time.
    pub page: u32,
    /// Rows kept back at most, of each kind.
    pub kept: Kept,
}

impl Default for Portions {
    fn default() -> Self {
        Self { page: PAGE, kept: Kept::default() }
    }
}

/// A version being filled.
struct Shadow {
    projection: &'static Projection,
    at: VersionState,
    projector: Box<dyn Projector>,
}

/// Rebuilds projections from the first event on and puts them in the place of what is read now. Fails fast at an event
/// that cannot be projected; what is read now stays then.
///
/// # Errors
/// See `Trouble`; `Poisoned` names the event.
pub async fn rebuild(around: &Surroundings, projections: &[&'static Projection]) -> Result<(), Trouble> {
    rebuild_in(around, projections, Portions::default()).await
}

/// The same in portions of another size.
///
/// # Errors
/// As above.
pub async fn rebuild_in(
    around: &Surroundings,
    projections: &[&'static Projection],
    portions: Portions,
) -> Result<(), Trouble> {
    let began = around.clock.now();
    let mut skipped = BTreeSet::new();
    let mut shadows = Vec::new();
    for projection in projections {
        // An event skipped for one projection is left out of all that are rebuilt with it only if it is skipped in each.
        let mine = ledger::skipped(&around.db, projection.name).await?;
        skipped = if shadows.is_empty() { mine } else { &skipped & &mine };
        shadows.push(begin(around, projection).await?);
    }
    let mut done = match fill(around, &mut shadows, &skipped, portions).await {
        Ok(done) => done,
        Err(trouble) if is_known_already(&trouble) => {
            warn!(
                error = &trouble as &dyn std::error::Error,
                "the log begins something twice: filled with care"
            );
            for shadow in &mut shadows {
                *shadow = begin(around, shadow.projection).await?;
            }
            0
        }
        Err(trouble) => return Err(trouble),
    };
    // Small tails are caught up again and again until what is left fits into the swap.
    while around.tail.head().saturating_sub(done) >= NEARLY_LIVE {
        done = catch_up(around, &mut shadows, done, &skipped).await?;
    }
    let filled = shadows.iter().map(|it| (it.projection, it.at.version)).collect();
    index(around, filled).await?;
    catch_up(around, &mut shadows, done, &skipped).await?;
    for shadow in shadows {
        swap(around, shadow, &skipped).await?;
    }
    let took = (around.clock.now() - began).num_milliseconds();
    info!(events = done, ms = took, "projections are rebuilt");
    Ok(())
}

/// Creates the tables of the next version; what an earlier attempt left is dropped.
async fn begin(around: &Surroundings, projection: &'static Projection) -> Result<Shadow, Trouble> {
    let log_id = around.events.log_id();
    let mut tx = around.db.begin().await?;
    let versions = ledger::versions_in(&mut tx, projection.name).await?;
    for left in versions.iter().filter(|it| it.state == State::Rebuilding) {
        ledger::discard(&mut tx, projection, left.version).await?;
    }
    let version = 1 + versions.last().map_or(0, |it| it.version);
    ledger::create(&mut tx, projection, version, State::Rebuilding, log_id).await?;
    tx.commit().await?;
    let at = VersionState {
        version,
        shape: projection.shape,
        state: State::Rebuilding,
        log_id,
        position: 0,
        epoch: 0,
    };
    Ok(Shadow { projection, at, projector: (projection.make)(version) })
}

/// Folds the log from its first event on, as far as it reaches; the position reached. A page is folded while the one
/// before it is written and the next ones are decoded.
async fn fill(
    around: &Surroundings,
    shadows: &mut [Shadow],
    skipped: &BTreeSet<Position>,
    portions: Portions,
) -> Result<Position, Trouble> {
    let mut filler = Filler::new(around.db.clone(), portions.kept);
    let mut pages = Ahead::read(around.events.clone(), 0, portions.page, skipped.clone());
    let mut done = 0;
    while let Some(page) = pages.next().await {
        let (facts, to) = page?;
        let mut marks = Vec::with_capacity(shadows.len());
        for shadow in &mut *shadows {
            shadow.projector.fill(&facts, &mut filler).await?;
            marks.push((shadow.projection.name, shadow.at));
            shadow.at.position = to;
        }
        filler.turn(marks, to).await?;
        done = to;
        report(around, done);
    }
    for shadow in &mut *shadows {
        shadow.projector.settle(&mut filler).await?;
    }
    filler.finish().await?;
    Ok(done)
}

/// Applies everything after `from` that the log holds now; the position reached.
async fn catch_up(
    around: &Surroundings,
    shadows: &mut [Shadow],
    from: Position,
    skipped: &BTreeSet<Position>,
) -> Result<Position, Trouble> {
    let mut pages = Ahead::read(around.events.clone(), from, PAGE, skipped.clone());
    let mut done = from;
    while let Some(page) = pages.next().await {
        let (facts, to) = page?;
        let mut tx = around.db.begin().await?;
        for shadow in &mut *shadows {
            apply(&mut tx, shadow, &facts, to).await?;
        }
        tx.commit().await?;
        for shadow in &mut *shadows {
            shadow.at.position = to;
        }
        done = to;
        report(around, done);
    }
    Ok(done)
}

#[expect(clippy::cast_precision_loss, reason = "a share")]
fn report(around: &Surroundings, done: Position) {
    metrics::gauge!("projection_rebuild_ratio").set(done as f64 / around.tail.head().max(1) as f64);
}

async fn apply(tx: &mut Tx<'_>, shadow: &mut Shadow, facts: &[Fact], to: Position) -> Result<(), Trouble> {
    if !ledger::advance(tx, shadow.projection.name, &shadow.at, to).await? {
        return Err(Trouble::Overtaken);
    }
    shadow.projector.apply(tx, facts).await?;
    Ok(())
}

type Page = Result<(Vec<Fact>, Position), Trouble>;

/// Pages of the log, read one after the other and decoded on as many cores as there are.
struct Ahead {
    pages: mpsc::Receiver<JoinHandle<Page>>,
}

impl Ahead {
    fn read(events: Arc<dyn EventStore>, from: Position, page: u32, skipped: BTreeSet<Position>) -> Self {
        let (to_reader, pages) = mpsc::channel(AHEAD);
        let skipped = Arc::new(skipped);
        tokio::spawn(async move {
            let mut after = from;
            loop {
                let page = match events.read_all(after, page).await {
                    Ok(page) if page.is_empty() => return,
                    page => page,
                };
                let read = page.as_ref().ok().and_then(|page| page.last()).map(|it| it.position);
                after = read.unwrap_or(after);
                let skipped = skipped.clone();
                let decoded = spawn_blocking(move || {
                    let page: Vec<_> = page?.into_iter().map(|raw| Arc::new(Entry::new(raw))).collect();
                    Ok((decode(&page, &skipped)?, after))
                });
                // Behind a page that could not be read there is no next one.
                if to_reader.send(decoded).await.is_err() || read.is_none() {
                    return;
                }
            }
        });
        Self { pages }
    }

    /// The next page; `None` at the end.
    async fn next(&mut self) -> Option<Page> {
        let decoded = self.pages.recv().await?;
        Some(decoded.await.unwrap_or_else(|died| Err(StoreError::Unavailable(died.into()).into())))
    }
}

/// A rebuild has no branches to park: it fails at the first poison.
fn decode(page: &[Arc<Entry>], skipped: &BTreeSet<Position>) -> Result<Vec<Fact>, Trouble> {
    let sorted = sort_out(page, &BTreeSet::new(), skipped)?;
    match sorted.poison.into_iter().next() {
        Some(poison) => Err(Trouble::Poisoned(poison)),
        None => Ok(sorted.facts),
    }
}

/// Makes the indexes of all versions, at once where the database has more than one writer.
async fn index(around: &Surroundings, filled: Vec<(&'static Projection, i64)>) -> Result<(), Trouble> {
    let mut indexing = JoinSet::new();
    for (projection, version) in filled {
        let db = around.db.clone();
        indexing.spawn(async move {
            let mut tx = db.begin().await?;
            allow_time(&mut tx).await?;
            ledger::index(&mut tx, projection, version).await?;
            tx.commit().await
        });
    }
    while let Some(done) = indexing.join_next().await {
        done.map_err(|died| sqlx::Error::Io(std::io::Error::other(died)))??;
    }
    Ok(())
}

/// Takes the place of the version that is read, at no smaller position than that one has.
async fn swap(
    around: &Surroundings,
    mut shadow: Shadow,
    skipped: &BTreeSet<Position>,
) -> Result<(), Trouble> {
    let name = shadow.projection.name;
    let mut tx = around.db.begin().await?;
    let versions = ledger::versions_in(&mut tx, name).await?;
    let old = versions.iter().rfind(|it| it.state.is_read());
    if let Some(old) = old {
        // Holds the old checkpoint where it is until the swap is committed.
        if !ledger::next_epoch(&mut tx, name, old).await? {
            return Err(Trouble::Overtaken);
        }
        let is_same_log = old.log_id == shadow.at.log_id;
        while is_same_log && shadow.at.position < old.position {
            let missing = u32::try_from(old.position - shadow.at.position).unwrap_or(PAGE).min(PAGE);
            let page: Vec<_> = around
                .events
                .read_all(shadow.at.position, missing)
                .await?
                .into_iter()
                .map(|raw| Arc::new(Entry::new(raw)))
                .collect();
            let Some(to) = page.last().map(|it| it.position) else { break };
            apply(&mut tx, &mut shadow, &decode(&page, skipped)?, to).await?;
            shadow.at.position = to;
        }
        ledger::set_state(&mut tx, name, old.version, State::Retired).await?;
    }
    // One version back is kept, for an instant way back.
    for older in versions.iter().filter(|it| it.state == State::Retired) {
        ledger::discard(&mut tx, shadow.projection, older.version).await?;
    }
    ledger::set_state(&mut tx, name, shadow.at.version, State::CatchingUp).await?;
    ledger::show(&mut tx, shadow.projection, shadow.at.version).await?;
    tx.commit().await?;
    info!(
        projector = name,
        version = shadow.at.version,
        position = shadow.at.position,
        "a new version is read"
    );
    Ok(())
}

/// A large index takes longer than any other statement may.
async fn allow_time(tx: &mut Tx<'_>) -> Result<(), sqlx::Error> {
    if let Tx::Postgres(it) = tx {
        sqlx::query("set local statement_timeout = 0").execute(&mut **it).await?;
    }
    Ok(())
}
