//! Secrets that are no secrets: the demo's passwords stand in this repository, keys of examples in many places. A house
//! that is not the demo does not open its doors with any of them.

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{auth::Access, config::Config, demo};

/// Fewer different bytes than this are no random key of 32: chance gives fewer once in 10³⁰ keys.
const FEWEST_BYTES: usize = 12;

/// What a house has that everybody knows. Told by name, never by value.
#[derive(Debug, thiserror::Error)]
pub enum Published {
    #[error("{0} signs in with the password of the demo")]
    Account(&'static str),
    #[error("store.master_key is a key that anybody can guess")]
    MasterKey,
}

/// Everything of that kind in this house.
///
/// # Errors
/// When the vault does not answer.
pub async fn found(access: &Access, config: &Config) -> anyhow::Result<Vec<Published>> {
    let mut found = Vec::new();
    if is_guessable(config.store.master_key.reveal()) {
        found.push(Published::MasterKey);
    }
    let now = demo::staff().into_iter().map(|person| (person.email, person.password));
    for (email, password) in now.chain(demo::FORMER_PASSWORDS) {
        if access.signs_in_with(email, password).await? {
            found.push(Published::Account(email));
        }
    }
    Ok(found)
}

/// Refuses to go on with any, unless the configuration says that this is no house but a test.
///
/// # Errors
/// All that was found, in one sentence.
pub async fn refuse(access: &Access, config: &Config) -> anyhow::Result<()> {
    if config.auth.published_secrets {
        tracing::warn!("secrets that everybody knows are accepted here (auth.published_secrets)");
        return Ok(());
    }
    let found = found(access, config).await?;
    if found.is_empty() {
        return Ok(());
    }
    let all: Vec<String> = found.iter().map(ToString::to_string).collect();
    anyhow::bail!(
        "this is not the demo, and it has secrets that everybody knows: {}. Change them, or begin with an empty store",
        all.join("; ")
    )
}

/// A key of zeros, of one repeated byte or of bytes in their order was not drawn by chance.
fn is_guessable(key: &str) -> bool {
    let Ok(bytes) = BASE64_STANDARD.decode(key.trim()) else { return false };
    if bytes.is_empty() {
        return false;
    }
    let distinct = bytes.iter().collect::<std::collections::BTreeSet<_>>().len();
    let steps: Vec<u8> = bytes.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
    distinct < FEWEST_BYTES || steps.windows(2).all(|pair| pair[0] == pair[1])
}

#[cfg(test)]
mod tests {
    use talon_storage::MasterKey;

    use super::*;

    #[test]
    fn keys_of_examples_are_known_and_random_ones_are_not() {
        let key = |bytes: [u8; 32]| BASE64_STANDARD.encode(bytes);
        let mut counted = [0; 32];
        for (place, byte) in (0_u8..).zip(&mut counted) {
            *byte = place;
        }
        for known in [key([0; 32]), key([7; 32]), key(counted), key(*b"0123456701234567012345670123456!")] {
            assert!(is_guessable(&known), "{known}");
        }
        assert!(!is_guessable(""), "a key in a file of its own is made by chance");
        for _ in 0..1_000 {
            assert!(!is_guessable(&MasterKey::generate().unwrap().to_base64()));
        }
    }
}
