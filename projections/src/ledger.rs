//! What is written down about projections: the versions of their tables and how far each has come, the branches that
//! are parked, the events somebody decided to skip. A checkpoint moves by compare-and-set in the transaction of the
//! rows, so a runner that is no longer the only one writes nothing.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, FromRow};
use talon_core::event_store::Position;
use talon_storage::{Db, Dialect, Tx, ask, fetch, run, sql};
use uuid::Uuid;

use crate::{bulk::at_version, projector::Projection};

/// What becomes of a version of tables, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Filled beside the one that is read.
    Rebuilding,
    /// Read, and still far behind the log.
    CatchingUp,
    Live,
    /// Kept for a while after the next one took over.
    Retired,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Rebuilding => "rebuilding",
            Self::CatchingUp => "catching_up",
            Self::Live => "live",
            Self::Retired => "retired",
        }
    }

    fn named(name: &str) -> Self {
        match name {
            "rebuilding" => Self::Rebuilding,
            "catching_up" => Self::CatchingUp,
            "live" => Self::Live,
            _ => Self::Retired,
        }
    }

    pub(crate) fn is_read(self) -> bool {
        matches!(self, Self::CatchingUp | Self::Live)
    }
}

/// One version of a projection's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionState {
    pub version: i64,
    pub shape: i64,
    pub state: State,
    pub log_id: Uuid,
    pub position: Position,
    pub(crate) epoch: i64,
}

#[derive(FromRow)]
struct VersionRow {
    version: i64,
    shape: i64,
    state: String,
    log_id: Uuid,
    position: i64,
    epoch: i64,
}

impl From<VersionRow> for VersionState {
    fn from(row: VersionRow) -> Self {
        Self {
            version: row.version,
            shape: row.shape,
            state: State::named(&row.state),
            log_id: row.log_id,
            position: Position::try_from(row.position).unwrap_or_default(),
            epoch: row.epoch,
        }
    }
}

/// A branch that a projection cannot follow past an event.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ParkedBranch {
    pub projector: String,
    pub version: i64,
    pub branch: String,
    pub from_position: i64,
    pub event_id: Uuid,
    pub error: String,
    pub parked_at: DateTime<Utc>,
}

pub(crate) fn stored(position: Position) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

/// Every version of a projection, oldest first.
///
/// # Errors
/// When the read storage is away.
pub async fn versions(db: &Db, name: &str) -> Result<Vec<VersionState>, sqlx::Error> {
    let rows = ask!(db, VersionRow, sql!("projections/versions"), name)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The version that is read now.
///
/// # Errors
/// When the read storage is away.
pub async fn current(db: &Db, name: &str) -> Result<Option<VersionState>, sqlx::Error> {
    Ok(versions(db, name).await?.into_iter().rfind(|it| it.state.is_read()))
}

pub(crate) async fn versions_in(tx: &mut Tx<'_>, name: &str) -> Result<Vec<VersionState>, sqlx::Error> {
    let rows = fetch!(tx, VersionRow, sql!("projections/versions"), name)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Branches that wait in the version that is read now.
///
/// # Errors
/// When the read storage is away.
pub async fn parked(db: &Db, name: &str) -> Result<Vec<ParkedBranch>, sqlx::Error> {
    let Some(current) = current(db, name).await? else { return Ok(Vec::new()) };
    ask!(db, ParkedBranch, sql!("projections/parked"), name, current.version)
}

pub(crate) async fn skipped(db: &Db, name: &str) -> Result<BTreeSet<Position>, sqlx::Error> {
    let rows = ask!(db, (i64,), sql!("projections/skipped"), name)?;
    Ok(rows.into_iter().filter_map(|(position,)| Position::try_from(position).ok()).collect())
}

/// Creates the tables of a new version and writes it down, at the beginning of the log.
pub(crate) async fn create(
    tx: &mut Tx<'_>,
    projection: &Projection,
    version: i64,
    state: State,
    log_id: Uuid,
) -> Result<(), sqlx::Error> {
    for table in projection.tables {
        execute(tx, &table.create(tx.dialect(), version)).await?;
    }
    run!(
        tx,
        sql!("projections/add_version"),
        projection.name,
        version,
        projection.shape,
        state.name(),
        log_id
    )?;
    Ok(())
}

/// Drops the tables of a version and forgets it.
pub(crate) async fn discard(
    tx: &mut Tx<'_>,
    projection: &Projection,
    version: i64,
) -> Result<(), sqlx::Error> {
    for table in projection.tables {
        execute(tx, &format!("drop table if exists {}_v{version}", table.name)).await?;
    }
    run!(tx, sql!("projections/unpark_all"), projection.name, version)?;
    run!(tx, sql!("projections/forget_version"), projection.name, version)?;
    Ok(())
}

pub(crate) async fn index(tx: &mut Tx<'_>, projection: &Projection, version: i64) -> Result<(), sqlx::Error> {
    for indexes in projection.indexes {
        execute(tx, &at_version(indexes, version)).await?;
    }
    Ok(())
}

/// Points the names that readers use at the tables of a version.
pub(crate) async fn show(tx: &mut Tx<'_>, projection: &Projection, version: i64) -> Result<(), sqlx::Error> {
    for table in projection.tables {
        let name = table.name;
        match tx.dialect() {
            Dialect::Sqlite => {
                execute(tx, &format!("drop view if exists {name}")).await?;
                execute(tx, &format!("create view {name} as select * from {name}_v{version}")).await?;
            }
            // Replaced in place, so that views of analysts on top of it stay.
            Dialect::Postgres => {
                execute(tx, &format!("create or replace view {name} as select * from {name}_v{version}"))
                    .await?;
            }
        }
    }
    Ok(())
}

/// Moves a checkpoint; false when somebody else has, or has changed the rows, or another version took over.
pub(crate) async fn advance(
    tx: &mut Tx<'_>,
    name: &str,
    from: &VersionState,
    to: Position,
) -> Result<bool, sqlx::Error> {
    let (position, to) = (stored(from.position), stored(to));
    let sql = sql!("projections/advance");
    Ok(run!(tx, sql, name, from.version, from.log_id, position, from.epoch, to)? == 1)
}

/// Tells whoever follows this version that rows have changed under it.
pub(crate) async fn next_epoch(tx: &mut Tx<'_>, name: &str, at: &VersionState) -> Result<bool, sqlx::Error> {
    let sql = sql!("projections/next_epoch");
    Ok(run!(tx, sql, name, at.version, stored(at.position), at.epoch)? == 1)
}

pub(crate) async fn set_state(
    tx: &mut Tx<'_>,
    name: &str,
    version: i64,
    state: State,
) -> Result<(), sqlx::Error> {
    run!(tx, sql!("projections/set_state"), name, version, state.name())?;
    Ok(())
}

pub(crate) async fn park(tx: &mut Tx<'_>, it: &ParkedBranch) -> Result<(), sqlx::Error> {
    let (projector, branch, error) = (it.projector.as_str(), it.branch.as_str(), it.error.as_str());
    let sql = sql!("projections/park");
    run!(tx, sql, projector, it.version, branch, it.from_position, it.event_id, error, it.parked_at)?;
    Ok(())
}

pub(crate) async fn unpark(
    tx: &mut Tx<'_>,
    name: &str,
    version: i64,
    branch: &str,
) -> Result<u64, sqlx::Error> {
    run!(tx, sql!("projections/unpark"), name, version, branch)
}

/// Statements without binds that are made of our own names.
async fn execute(tx: &mut Tx<'_>, sql: &str) -> Result<(), sqlx::Error> {
    match tx {
        Tx::Sqlite(it) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **it).await.map(drop),
        Tx::Postgres(it) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **it).await.map(drop),
    }
}
