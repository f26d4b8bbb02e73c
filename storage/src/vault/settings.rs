//! Small things an installation remembers about itself, the one-time set-up link among them.

use super::{MasterKey, TokenHash, Vault, VaultError};
use crate::{ask, run, sql};

/// Setting: SHA-256, in hex, of the token in the one-time link that creates the administrator.
const SETUP_TOKEN: &str = "setup-token";

impl Vault {
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, VaultError> {
        let found = ask!(&self.db, (String,), sql!("vault/setting"), name)?;
        Ok(found.into_iter().next().map(|(value,)| value))
    }

    /// Sets or replaces a setting.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn put_setting(&self, name: &str, value: &str) -> Result<(), VaultError> {
        let mut tx = self.db.begin().await?;
        run!(&mut tx, sql!("vault/put_setting"), name, value)?;
        Ok(tx.commit().await?)
    }

    /// Removes a setting if it has this value; `true` for exactly one of all who try at once.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn take_setting(&self, name: &str, value: &str) -> Result<bool, VaultError> {
        let mut tx = self.db.begin().await?;
        let taken = run!(&mut tx, sql!("vault/take_setting"), name, value)?;
        tx.commit().await?;
        Ok(taken > 0)
    }

    /// Whether a set-up link is out.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn setup_token_hash(&self) -> Result<Option<TokenHash>, VaultError> {
        let Some(text) = self.setting(SETUP_TOKEN).await? else { return Ok(None) };
        let bytes = hex::decode(text).ok().and_then(|bytes| TokenHash::try_from(bytes).ok());
        bytes.map(Some).ok_or(VaultError::Damaged { table: "settings" })
    }

    /// Makes this the one set-up link; a former one is void.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn set_setup_token_hash(&self, token: &TokenHash) -> Result<(), VaultError> {
        self.put_setting(SETUP_TOKEN, &hex::encode(token)).await
    }

    /// Uses up the set-up link; `true` once.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn take_setup_token(&self, token: &TokenHash) -> Result<bool, VaultError> {
        self.take_setting(SETUP_TOKEN, &hex::encode(token)).await
    }

    /// A name for the master key in use that says nothing about it.
    #[must_use]
    pub fn master_key_fingerprint(&self) -> String {
        MasterKey::fingerprint(self.keyring.master())
    }
}
