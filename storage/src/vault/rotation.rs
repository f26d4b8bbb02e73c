//! Another master key: everything it wraps is wrapped anew, in one transaction. Whoever is killed in between leaves the
//! vault under the old key, whoever is killed after it under the new one; nothing in between exists.

use super::{
    MasterKey, Vault, VaultError,
    keyring::{INDEX_KEY, PROOF, PROVEN, decoded, encoded},
};
use crate::{db::Tx, fetch, run, sql};

/// A table whose column `wrapped` the master key seals: its name, the statement that pages through it by name, and the
/// one that writes a row's key anew.
type Table = (&'static str, &'static str, &'static str);

/// All of them; a test holds the list against the schema.
const TABLES: [Table; 2] = [
    ("person_keys", sql!("vault/wrapped_person_keys"), sql!("vault/rewrap_person_key")),
    ("signing_keys", sql!("vault/wrapped_signing_keys"), sql!("vault/rewrap_signing_key")),
];
const PAGE: i64 = 500;

impl Vault {
    /// The tables that `rotate_master_key` goes through.
    #[must_use]
    pub fn wrapped_tables() -> Vec<&'static str> {
        TABLES.iter().map(|(table, _, _)| *table).collect()
    }

    /// Wraps every key under `new` and gives their number. This vault must be opened anew afterwards, with that key, and
    /// nobody else may have it open. `progress` is told how many are done.
    ///
    /// # Errors
    /// `Damaged` when a row does not open under the present key, `Unavailable`; everything is as before then.
    pub async fn rotate_master_key(
        &self,
        new: &MasterKey,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<u64, VaultError> {
        let (old, new) = (self.keyring.master().cipher(), new.cipher());
        let mut count = 0;
        let mut tx = self.db.begin().await?;
        if let Tx::Postgres(tx) = &mut tx {
            sqlx::query("set local statement_timeout = 0").execute(&mut **tx).await?;
            sqlx::query("set local idle_in_transaction_session_timeout = 0").execute(&mut **tx).await?;
        }
        for (table, page, rewrap) in TABLES {
            let mut last = String::new();
            loop {
                let rows = fetch!(&mut tx, (String, Vec<u8>), page, &last, PAGE)?;
                for (name, wrapped) in &rows {
                    let key = old.open(name.as_bytes(), wrapped).ok_or(VaultError::Damaged { table })?;
                    run!(&mut tx, rewrap, name, &new.seal(name.as_bytes(), &key)?)?;
                    count += 1;
                }
                progress(count);
                match rows.into_iter().next_back() {
                    Some((name, _)) => last = name,
                    None => break,
                }
            }
        }
        let damaged = || VaultError::Damaged { table: "settings" };
        let index =
            fetch!(&mut tx, (String,), sql!("vault/setting"), INDEX_KEY)?.pop().ok_or_else(damaged)?;
        let index = old.open(INDEX_KEY.as_bytes(), &decoded(&index.0)?).ok_or_else(damaged)?;
        for (name, value) in [(INDEX_KEY, index.as_slice()), (PROOF, PROVEN)] {
            let text = encoded(&new.seal(name.as_bytes(), value)?);
            run!(&mut tx, sql!("vault/put_setting"), name, &text)?;
        }
        tx.commit().await?;
        self.scrub().await?;
        Ok(count)
    }
}
