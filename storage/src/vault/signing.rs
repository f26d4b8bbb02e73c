//! Keys that sign access tokens. The vault wraps and keeps them; what curve they lie on is the signer's business.

use chrono::{DateTime, Utc};
use talon_core::time::from_micros;
use zeroize::Zeroizing;

use super::{Vault, VaultError};
use crate::{ask, run, sql};

const DAMAGED: VaultError = VaultError::Damaged { table: "signing_keys" };

/// A signing key with its private half unwrapped.
#[derive(Clone)]
pub struct SigningKey {
    pub kid: String,
    /// As the signer gave it to `add_signing_key`.
    pub private: Zeroizing<Vec<u8>>,
    pub public: Vec<u8>,
    pub created_at: DateTime<Utc>,
    /// Since when it only verifies.
    pub retired_at: Option<DateTime<Utc>>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

#[derive(sqlx::FromRow)]
struct SigningRow {
    kid: String,
    wrapped: Vec<u8>,
    public_key: Vec<u8>,
    created_at: i64,
    retired_at: Option<i64>,
}

impl Vault {
    /// All signing keys, the newest first.
    ///
    /// # Errors
    /// `Damaged` when a private half does not unwrap; `Unavailable`.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKey>, VaultError> {
        let rows = ask!(&self.db, SigningRow, sql!("vault/signing_keys"))?;
        let unwrapped = |row: SigningRow| {
            Ok(SigningKey {
                private: self.keyring.unwrap(&row.kid, &row.wrapped).ok_or(DAMAGED)?,
                kid: row.kid,
                public: row.public_key,
                created_at: from_micros(row.created_at),
                retired_at: row.retired_at.map(from_micros),
            })
        };
        rows.into_iter().map(unwrapped).collect()
    }

    /// Adds a signing key; `false` when there is one of this name already.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn add_signing_key(
        &self,
        kid: &str,
        private: &[u8],
        public: &[u8],
        now: DateTime<Utc>,
    ) -> Result<bool, VaultError> {
        let wrapped = self.keyring.wrap(kid, private)?;
        let mut tx = self.db.begin().await?;
        let added =
            run!(&mut tx, sql!("vault/add_signing_key"), kid, &wrapped, public, now.timestamp_micros())?;
        tx.commit().await?;
        Ok(added > 0)
    }

    /// From now on the key only verifies; `false` when it had retired or never was.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn retire_signing_key(&self, kid: &str, now: DateTime<Utc>) -> Result<bool, VaultError> {
        let mut tx = self.db.begin().await?;
        let retired = run!(&mut tx, sql!("vault/retire_signing_key"), kid, now.timestamp_micros())?;
        tx.commit().await?;
        Ok(retired > 0)
    }

    /// Makes a key the one that signs in place of `old`, which only verifies from now on. Of all who replace one key at
    /// once one succeeds; the others are answered `false` and write nothing.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn replace_signing_key(
        &self,
        old: &str,
        kid: &str,
        private: &[u8],
        public: &[u8],
        now: DateTime<Utc>,
    ) -> Result<bool, VaultError> {
        let wrapped = self.keyring.wrap(kid, private)?;
        let at = now.timestamp_micros();
        let mut tx = self.db.begin().await?;
        if run!(&mut tx, sql!("vault/retire_signing_key"), old, at)? == 0 {
            return Ok(false);
        }
        run!(&mut tx, sql!("vault/add_signing_key"), kid, &wrapped, public, at)?;
        tx.commit().await?;
        Ok(true)
    }

    /// Deletes keys that retired before `before`, and gives their number.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn forget_retired_signing_keys(&self, before: DateTime<Utc>) -> Result<u64, VaultError> {
        let mut tx = self.db.begin().await?;
        let gone = run!(&mut tx, sql!("vault/forget_retired_signing_keys"), before.timestamp_micros())?;
        tx.commit().await?;
        Ok(gone)
    }
}
