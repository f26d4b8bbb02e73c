//! Destroying what makes somebody known: keys, identities, sign-ins, password. What was sealed under the keys is noise
//! from then on, wherever a copy of it lies.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{ConnectOptions, Connection};

use super::{Vault, VaultError, master::random};
use crate::{
    db::{Db, Tx},
    fetch, run, sql,
};

/// Setting: something deleted may still lie in SQLite's journal.
const OWED: &str = "scrub-owed";
/// How long emptying the journal waits for whoever reads.
const PATIENCE: Duration = Duration::from_millis(100);
const EMPTY_JOURNAL: &str = "pragma wal_checkpoint(truncate)";

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
        gone += Self::forget_messages_to_person(&mut tx, person).await?;
        gone += run!(&mut tx, sql!("vault/erase_identities"), person)?;
        gone += run!(&mut tx, sql!("vault/erase_tokens"), person)?;
        gone += run!(&mut tx, sql!("vault/erase_sessions"), person)?;
        gone += run!(&mut tx, sql!("vault/erase_password"), person)?;
        gone += run!(&mut tx, sql!("vault/remove_second_factor"), person)?;
        gone += run!(&mut tx, sql!("vault/forget_recovery_codes"), person)?;
        gone += run!(&mut tx, sql!("vault/erase_passes"), person)?;
        gone += Self::forget_messages_of(&mut tx, person).await?;
        if gone > 0 {
            Self::owe_scrub(&mut tx).await?;
        }
        tx.commit().await?;
        self.keyring.forget(person);
        if gone > 0 {
            self.scrub().await?;
        }
        Ok(gone > 0)
    }

    /// Destroys the keys of visits before `before`, and of the notes about them: those of known customers, who may stay,
    /// and those of nobody in particular. Gives their number.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn forget_old_notes(&self, before: DateTime<Utc>) -> Result<usize, VaultError> {
        let mut tx = self.db.begin().await?;
        let gone =
            fetch!(&mut tx, (String, String), sql!("vault/forget_old_notes"), before.timestamp_micros())?;
        if !gone.is_empty() {
            Self::owe_scrub(&mut tx).await?;
        }
        tx.commit().await?;
        gone.iter().for_each(|(key, _)| self.keyring.drop_key(key));
        if !gone.is_empty() {
            self.scrub().await?;
        }
        Ok(gone.len())
    }

    /// Makes sure that deleted rows are not left in the journal, and gives whether they are gone. SQLite overwrites them
    /// in the file itself (`secure_delete`), and its journal is emptied here unless somebody still reads what it held: then
    /// that stays owed, and is to be tried again. PostgreSQL keeps a journal of its own: see the page on privacy.
    ///
    /// # Errors
    /// When the vault cannot be reached; it stays owed.
    pub async fn scrub(&self) -> Result<bool, VaultError> {
        let Db::Sqlite { writer, .. } = &self.db else { return Ok(true) };
        let Some(owed) = self.setting(OWED).await? else { return Ok(true) };
        // A connection of its own, which waits for readers much shorter than writers wait for each other.
        let options = (*writer.connect_options()).clone().busy_timeout(PATIENCE);
        let mut own = options.connect().await?;
        let done = sqlx::query_as(EMPTY_JOURNAL).fetch_one(&mut own).await;
        own.close().await?;
        let (busy, ..): (i64, i64, i64) = done?;
        if busy == 0 {
            // Of an erasure since then the note has another value, and stays.
            self.take_setting(OWED, &owed).await?;
        }
        Ok(busy == 0)
    }

    /// Notes, together with what was deleted, that the journal has to be emptied: it holds through a crash.
    async fn owe_scrub(tx: &mut Tx<'_>) -> Result<(), VaultError> {
        if matches!(tx, Tx::Sqlite(_)) {
            let note = hex::encode(random::<16>()?);
            run!(tx, sql!("vault/put_setting"), OWED, &note)?;
        }
        Ok(())
    }
}
