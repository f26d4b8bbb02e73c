//! Destroying what makes somebody known: keys, identities, sign-ins, password. What was sealed under the keys is noise
//! from then on, wherever a copy of it lies.

use chrono::{DateTime, Utc};

use super::{Vault, VaultError};
use crate::{db::Db, fetch, run, sql};

impl Vault {
    /// Erases a person here and on disk, and gives whether there was anything left to erase. Whoever runs on another
    /// node calls this too, when the fact arrives there: only then are its own caches empty.
    ///
    /// # Errors
    /// When the vault cannot be reached; erase again.
    pub async fn erase_person(&self, person: &str) -> Result<bool, VaultError> {
        self.keyring.forget(person);
        let mut tx = self.db.begin().await?;
        // First, because it locks the row that a new key of a visit needs.
        let mut gone = run!(&mut tx, sql!("vault/erase_customer"), person)?;
        gone += run!(&mut tx, sql!("vault/erase_keys"), person)?;
        gone += self.forget_misses_of(&mut tx, person).await?;
        gone += run!(&mut tx, sql!("vault/erase_identities"), person)?;
        gone += run!(&mut tx, sql!("vault/erase_tokens"), person)?;
        gone += run!(&mut tx, sql!("vault/erase_sessions"), person)?;
        gone += run!(&mut tx, sql!("vault/erase_password"), person)?;
        gone += run!(&mut tx, sql!("vault/remove_second_factor"), person)?;
        gone += run!(&mut tx, sql!("vault/forget_recovery_codes"), person)?;
        gone += run!(&mut tx, sql!("vault/erase_passes"), person)?;
        gone += Self::forget_messages_of(&mut tx, person).await?;
        tx.commit().await?;
        self.keyring.forget(person);
        if gone > 0 {
            self.scrub().await?;
        }
        Ok(gone > 0)
    }

    /// Destroys the keys of notes about visits of nobody in particular that were written before `before`; their number.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn forget_old_notes(&self, before: DateTime<Utc>) -> Result<usize, VaultError> {
        let mut tx = self.db.begin().await?;
        let gone = fetch!(&mut tx, (String,), sql!("vault/forget_old_notes"), before.timestamp_micros())?;
        tx.commit().await?;
        gone.iter().for_each(|(visit,)| self.keyring.forget(visit));
        if !gone.is_empty() {
            self.scrub().await?;
        }
        Ok(gone.len())
    }

    /// Makes sure that deleted rows are not left in the journal. SQLite overwrites them in the file itself
    /// (`secure_delete`), and its journal is emptied here. PostgreSQL keeps a journal of its own: see the page on privacy.
    pub(super) async fn scrub(&self) -> Result<(), VaultError> {
        if let Db::Sqlite { writer, .. } = &self.db {
            sqlx::query("pragma wal_checkpoint(truncate)").fetch_all(writer).await?;
        }
        Ok(())
    }
}
