//! A batch of raw events on its way to a projector: decoded, without the branches that wait and the events that were
//! skipped, and what to do when one of them cannot be projected.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use talon_core::{
    event_store::{Position, StoreError},
    fact::{Entry, Fact},
};
use talon_storage::Db;
use uuid::Uuid;

use crate::{
    projector::{ProjectionError, Projector},
    subject::branch_of,
};

/// An event that a projection cannot take in, though nothing is wrong with the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poison {
    pub position: Position,
    pub event_id: Uuid,
    /// Absent when it is nobody's: then the whole projection stops at it.
    pub branch: Option<String>,
    pub error: String,
}

/// Why a projection does not go on for now.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("event at position {} cannot be projected: {}", .0.position, .0.error)]
    Poisoned(Poison),
    #[error("somebody else moves this projection")]
    Overtaken,
    #[error(transparent)]
    Projection(#[from] ProjectionError),
    #[error(transparent)]
    Log(#[from] StoreError),
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        Self::Projection(error.into())
    }
}

impl Trouble {
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Projection(error) => error.is_transient(),
            Self::Log(_) | Self::Overtaken => true,
            Self::Poisoned(_) => false,
        }
    }
}

/// Facts ready to be projected, and the first event of each branch that is not.
#[derive(Debug, Default)]
pub(crate) struct Sorted {
    pub(crate) facts: Vec<Fact>,
    pub(crate) poison: Vec<Poison>,
}

/// Decodes what is to be projected. From an unreadable event on, its branch has no more facts in the batch.
///
/// # Errors
/// `Poisoned` by an unreadable event of no branch.
pub(crate) fn sort_out(
    batch: &[Arc<Entry>],
    parked: &BTreeSet<String>,
    skipped: &BTreeSet<Position>,
) -> Result<Sorted, Trouble> {
    let mut sorted = Sorted { facts: Vec::with_capacity(batch.len()), poison: Vec::new() };
    for raw in batch {
        if skipped.contains(&raw.position) {
            continue;
        }
        // Without anything parked, which is always, no name is taken apart.
        if !(parked.is_empty() && sorted.poison.is_empty())
            && let Some(branch) = branch_of(&raw.stream)
            && (parked.contains(branch.as_str())
                || sorted.poison.iter().any(|it| it.branch.as_deref() == Some(branch.as_str())))
        {
            continue;
        }
        match raw.fact() {
            Ok(fact) => sorted.facts.push(fact),
            Err(unreadable) => {
                let error = format!("{unreadable}: {}", unreadable.source);
                let branch = branch_of(&raw.stream).map(|it| it.to_string());
                let poison = Poison { position: raw.position, event_id: raw.event_id, branch, error };
                if poison.branch.is_none() {
                    return Err(Trouble::Poisoned(poison));
                }
                sorted.poison.push(poison);
            }
        }
    }
    Ok(sorted)
}

/// Finds out which facts a projector cannot take, branch by branch, in transactions that leave nothing.
///
/// # Errors
/// What the database said when the facts are not to blame; `Poisoned` by a fact of no branch.
pub(crate) async fn isolate(
    db: &Db,
    projector: &mut dyn Projector,
    facts: &[Fact],
) -> Result<Vec<Poison>, Trouble> {
    let mut by_branch: BTreeMap<Option<String>, Vec<Fact>> = BTreeMap::new();
    for fact in facts {
        by_branch.entry(branch_of(&fact.stream).map(|it| it.to_string())).or_default().push(fact.clone());
    }
    let mut found = Vec::new();
    for (branch, facts) in by_branch {
        let mut tx = db.begin().await?;
        for fact in &facts {
            projector.forget();
            let Err(error) = projector.apply(&mut tx, std::slice::from_ref(fact)).await else { continue };
            if error.is_transient() {
                return Err(error.into());
            }
            let poison = Poison {
                position: fact.position,
                event_id: fact.event_id.0,
                branch: branch.clone(),
                error: with_cause(&error),
            };
            if poison.branch.is_none() {
                return Err(Trouble::Poisoned(poison));
            }
            found.push(poison);
            break;
        }
        tx.rollback().await?;
        projector.forget();
    }
    Ok(found)
}

/// Facts of poisoned branches, from the poison on, taken out.
pub(crate) fn without(facts: Vec<Fact>, poison: &[Poison]) -> Vec<Fact> {
    let waits = |fact: &Fact| {
        let branch = branch_of(&fact.stream);
        poison.iter().any(|it| {
            it.branch.as_deref() == branch.as_ref().map(|it| it.as_str()) && it.position <= fact.position
        })
    };
    facts.into_iter().filter(|fact| !waits(fact)).collect()
}

fn with_cause(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", with_cause(source)),
        None => error.to_string(),
    }
}
