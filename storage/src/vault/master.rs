//! The key that wraps all other keys. On the embedded store it is a file beside the database, readable by its owner
//! alone; on PostgreSQL it comes from the configuration, so that a stolen database opens nothing.

use std::{fs, io::Write, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};
use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::VaultError;

/// Bytes of nonce before each ciphertext.
const NONCE: usize = 24;

/// 32 secret bytes; shows nothing of itself and is wiped when dropped. While it is being replaced it may know its
/// successor: whichever of the two opens the vault is used.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MasterKey {
    key: [u8; 32],
    next: Option<[u8; 32]>,
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("MasterKey(***)")
    }
}

impl MasterKey {
    /// A new random key.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn generate() -> Result<Self, VaultError> {
        random().map(Self::of)
    }

    /// Reads 32 bytes in base64, as `to_base64` writes them.
    ///
    /// # Errors
    /// `MasterKey` when the text is anything else.
    pub fn from_base64(text: &str) -> Result<Self, VaultError> {
        let bytes = Zeroizing::new(
            BASE64_STANDARD.decode(text.trim()).map_err(|error| VaultError::MasterKey(error.into()))?,
        );
        let key = bytes.as_slice().try_into();
        key.map(Self::of).map_err(|_| VaultError::MasterKey("it must be 32 bytes in base64".into()))
    }

    fn of(key: [u8; 32]) -> Self {
        Self { key, next: None }
    }

    /// This key, or the one that may have taken its place already.
    #[must_use]
    pub fn or_next(mut self, next: &Self) -> Self {
        self.next = Some(next.key);
        self
    }

    /// The key itself, then its successor.
    pub(super) fn candidates(&self) -> Vec<Self> {
        std::iter::once(self.key).chain(self.next).map(Self::of).collect()
    }

    /// The key as text, for a file or a configuration.
    #[must_use]
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64_STANDARD.encode(self.key))
    }

    /// Reads the key's file, or makes it (mode 0600, flushed to disk) when there is none.
    ///
    /// # Errors
    /// `MasterKey` when the file cannot be read or written, or holds something else.
    pub fn read_or_create(path: &Path) -> Result<Self, VaultError> {
        if let Some(found) = Self::read(path)? {
            return Ok(found);
        }
        let key = Self::generate()?;
        key.write(path)?;
        Ok(key)
    }

    /// Reads the key's file; nothing when there is none.
    ///
    /// # Errors
    /// `MasterKey` when the file cannot be read or holds something else.
    pub fn read(path: &Path) -> Result<Option<Self>, VaultError> {
        match fs::read_to_string(path).map(Zeroizing::new) {
            Ok(text) => Self::from_base64(&text).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(VaultError::MasterKey(error.into())),
        }
    }

    /// Writes the key into a new file that only its owner can read; an existing file is never overwritten. The file has
    /// its name when it is whole and on disk, not before.
    ///
    /// # Errors
    /// `MasterKey` when the file exists or cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), VaultError> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let draft = path.with_added_extension("draft");
        let written = (|| {
            match fs::remove_file(&draft) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                // Left by somebody who died here.
                Ok(()) | Err(_) => {}
            }
            let mut file = options.open(&draft)?;
            file.write_all(self.to_base64().as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            // Unlike renaming, this fails where there is a file.
            let linked = fs::hard_link(&draft, path);
            fs::remove_file(&draft)?;
            linked
        })();
        written.map_err(|error| VaultError::MasterKey(error.into()))?;
        if let Some(folder) = path.parent().and_then(|it| fs::File::open(it).ok()) {
            folder.sync_all().map_err(|error| VaultError::MasterKey(error.into()))?;
        }
        Ok(())
    }

    /// A name for the key that says nothing about it: manifests of backups carry it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut sum = Sha256::new();
        sum.update(b"talon master key fingerprint\0");
        sum.update(self.key);
        hex::encode(&sum.finalize()[..8])
    }

    pub(super) fn cipher(&self) -> Cipher {
        Cipher::new(&self.key)
    }
}

/// 32 bytes from the system.
pub(super) fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| VaultError::MasterKey(error.to_string().into()))?;
    Ok(bytes)
}

/// XChaCha20-Poly1305 under one key; what it seals is nonce ‖ ciphertext ‖ tag.
#[derive(Clone)]
pub(super) struct Cipher(XChaCha20Poly1305);

impl std::fmt::Debug for Cipher {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Cipher(***)")
    }
}

impl Cipher {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(&Key::from(*key)))
    }

    pub(super) fn seal(&self, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
        let nonce = random::<NONCE>()?;
        let sealed = self
            .0
            .encrypt(&XNonce::from(nonce), Payload { msg: plaintext, aad })
            .map_err(|_| VaultError::MasterKey("the value is too large to seal".into()))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// A keyed hash that only this key can make again: the key of the hash is what the cipher gives for a nonce that no
    /// random one will ever be.
    pub(super) fn fingerprint(&self, of: &[u8]) -> Result<[u8; 32], VaultError> {
        let key = self
            .0
            .encrypt(&XNonce::from([0; NONCE]), [0_u8; 32].as_slice())
            .map(Zeroizing::new)
            .map_err(|_| VaultError::MasterKey("a key for hashes cannot be made".into()))?;
        let mut sum = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&key[..32])
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        sum.update(of);
        Ok(sum.finalize().into_bytes().into())
    }

    /// Nothing when the bytes were not sealed under this key with this `aad`.
    pub(super) fn open(&self, aad: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE>()?;
        let opened = self.0.decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad });
        opened.ok().map(Zeroizing::new)
    }
}
