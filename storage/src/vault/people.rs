//! Sealing and opening of personal values under the person's own key, or under that of one visit.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use chrono::{DateTime, Utc};
use talon_core::sealed::Sealed;
use zeroize::Zeroizing;

use super::{
    Vault, VaultError,
    master::{Cipher, random},
};
use crate::{ask, run, sql};

const DAMAGED: VaultError = VaultError::Damaged { table: "person_keys" };

/// A key's row: its name, whose it is, the key under the master key.
pub(super) type KeyRow = (String, String, Vec<u8>);

impl Vault {
    /// Seals a value under the key of `person`, which is made on first use. `aad` names the command and the field, and
    /// must be given again to open it.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn seal(&self, person: &str, aad: &[u8], plaintext: &[u8]) -> Result<Sealed, VaultError> {
        let (key, cipher) = self.key_of(person, None).await?;
        sealed(key, &cipher, aad, plaintext)
    }

    /// `seal`, with a key that is made at `now`: for what is forgotten when it gets old (`forget_old_notes`).
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn seal_dated(
        &self,
        person: &str,
        aad: &[u8],
        plaintext: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Sealed, VaultError> {
        let (key, cipher) = self.key_of(person, Some(now)).await?;
        sealed(key, &cipher, aad, plaintext)
    }

    /// Seals a value under the key a person has; nothing when they have none, because they were erased.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn seal_for_known(
        &self,
        person: &str,
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Option<Sealed>, VaultError> {
        let Some((key, cipher)) = self.known_key(person).await? else { return Ok(None) };
        sealed(key, &cipher, aad, plaintext).map(Some)
    }

    /// A hash of a value that nobody can make or try out once the person is erased; nothing when they were. What a
    /// command that carries personal values is recognised by.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn fingerprint_for(&self, person: &str, of: &[u8]) -> Result<Option<[u8; 32]>, VaultError> {
        let Some((_, cipher)) = self.known_key(person).await? else { return Ok(None) };
        cipher.fingerprint(of).map(Some)
    }

    /// `fingerprint_for` under the key of this name; nothing when it was erased.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn fingerprint_under(&self, key: &str, of: &[u8]) -> Result<Option<[u8; 32]>, VaultError> {
        let Some(cipher) = self.cipher(key).await? else { return Ok(None) };
        cipher.fingerprint(of).map(Some)
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
        self.key_of(person, None).await.map(|(key, _)| key)
    }

    /// A new key under a random name, wrapped, with its cipher: for a row about to be written.
    pub(super) fn new_key(&self) -> Result<(String, Vec<u8>, Cipher), VaultError> {
        let secret = Zeroizing::new(random::<32>()?);
        let key = hex::encode(random::<16>()?);
        let wrapped = self.keyring.wrap(&key, secret.as_slice())?;
        Ok((key, wrapped, Cipher::new(&secret)))
    }

    async fn known_key(&self, person: &str) -> Result<Option<(String, Arc<Cipher>)>, VaultError> {
        let known = ask!(&self.db, (String, Vec<u8>), sql!("vault/key_of_person"), person)?;
        let Some((key, wrapped)) = known.into_iter().next() else { return Ok(None) };
        let cipher = self.unwrapped(&key, person, &wrapped)?;
        Ok(Some((key, cipher)))
    }

    async fn key_of(
        &self,
        person: &str,
        now: Option<DateTime<Utc>>,
    ) -> Result<(String, Arc<Cipher>), VaultError> {
        if let Some(known) = self.known_key(person).await? {
            return Ok(known);
        }
        let (key, wrapped, cipher) = self.new_key()?;
        let made_at = now.map(|it| it.timestamp_micros());
        let mut tx = self.db.begin().await?;
        run!(&mut tx, sql!("vault/put_person_key"), &key, person, &wrapped, made_at)?;
        tx.commit().await?;
        let cipher = self.keyring.remember(&key, person, cipher);
        Ok((key, cipher))
    }

    async fn cipher(&self, key: &str) -> Result<Option<Arc<Cipher>>, VaultError> {
        if let Some(cipher) = self.keyring.cached(key) {
            return Ok(Some(cipher));
        }
        let found = ask!(&self.db, (String, Vec<u8>), sql!("vault/person_key"), key)?;
        found.first().map(|(person, wrapped)| self.unwrapped(key, person, wrapped)).transpose()
    }

    pub(super) fn unwrapped(
        &self,
        key: &str,
        person: &str,
        wrapped: &[u8],
    ) -> Result<Arc<Cipher>, VaultError> {
        if let Some(cipher) = self.keyring.cached(key) {
            return Ok(cipher);
        }
        let secret = self.keyring.unwrap(key, wrapped).ok_or(DAMAGED)?;
        let secret: Zeroizing<[u8; 32]> = Zeroizing::new(secret.as_slice().try_into().map_err(|_| DAMAGED)?);
        Ok(self.keyring.remember(key, person, Cipher::new(&secret)))
    }
}

pub(super) fn sealed(
    key: String,
    cipher: &Cipher,
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Sealed, VaultError> {
    let value = BASE64_STANDARD_NO_PAD.encode(cipher.seal(aad, plaintext)?);
    Ok(Sealed { key, value })
}
