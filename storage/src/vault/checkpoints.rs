//! How far something that acts on the world has followed the log. Moved by compare-and-set: of two followers that both
//! believe in themselves, one loses and stops.

use talon_core::event_store::Position;
use uuid::Uuid;

use super::{Vault, VaultError};
use crate::{ask, db::Tx, run, sql};

/// A place in one particular log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    pub log_id: Uuid,
    pub position: Position,
}

impl Vault {
    /// Where `name` stands; nothing before its first step.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn checkpoint(&self, name: &str) -> Result<Option<Checkpoint>, VaultError> {
        let found = ask!(&self.db, (Uuid, i64), sql!("vault/checkpoint"), name)?;
        Ok(found.first().map(|(log_id, position)| Checkpoint {
            log_id: *log_id,
            position: u64::try_from(*position).unwrap_or_default(),
        }))
    }

    /// Moves `name` from `expected` to `new`; `false`, and nothing written, when it stands elsewhere.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn set_checkpoint(
        &self,
        name: &str,
        expected: Option<Checkpoint>,
        new: Checkpoint,
    ) -> Result<bool, VaultError> {
        let mut tx = self.db.begin().await?;
        let moved = Self::set_checkpoint_in(&mut tx, name, expected, new).await?;
        tx.commit().await?;
        Ok(moved)
    }

    /// `set_checkpoint` inside a transaction of the caller's, who rolls back when it is `false`.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn set_checkpoint_in(
        tx: &mut Tx<'_>,
        name: &str,
        expected: Option<Checkpoint>,
        new: Checkpoint,
    ) -> Result<bool, VaultError> {
        let place = |it: Checkpoint| (it.log_id, i64::try_from(it.position).unwrap_or(i64::MAX));
        let (log_id, position) = place(new);
        let touched = match expected.map(place) {
            None => run!(tx, sql!("vault/first_checkpoint"), name, log_id, position)?,
            Some((old_log, old_position)) => {
                run!(tx, sql!("vault/move_checkpoint"), name, log_id, position, old_log, old_position)?
            }
        };
        Ok(touched > 0)
    }
}
