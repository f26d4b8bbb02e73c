//! Tokens of an outside authentication service, known by their hashes. Messages about them may come twice or in any
//! order: a token once revoked stays so, also when the message that it exists arrives later.

use chrono::{DateTime, Utc};
use talon_core::time::from_micros;
use uuid::Uuid;

use super::{BlindIndex, TokenHash, Vault, VaultError};
use crate::{ask, run, sql};

/// Whose token it is, in the words of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    Staff(String),
    Email(BlindIndex),
}

/// A token as the service told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideToken {
    pub hash: TokenHash,
    /// The sign-in it belongs to: the tokens that replace it belong to the same.
    pub session: Uuid,
    pub owner: Owner,
    pub expires_at: DateTime<Utc>,
}

/// What is known of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// Nobody when the address belongs to nobody here, or only the revocation is known.
    pub staff: Option<String>,
    pub session: Uuid,
    pub expires_at: DateTime<Utc>,
    pub is_revoked: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    staff: Option<String>,
    session: Uuid,
    expires_at: i64,
    revoked_at: Option<i64>,
}

impl Vault {
    /// Takes note of a token; `false` when it was known, or known to be revoked.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn put_outside_token(&self, token: &OutsideToken) -> Result<bool, VaultError> {
        let (staff, email) = match &token.owner {
            Owner::Staff(staff) => (Some(staff.as_str()), None),
            Owner::Email(index) => (None, Some(&index.0[..])),
        };
        let mut tx = self.db.begin().await?;
        let put = run!(
            &mut tx,
            sql!("vault/put_outside_token"),
            &token.hash[..],
            token.session,
            staff,
            email,
            token.expires_at.timestamp_micros(),
            None::<i64>
        )?;
        tx.commit().await?;
        Ok(put > 0)
    }

    /// The token is void from now on, known or not; a mark of that is kept until `keep_until`.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn revoke_outside_token(
        &self,
        hash: &TokenHash,
        session: Uuid,
        now: DateTime<Utc>,
        keep_until: DateTime<Utc>,
    ) -> Result<(), VaultError> {
        let now = now.timestamp_micros();
        let mut tx = self.db.begin().await?;
        run!(
            &mut tx,
            sql!("vault/put_outside_token"),
            &hash[..],
            session,
            None::<&str>,
            None::<&[u8]>,
            keep_until.timestamp_micros(),
            Some(now)
        )?;
        run!(&mut tx, sql!("vault/revoke_outside_token"), &hash[..], now)?;
        Ok(tx.commit().await?)
    }

    /// What is known of a token.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn outside_token(&self, hash: &TokenHash) -> Result<Option<Outside>, VaultError> {
        let found = ask!(&self.db, Row, sql!("vault/outside_token"), &hash[..])?.pop();
        Ok(found.map(|row| Outside {
            staff: row.staff,
            session: row.session,
            expires_at: from_micros(row.expires_at),
            is_revoked: row.revoked_at.is_some(),
        }))
    }

    /// The sign-ins of a member of staff that have a token which is good.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn outside_sessions_of(
        &self,
        staff: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<Uuid>, VaultError> {
        let found =
            ask!(&self.db, (Uuid,), sql!("vault/outside_sessions_of"), staff, now.timestamp_micros())?;
        Ok(found.into_iter().map(|(session,)| session).collect())
    }

    /// Forgets tokens that ran out, and gives their number.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn forget_expired_outside_tokens(&self, now: DateTime<Utc>) -> Result<u64, VaultError> {
        let mut tx = self.db.begin().await?;
        let gone = run!(&mut tx, sql!("vault/forget_expired_outside_tokens"), now.timestamp_micros())?;
        tx.commit().await?;
        Ok(gone)
    }
}
