//! Passwords by argon2id, off the async threads and two at a time: each takes 19 MiB and some 20 ms of a core, and
//! signing in must not starve the queue.

use std::sync::{Arc, LazyLock};

use argon2::{
    Argon2, PasswordHash, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash as Phc,
};
use tokio::sync::{Semaphore, TryAcquireError};

use super::{AccessDenied, strength};

/// How many hashes are computed at once.
const AT_ONCE: usize = 2;
/// How many sign-ins may stand in line for it; more are told to come back.
const IN_LINE: usize = 64;
/// What a caller beyond the line is told to wait.
const COME_BACK_S: u32 = 5;
/// More bytes than this are no password, whatever was allowed when it was set: nobody makes us hash megabytes. A new
/// one is measured in characters, of which none takes more than four bytes.
pub(super) const MOST_BYTES: usize = 4 * super::LONGEST_PASSWORD as usize;

/// The hash an unknown account is checked against, so that it costs the same. Nobody knows a password for it.
static NOBODYS: LazyLock<Option<String>> = LazyLock::new(|| {
    let unknowable = super::secret::random::<32>().ok()?;
    hash_now(&hex::encode(unknowable)).ok()
});

/// The default of the library: argon2id, version 19, m = 19 MiB, t = 2, p = 1, as OWASP asks; a stored hash carries its
/// own figures, so that they may grow.
fn hash_now(password: &str) -> Result<String, argon2::password_hash::Error> {
    let made: Phc = Argon2::default().hash_password(password.as_bytes())?;
    Ok(made.to_string())
}

fn fits(password: &str, phc: &str) -> bool {
    PasswordHash::new(phc)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// The place where passwords are hashed. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Passwords {
    working: Arc<Semaphore>,
    line: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { working: Arc::new(Semaphore::new(AT_ONCE)), line: Arc::new(Semaphore::new(AT_ONCE + IN_LINE)) }
    }
}

impl Passwords {
    /// The PHC string to keep of a password.
    pub(super) async fn hash(&self, password: &str) -> Result<String, AccessDenied> {
        let password = zeroize::Zeroizing::new(password.to_owned());
        let made = self.off_thread(move || hash_now(&password)).await?;
        made.map_err(|error| {
            tracing::error!(%error, "a password could not be hashed");
            AccessDenied::Unavailable
        })
    }

    /// Whether a new password is good enough for somebody of whom this is known.
    pub(super) async fn judge(&self, password: &str, about: Vec<String>) -> Result<(), AccessDenied> {
        let password = zeroize::Zeroizing::new(password.to_owned());
        let judged = self.off_thread(move || strength::judge(&password, &about)).await?;
        judged.map_err(|hint| AccessDenied::WeakPassword { hint })
    }

    /// Whether the password belongs to the hash. Without a hash the answer is no, and takes as long.
    pub(super) async fn verify(&self, password: &str, phc: Option<String>) -> Result<bool, AccessDenied> {
        tracing::debug!("a password is checked");
        let password = zeroize::Zeroizing::new(password.to_owned());
        self.off_thread(move || match phc {
            Some(phc) => fits(&password, &phc),
            None => {
                // Only for the time it takes: there is no account behind it to open.
                std::hint::black_box(NOBODYS.as_deref().map(|phc| fits(&password, phc)));
                false
            }
        })
        .await
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AccessDenied> {
        let _place = self.line.try_acquire().map_err(|error| match error {
            TryAcquireError::NoPermits => AccessDenied::TooManyAttempts { seconds: COME_BACK_S },
            TryAcquireError::Closed => AccessDenied::Unavailable,
        })?;
        let turn = self.working.clone().acquire_owned().await.map_err(|_| AccessDenied::Unavailable)?;
        // The permit goes along: a caller who hangs up does not let a third hash start.
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        })
        .await
        .map_err(|error| {
            tracing::error!(%error, "hashing a password broke off");
            AccessDenied::Unavailable
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = Passwords::default();
        let phc = passwords.hash("correct horse").await.expect("a hash");
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert_eq!(passwords.verify("correct horse", Some(phc.clone())).await, Ok(true));
        assert_eq!(passwords.verify("wrong horse", Some(phc.clone())).await, Ok(false));
        assert_ne!(passwords.hash("correct horse").await.expect("a hash"), phc, "salted");
    }

    #[tokio::test]
    async fn nobody_and_nonsense_have_no_password() {
        let passwords = Passwords::default();
        assert_eq!(passwords.verify("", None).await, Ok(false));
        assert_eq!(passwords.verify("anything", None).await, Ok(false));
        assert_eq!(passwords.verify("anything", Some("not a hash".into())).await, Ok(false));
    }
}
