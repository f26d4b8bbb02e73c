//! Random secrets that people and browsers carry, and the hashes of them that are kept.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use talon_storage::vault::TokenHash;

use super::AccessDenied;

/// Bytes nobody can guess.
///
/// # Errors
/// `Unavailable` when the operating system gives none.
pub(super) fn random<const N: usize>() -> Result<[u8; N], AccessDenied> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "the operating system gives no randomness");
        AccessDenied::Unavailable
    })?;
    Ok(bytes)
}

/// A new secret of 256 bits with the hash to keep of it.
pub(super) fn secret() -> Result<(String, TokenHash), AccessDenied> {
    let text = BASE64_URL_SAFE_NO_PAD.encode(random::<32>()?);
    let hash = hash(&text);
    Ok((text, hash))
}

/// Six digits for typing, each combination as likely as the others.
pub(super) fn digits() -> Result<String, AccessDenied> {
    // 2^64 is so much more than a million that the remainder's bias cannot be used.
    let number = u64::from_be_bytes(random::<8>()?) % 1_000_000;
    Ok(format!("{number:06}"))
}

/// Plain SHA-256 is enough for a secret with 256 bits of randomness.
pub(super) fn hash(secret: &str) -> TokenHash {
    Sha256::digest(secret.as_bytes()).into()
}
