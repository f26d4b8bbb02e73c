//! A personal value inside a fact: ciphertext under the person's own key. Destroying the key erases the value and
//! leaves every hash of the log valid. This module knows the shape only; keys live in the vault.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// XChaCha20-Poly1305 under the key of one person; authenticated with the command and the field it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sealed {
    /// Whose key opens it: the name of the vault's key, not the key.
    pub key: String,
    /// 24 bytes of nonce, then the ciphertext with its tag; base64 without padding.
    pub value: String,
}
