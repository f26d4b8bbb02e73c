//! What must survive a rebuild and yet be erasable: personal keys, identities, password hashes, sessions, devices,
//! signing keys, messages on their way, checkpoints of what acts on the world. Secrets come in hashed or leave sealed; this module never
//! knows how a password is hashed, who may ask, or what time it is: instants are arguments.

mod checkpoints;
mod customers;
mod devices;
mod erasure;
mod identities;
mod keyring;
mod master;
mod misses;
mod outbox;
mod outside;
mod passes;
mod people;
mod rotation;
mod second_factors;
mod sessions;
mod settings;
mod signing;
mod webhooks;

pub use checkpoints::Checkpoint;
pub use customers::{ContactRow, CustomerRow, Visit};
pub use devices::{Device, Offer, Report};
pub use keyring::{BlindIndex, Keyring};
pub use master::MasterKey;
pub use misses::{Patience, Try};
pub use outbox::{Claim, Claimed, Delivery, NewMessage};
pub use outside::{Outside, OutsideToken, Owner as OutsideOwner};
pub use passes::{NewPass, Pass};
pub use second_factors::SecondFactor;
pub use sessions::{NewSession, PersonKind, Renewal, Rotation, Session};
pub use signing::SigningKey;

use talon_core::event_store::BoxError;

use crate::db::Db;

/// SHA-256 of a random token: tokens themselves are never stored.
pub type TokenHash = [u8; 32];

/// Why the vault could not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The database cannot be reached or refuses to write.
    #[error("vault is unavailable")]
    Unavailable(#[from] sqlx::Error),
    /// The master key given is not the one this vault was made with.
    #[error("the master key does not open this vault")]
    WrongMasterKey,
    /// The master key's file or text cannot be used.
    #[error("the master key cannot be read")]
    MasterKey(#[source] BoxError),
    /// A row does not open under its own key, or does not have the form it was written in.
    #[error("a row of {table} in the vault is damaged")]
    Damaged { table: &'static str },
}

/// The erasable storage. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Vault {
    db: Db,
    keyring: Keyring,
}

impl Vault {
    /// Opens the vault and proves that the master key is the right one; a new vault is bound to the key given.
    ///
    /// # Errors
    /// `WrongMasterKey`, or `Unavailable`.
    pub async fn open(db: Db, master: MasterKey) -> Result<Self, VaultError> {
        let keyring = Keyring::open(&db, master).await?;
        Ok(Self { db, keyring })
    }

    /// The tables below, for whoever must write beside them in one transaction (`set_checkpoint_in`).
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }
}
