//! Second factors of staff: the secret that an authenticator shares with us, sealed by the person's key, and the
//! recovery codes that take its place once each. A time step counts once: of two who show the same six digits, on
//! whichever node, one gets in.

use chrono::{DateTime, Utc};
use talon_core::{sealed::Sealed, time::from_micros};
use zeroize::Zeroizing;

use super::{BlindIndex, Vault, VaultError};
use crate::{ask, run, sql};

const DAMAGED: VaultError = VaultError::Damaged { table: "second_factors" };
const BOUND_TO: &[u8] = b"second factor";
const CODE: &str = "recovery-code";

/// A secret shared with an authenticator.
#[derive(Debug, Clone)]
pub struct SecondFactor {
    pub secret: Zeroizing<Vec<u8>>,
    pub created_at: DateTime<Utc>,
    /// Since when it is asked for; until its owner has shown one code it is an offer only.
    pub confirmed_at: Option<DateTime<Utc>>,
}

impl Vault {
    /// Keeps a new secret as an offer, in place of a former offer; `false` when one is confirmed already.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn offer_second_factor(
        &self,
        staff: &str,
        secret: &[u8],
        now: DateTime<Utc>,
    ) -> Result<bool, VaultError> {
        let sealed = self.seal(staff, BOUND_TO, secret).await?;
        let sealed = serde_json::to_string(&sealed).map_err(|_| DAMAGED)?;
        let mut tx = self.db.begin().await?;
        let put = run!(&mut tx, sql!("vault/put_second_factor"), staff, &sealed, now.timestamp_micros())?;
        tx.commit().await?;
        Ok(put > 0)
    }

    /// The secret a person shares with their authenticator, confirmed or offered.
    ///
    /// # Errors
    /// `Damaged` also when the person's key is gone: a factor that cannot be checked is not one that is not there.
    pub async fn second_factor(&self, staff: &str) -> Result<Option<SecondFactor>, VaultError> {
        let found = ask!(&self.db, (String, i64, Option<i64>), sql!("vault/second_factor"), staff)?;
        let Some((sealed, created_at, confirmed_at)) = found.into_iter().next() else { return Ok(None) };
        let sealed: Sealed = serde_json::from_str(&sealed).map_err(|_| DAMAGED)?;
        let secret = self.open_sealed(&sealed, BOUND_TO).await?.ok_or(DAMAGED)?;
        Ok(Some(SecondFactor {
            secret,
            created_at: from_micros(created_at),
            confirmed_at: confirmed_at.map(from_micros),
        }))
    }

    /// Makes the offered factor count from now on, its first step used up and these recovery codes in place of any
    /// former ones; `false` when there is no offer or the step was used before.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn confirm_second_factor(
        &self,
        staff: &str,
        step: u64,
        codes: &[BlindIndex],
        now: DateTime<Utc>,
    ) -> Result<bool, VaultError> {
        let mut tx = self.db.begin().await?;
        let done =
            run!(&mut tx, sql!("vault/confirm_second_factor"), staff, now.timestamp_micros(), signed(step))?;
        if done == 0 {
            return Ok(false);
        }
        run!(&mut tx, sql!("vault/forget_recovery_codes"), staff)?;
        for code in codes {
            run!(&mut tx, sql!("vault/put_recovery_code"), staff, &code.0[..])?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Uses up a time step; `false` when it or a later one was used before.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn use_step(&self, staff: &str, step: u64) -> Result<bool, VaultError> {
        let mut tx = self.db.begin().await?;
        let used = run!(&mut tx, sql!("vault/use_step"), staff, signed(step))?;
        tx.commit().await?;
        Ok(used > 0)
    }

    /// The keyed hash a recovery code is kept as. Case and blanks do not matter.
    #[must_use]
    pub fn recovery_code_index(&self, staff: &str, code: &str) -> BlindIndex {
        self.blind_index(CODE, &format!("{staff} {code}"))
    }

    /// Uses up a recovery code; `false` when it is none, or was used before.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn use_recovery_code(&self, staff: &str, code: &str) -> Result<bool, VaultError> {
        let index = self.recovery_code_index(staff, code);
        let mut tx = self.db.begin().await?;
        let used = run!(&mut tx, sql!("vault/use_recovery_code"), staff, &index.0[..])?;
        tx.commit().await?;
        Ok(used > 0)
    }

    /// How many recovery codes a person has left.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn recovery_codes_left(&self, staff: &str) -> Result<u32, VaultError> {
        let found = ask!(&self.db, (i64,), sql!("vault/recovery_codes_left"), staff)?;
        Ok(found.first().and_then(|(count,)| u32::try_from(*count).ok()).unwrap_or(0))
    }

    /// Takes a factor and its recovery codes away; `false` when there was none.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn remove_second_factor(&self, staff: &str) -> Result<bool, VaultError> {
        let mut tx = self.db.begin().await?;
        let removed = run!(&mut tx, sql!("vault/remove_second_factor"), staff)?;
        run!(&mut tx, sql!("vault/forget_recovery_codes"), staff)?;
        tx.commit().await?;
        Ok(removed > 0)
    }
}

/// Steps count half minutes since 1970.
fn signed(step: u64) -> i64 {
    i64::try_from(step).unwrap_or(i64::MAX)
}
