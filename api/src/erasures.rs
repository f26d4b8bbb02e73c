//! Erasures of the log hold before the first answer. Whoever was erased after the vault's backup was made has their keys
//! again when it is restored; whoever was erased by a process that was killed at once has them still. The reactor's
//! checkpoint, which lies in the vault too, says from where to look.

pub mod list;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use talon_core::{
    customer,
    event_store::{EventStore, Position, StoreError},
    ids::CustomerId,
    time::from_micros,
};
use talon_storage::{Vault, VaultError};
use tracing::info;

use crate::{auth::AccessDenied, customers::Customers, reactor};

/// The wire name of the fact that somebody was erased.
pub const ERASED: &str = "customer.erased";
const PAGE: u32 = 5_000;

/// Why the erasures could not be applied.
#[derive(Debug, thiserror::Error)]
pub enum ErasuresError {
    #[error("the log does not answer")]
    Store(#[from] StoreError),
    #[error("the vault does not answer")]
    Vault(#[from] VaultError),
    #[error("somebody erased could not be forgotten")]
    Access(#[from] AccessDenied),
}

/// Forgets everybody whose erasure the vault may not know of, and gives their number.
///
/// # Errors
/// When log or vault do not answer: nobody must be answered then.
pub async fn apply(
    customers: &Customers,
    vault: &Vault,
    store: &Arc<dyn EventStore>,
) -> Result<usize, ErasuresError> {
    let known = vault.checkpoint(reactor::NAME).await?;
    // Another log's checkpoint, or none: the vault and this log have never met.
    let from = known.filter(|it| it.log_id == store.log_id()).map_or(0, |it| it.position);
    let mut count = 0;
    for id in since(store, from).await? {
        customers.forget(&id).await?;
        count += 1;
    }
    // What was erased before this start may still lie in the journal.
    vault.scrub().await?;
    if count > 0 {
        info!(count, "erasures of the log were applied to the vault");
    }
    Ok(count)
}

/// Whose erasures stand in the log behind a position.
///
/// # Errors
/// When the log cannot be read.
pub async fn since(store: &Arc<dyn EventStore>, from: Position) -> Result<Vec<CustomerId>, StoreError> {
    let mut found = Vec::new();
    each(store, from, |id, _| found.push(id)).await?;
    Ok(found)
}

/// Everybody whose erasure stands in the log, and when it happened.
///
/// # Errors
/// When the log cannot be read.
pub async fn with_times(store: &Arc<dyn EventStore>) -> Result<Vec<(CustomerId, DateTime<Utc>)>, StoreError> {
    let mut found = Vec::new();
    each(store, 0, |id, at| found.push((id, at))).await?;
    Ok(found)
}

async fn each(
    store: &Arc<dyn EventStore>,
    from: Position,
    mut take: impl FnMut(CustomerId, DateTime<Utc>),
) -> Result<(), StoreError> {
    let mut after = from;
    loop {
        let page = store.read_all(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.position;
        for raw in page.iter().filter(|raw| &*raw.kind == ERASED) {
            if let Some(id) = customer::of_stream(&raw.stream) {
                take(id, from_micros(raw.occurred_at));
            }
        }
    }
}
