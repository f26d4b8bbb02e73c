//! What signs calls to other systems, sealed.

use talon_core::sealed::Sealed;

use super::{Vault, VaultError};
use crate::{ask, run, sql};

const OWNER: &str = "webhooks";

impl Vault {
    /// Keeps a subscriber's first secret; one that has any keeps that.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn put_webhook_secret(&self, webhook: &str, secret: &str) -> Result<(), VaultError> {
        let sealed = self.seal(OWNER, webhook.as_bytes(), secret.as_bytes()).await?;
        let mut tx = self.db.begin().await?;
        run!(&mut tx, sql!("vault/put_webhook_secret"), webhook, &sealed.key, &sealed.value)?;
        Ok(tx.commit().await?)
    }

    /// Replaces a subscriber's secret; `false` when there is no such subscriber.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn replace_webhook_secret(&self, webhook: &str, secret: &str) -> Result<bool, VaultError> {
        let sealed = self.seal(OWNER, webhook.as_bytes(), secret.as_bytes()).await?;
        let mut tx = self.db.begin().await?;
        let replaced =
            run!(&mut tx, sql!("vault/replace_webhook_secret"), webhook, &sealed.key, &sealed.value)?;
        tx.commit().await?;
        Ok(replaced > 0)
    }

    /// The secret of a subscriber.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn webhook_secret(&self, webhook: &str) -> Result<Option<String>, VaultError> {
        let found = ask!(&self.db, (String, String), sql!("vault/webhook_secret"), webhook)?;
        let Some((key, value)) = found.into_iter().next() else { return Ok(None) };
        self.open_text(&Sealed { key, value }, webhook.as_bytes()).await
    }

    /// Forgets a subscriber's secret, and what was on its way to it.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn forget_webhook(&self, webhook: &str) -> Result<(), VaultError> {
        let mut tx = self.db.begin().await?;
        run!(&mut tx, sql!("vault/forget_webhook_secret"), webhook)?;
        run!(&mut tx, sql!("vault/forget_messages_for"), webhook)?;
        Ok(tx.commit().await?)
    }
}
