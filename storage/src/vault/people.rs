//! Sealing and opening of personal values under the person's own key.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use talon_core::sealed::Sealed;
use zeroize::Zeroizing;

use super::{
    Vault, VaultError,
    master::{Cipher, random},
};
use crate::{ask, run, sql};

const DAMAGED: VaultError = VaultError::Damaged { table: "person_keys" };

impl Vault {
    /// Seals a value under the key of `person`, which is made on first use. `aad` names the command and the field, and
    /// must be given again to open it.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn seal(&self, person: &str, aad: &[u8], plaintext: &[u8]) -> Result<Sealed, VaultError> {
        let (key, cipher) = self.key_of(person).await?;
        let value = BASE64_STANDARD_NO_PAD.encode(cipher.seal(aad, plaintext)?);
        Ok(Sealed { key, value })
    }

    /// Opens a sealed value; nothing when its key has been erased.
    ///
    /// # Errors
    /// `Damaged` when the value was not sealed under this key with this `aad`; `Unavailable`.
    pub async fn open_sealed(
        &self,
        sealed: &Sealed,
        aad: &[u8],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let Some(cipher) = self.cipher(&sealed.key).await? else { return Ok(None) };
        let bytes = BASE64_STANDARD_NO_PAD.decode(&sealed.value).map_err(|_| DAMAGED)?;
        cipher.open(aad, &bytes).map(Some).ok_or(DAMAGED)
    }

    /// `open_sealed` for text.
    ///
    /// # Errors
    /// As `open_sealed`; `Damaged` also when the value is not UTF-8.
    pub async fn open_text(&self, sealed: &Sealed, aad: &[u8]) -> Result<Option<String>, VaultError> {
        let Some(bytes) = self.open_sealed(sealed, aad).await? else { return Ok(None) };
        String::from_utf8(bytes.to_vec()).map(Some).map_err(|_| DAMAGED)
    }

    /// The name of the person's key, made on first use: what the envelope of a fact with sealed fields carries.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn key_name(&self, person: &str) -> Result<String, VaultError> {
        self.key_of(person).await.map(|(key, _)| key)
    }

    async fn key_of(&self, person: &str) -> Result<(String, Arc<Cipher>), VaultError> {
        let known = ask!(&self.db, (String, Vec<u8>), sql!("vault/key_of_person"), person)?;
        if let Some((key, wrapped)) = known.into_iter().next() {
            let cipher = self.unwrapped(&key, &wrapped)?;
            return Ok((key, cipher));
        }
        let secret = Zeroizing::new(random::<32>()?);
        let key = hex::encode(random::<16>()?);
        let wrapped = self.keyring.wrap(&key, secret.as_slice())?;
        let mut tx = self.db.begin().await?;
        run!(&mut tx, sql!("vault/put_person_key"), &key, person, &wrapped)?;
        tx.commit().await?;
        let cipher = self.keyring.remember(&key, Cipher::new(&secret));
        Ok((key, cipher))
    }

    async fn cipher(&self, key: &str) -> Result<Option<Arc<Cipher>>, VaultError> {
        if let Some(cipher) = self.keyring.cached(key) {
            return Ok(Some(cipher));
        }
        let found = ask!(&self.db, (Vec<u8>,), sql!("vault/person_key"), key)?;
        found.first().map(|(wrapped,)| self.unwrapped(key, wrapped)).transpose()
    }

    fn unwrapped(&self, key: &str, wrapped: &[u8]) -> Result<Arc<Cipher>, VaultError> {
        if let Some(cipher) = self.keyring.cached(key) {
            return Ok(cipher);
        }
        let secret = self.keyring.unwrap(key, wrapped).ok_or(DAMAGED)?;
        let secret: Zeroizing<[u8; 32]> = Zeroizing::new(secret.as_slice().try_into().map_err(|_| DAMAGED)?);
        Ok(self.keyring.remember(key, Cipher::new(&secret)))
    }
}
