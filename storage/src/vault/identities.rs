//! Who an e-mail or phone belongs to, and the password of a member of staff.

use super::{BlindIndex, Vault, VaultError};
use crate::{ask, run, sql};

impl Vault {
    /// The keyed hash under which a value of this kind is found.
    #[must_use]
    pub fn blind_index(&self, kind: &str, value: &str) -> BlindIndex {
        self.keyring.blind_index(kind, value)
    }

    /// Whose e-mail, phone or account this is.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn find_identity(&self, kind: &str, value: &str) -> Result<Option<String>, VaultError> {
        let index = self.blind_index(kind, value);
        let found = ask!(&self.db, (String,), sql!("vault/find_identity"), kind, &index.0[..])?;
        Ok(found.into_iter().next().map(|(person,)| person))
    }

    /// Gives a value to a person; `false` when it is another person's already. Giving it again changes nothing.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn put_identity(&self, kind: &str, value: &str, person: &str) -> Result<bool, VaultError> {
        let index = self.blind_index(kind, value);
        let mut tx = self.db.begin().await?;
        run!(&mut tx, sql!("vault/put_identity"), kind, &index.0[..], person)?;
        let owner = crate::fetch!(&mut tx, (String,), sql!("vault/find_identity"), kind, &index.0[..])?;
        tx.commit().await?;
        Ok(owner.first().is_some_and(|(owner,)| owner == person))
    }

    /// Takes a value away from a person; `false` when it was not theirs.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn remove_identity(&self, kind: &str, value: &str, person: &str) -> Result<bool, VaultError> {
        let index = self.blind_index(kind, value);
        let mut tx = self.db.begin().await?;
        let removed = run!(&mut tx, sql!("vault/remove_identity"), kind, &index.0[..], person)?;
        tx.commit().await?;
        Ok(removed > 0)
    }

    /// Takes every other value of this kind away from a person.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn keep_identity(&self, kind: &str, value: &str, person: &str) -> Result<(), VaultError> {
        let index = self.blind_index(kind, value);
        let mut tx = self.db.begin().await?;
        run!(&mut tx, sql!("vault/keep_identity"), kind, person, &index.0[..])?;
        Ok(tx.commit().await?)
    }

    /// The PHC string of a member of staff's password.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn password_of(&self, staff: &str) -> Result<Option<String>, VaultError> {
        let found = ask!(&self.db, (String,), sql!("vault/password_of"), staff)?;
        Ok(found.into_iter().next().map(|(phc,)| phc))
    }

    /// Sets or replaces a password by its PHC string.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn set_password(
        &self,
        staff: &str,
        phc: &str,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Result<(), VaultError> {
        let mut tx = self.db.begin().await?;
        run!(&mut tx, sql!("vault/set_password"), staff, phc, now.timestamp_micros())?;
        Ok(tx.commit().await?)
    }
}
