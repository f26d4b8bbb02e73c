//! What is done about a parked branch: its events are read again from the one it stopped at (`retry`), or that one is
//! left out, by somebody and for a reason (`skip`).

use std::{collections::BTreeSet, sync::Arc};

use talon_core::{
    event_store::Position,
    fact::{Entry, Fact},
};
use talon_storage::{run, sql};
use tracing::{info, warn};

use crate::{
    batch::{Poison, Trouble, sort_out},
    ledger::{self, ParkedBranch, VersionState},
    projector::Projection,
    runner::Surroundings,
    subject::branch_of,
};

pub use crate::ledger::parked;

const PAGE: u32 = 2_000;

/// Why a branch stays parked.
#[derive(Debug, thiserror::Error)]
pub enum ParkingError {
    #[error("branch {0} is not parked in this projection")]
    NotParked(String),
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl From<sqlx::Error> for ParkingError {
    fn from(error: sqlx::Error) -> Self {
        Self::Trouble(error.into())
    }
}

/// Who leaves an event out, and why: kept beside the projection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    pub by: String,
    pub reason: String,
}

/// Projects everything the branch has waited with. How many facts that were.
///
/// # Errors
/// `NotParked`, or the trouble that keeps it parked: nothing has changed then.
pub async fn retry(
    around: &Surroundings,
    projection: &'static Projection,
    branch: &str,
) -> Result<usize, ParkingError> {
    let (current, parked) = find(around, projection, branch).await?;
    resume(around, projection, &current, &parked, None).await
}

/// Leaves out the event the branch stopped at and goes on behind it. How many facts followed.
///
/// # Errors
/// `NotParked`, or the trouble that keeps it parked: nothing has changed then.
pub async fn skip(
    around: &Surroundings,
    projection: &'static Projection,
    branch: &str,
    skip: &Skip,
) -> Result<usize, ParkingError> {
    let (current, parked) = find(around, projection, branch).await?;
    resume(around, projection, &current, &parked, Some(skip)).await
}

async fn find(
    around: &Surroundings,
    projection: &Projection,
    branch: &str,
) -> Result<(VersionState, ParkedBranch), ParkingError> {
    let not_parked = || ParkingError::NotParked(branch.to_owned());
    let current = ledger::current(&around.db, projection.name).await?.ok_or_else(not_parked)?;
    let parked = ledger::parked(&around.db, projection.name).await?;
    let parked = parked.into_iter().find(|it| it.branch == branch).ok_or_else(not_parked)?;
    Ok((current, parked))
}

/// Catches the branch up to the checkpoint in one transaction, which the runner notices and reads its rows anew.
async fn resume(
    around: &Surroundings,
    projection: &'static Projection,
    current: &VersionState,
    parked: &ParkedBranch,
    leave_out: Option<&Skip>,
) -> Result<usize, ParkingError> {
    let name = projection.name;
    let mut skipped = ledger::skipped(&around.db, name).await?;
    let mut tx = around.db.begin().await?;
    if !ledger::next_epoch(&mut tx, name, current).await? {
        return Err(Trouble::Overtaken.into());
    }
    if let Some(skip) = leave_out {
        skipped.insert(Position::try_from(parked.from_position).unwrap_or_default());
        let (position, event, now) = (parked.from_position, parked.event_id, around.clock.now());
        let (branch, reason, by) = (parked.branch.as_str(), skip.reason.as_str(), skip.by.as_str());
        run!(&mut tx, sql!("projections/skip"), name, position, event, branch, reason, by, now)?;
    }
    let mut projector = (projection.make)(current.version);
    let mut after = Position::try_from(parked.from_position).unwrap_or_default().saturating_sub(1);
    let mut projected = 0;
    while after < current.position {
        let page = around.events.read_all(after, PAGE).await.map_err(Trouble::from)?;
        let Some(last) = page.last().map(|it| it.position) else { break };
        after = last;
        let of_branch: Vec<_> = page
            .into_iter()
            .filter(|it| it.position <= current.position)
            .filter(|it| branch_of(&it.stream).is_some_and(|it| it.as_str() == parked.branch))
            .map(|raw| Arc::new(Entry::new(raw)))
            .collect();
        let sorted = sort_out(&of_branch, &BTreeSet::new(), &skipped)?;
        if let Some(poison) = sorted.poison.into_iter().next() {
            return Err(Trouble::Poisoned(poison).into());
        }
        projector
            .apply(&mut tx, &sorted.facts)
            .await
            .map_err(|error| blame(&sorted.facts, &parked.branch, error))?;
        projected += sorted.facts.len();
    }
    ledger::unpark(&mut tx, name, current.version, &parked.branch).await?;
    tx.commit().await?;
    match leave_out {
        Some(skip) => {
            warn!(
                projector = name,
                branch = parked.branch,
                position = parked.from_position,
                by = skip.by,
                reason = skip.reason,
                "event is left out and its branch goes on"
            );
        }
        None => info!(projector = name, branch = parked.branch, facts = projected, "branch goes on"),
    }
    Ok(projected)
}

fn blame(facts: &[Fact], branch: &str, error: crate::projector::ProjectionError) -> Trouble {
    match facts.first() {
        Some(first) if !error.is_transient() => Trouble::Poisoned(Poison {
            position: first.position,
            event_id: first.event_id.0,
            branch: Some(branch.to_owned()),
            error: error.to_string(),
        }),
        _ => error.into(),
    }
}

/// How many events a skip has ever left out of a projection, by position.
///
/// # Errors
/// When the read storage is away.
pub async fn skipped(around: &Surroundings, projection: &Projection) -> Result<Vec<Position>, sqlx::Error> {
    Ok(ledger::skipped(&around.db, projection.name).await?.into_iter().collect())
}
