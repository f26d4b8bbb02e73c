//! A personal value inside a fact: ciphertext under the person's own key. Destroying the key erases the value and
//! leaves every hash of the log valid. This module knows the shape only; keys live in the vault.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::CommandId;

/// XChaCha20-Poly1305 under the key of one person; authenticated with the command and the field it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sealed {
    /// Whose key opens it: the name of the vault's key, not the key.
    pub key: String,
    /// 24 bytes of nonce, then the ciphertext with its tag; base64 without padding.
    pub value: String,
}

/// What a sealed value is authenticated with: the command that brought it and the field it stands in, so that nobody
/// can move a value to another fact.
#[must_use]
pub fn bound_to(command: CommandId, field: &str) -> Vec<u8> {
    format!("{command}/{field}").into_bytes()
}
