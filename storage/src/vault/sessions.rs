//! Sign-ins and their rotating refresh tokens. A token is good once; who shows a used one ends the whole family,
//! because either the owner or a thief holds a stale copy. A short grace forgives the answer lost on the way and the
//! second window of a browser: each token has one successor, so that within the grace all are told the same one. A
//! thief among them stands out at the next renewal.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use talon_core::time::from_micros;
use uuid::Uuid;

use super::{TokenHash, Vault, VaultError};
use crate::{ask, fetch, run, sql};

/// Whose sign-in it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonKind {
    Staff,
    Customer,
}

impl PersonKind {
    /// As it stands in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Customer => "customer",
        }
    }

    fn named(name: &str) -> Self {
        if name == "customer" { Self::Customer } else { Self::Staff }
    }
}

/// A sign-in about to be recorded.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Names the sign-in for ever; its tokens rotate below it.
    pub family: Uuid,
    pub person: String,
    pub kind: PersonKind,
    /// What its owner recognises it by; nothing personal.
    pub label: String,
    pub token_hash: TokenHash,
    pub now: DateTime<Utc>,
    /// When this token is void, used or not.
    pub token_expires: DateTime<Utc>,
    /// When the whole sign-in is void, however often it was renewed.
    pub session_expires: DateTime<Utc>,
}

/// A sign-in that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub family: Uuid,
    pub person: String,
    pub kind: PersonKind,
    pub label: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// When its token was last renewed.
    pub last_used_at: DateTime<Utc>,
}

/// A token shown, and the one that shall replace it.
#[derive(Debug, Clone)]
pub struct Renewal {
    pub shown: TokenHash,
    pub next: TokenHash,
    pub now: DateTime<Utc>,
    pub next_expires: DateTime<Utc>,
    /// How long a used token may be shown again, as long as its successor has not been. Nothing changes by that.
    pub grace: TimeDelta,
}

/// What became of a renewal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// The shown token is used up, the next one is live; so it was already, when the token is shown again within the
    /// grace.
    Rotated(Session),
    /// The token had been used before: its family has just been revoked.
    Reused(Session),
    /// No such token, or its sign-in was revoked.
    Unknown,
    Expired,
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    family: Uuid,
    expires_at: i64,
    used_at: Option<i64>,
    successor: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    family: Uuid,
    person: String,
    kind: String,
    label: String,
    created_at: i64,
    expires_at: i64,
    last_used_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl From<SessionRow> for Session {
    fn from(row: SessionRow) -> Self {
        Self {
            family: row.family,
            person: row.person,
            kind: PersonKind::named(&row.kind),
            label: row.label,
            created_at: from_micros(row.created_at),
            expires_at: from_micros(row.expires_at),
            last_used_at: from_micros(row.last_used_at.unwrap_or(row.created_at)),
        }
    }
}

impl Vault {
    /// Records a sign-in with its first token.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn create_session(&self, new: &NewSession) -> Result<(), VaultError> {
        let mut tx = self.db.begin().await?;
        run!(
            &mut tx,
            sql!("vault/create_session"),
            new.family,
            &new.person,
            new.kind.name(),
            &new.label,
            new.now.timestamp_micros(),
            new.session_expires.timestamp_micros()
        )?;
        run!(
            &mut tx,
            sql!("vault/put_token"),
            &new.token_hash[..],
            new.family,
            new.token_expires.timestamp_micros()
        )?;
        Ok(tx.commit().await?)
    }

    /// The one token that can take the place of this one.
    #[must_use]
    pub fn next_token(&self, shown: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.keyring.follows("refresh", shown.as_bytes()))
    }

    /// Uses up a token and makes its successor live, or says why not.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn rotate(&self, renewal: &Renewal) -> Result<Rotation, VaultError> {
        let now = renewal.now.timestamp_micros();
        let mut tx = self.db.begin().await?;
        // The family's row is locked first: two uses of one token are told apart on every database.
        run!(&mut tx, sql!("vault/lock_family"), &renewal.shown[..])?;
        let token = fetch!(&mut tx, TokenRow, sql!("vault/token"), &renewal.shown[..])?.pop();
        let Some(token) = token else { return Ok(Rotation::Unknown) };
        let session = fetch!(&mut tx, SessionRow, sql!("vault/session"), token.family)?.pop();
        let Some(session) = session.filter(|it| it.revoked_at.is_none()) else {
            return Ok(Rotation::Unknown);
        };
        if session.expires_at <= now || token.expires_at <= now {
            return Ok(Rotation::Expired);
        }
        if let Some(used_at) = token.used_at {
            let forgiven = now - used_at <= renewal.grace.num_microseconds().unwrap_or(0);
            let successor = match &token.successor {
                Some(hash) => fetch!(&mut tx, TokenRow, sql!("vault/token"), &hash[..])?.pop(),
                None => None,
            };
            let is_the_same = token.successor.as_deref() == Some(&renewal.next[..]);
            if !forgiven || !is_the_same || successor.is_none_or(|it| it.used_at.is_some()) {
                run!(&mut tx, sql!("vault/revoke_family"), token.family, now)?;
                tx.commit().await?;
                return Ok(Rotation::Reused(session.into()));
            }
            return Ok(Rotation::Rotated(session.into()));
        }
        let expires = renewal.next_expires.timestamp_micros().min(session.expires_at);
        run!(&mut tx, sql!("vault/use_token"), &renewal.shown[..], now, &renewal.next[..])?;
        run!(&mut tx, sql!("vault/put_token"), &renewal.next[..], token.family, expires)?;
        run!(&mut tx, sql!("vault/session_used"), token.family, now)?;
        tx.commit().await?;
        Ok(Rotation::Rotated(session.into()))
    }

    /// The sign-in of this family, unless it was revoked or has expired.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn session(&self, family: Uuid, now: DateTime<Utc>) -> Result<Option<Session>, VaultError> {
        let found = ask!(&self.db, SessionRow, sql!("vault/session"), family)?.pop();
        let stands = |it: &SessionRow| it.revoked_at.is_none() && it.expires_at > now.timestamp_micros();
        Ok(found.filter(stands).map(Session::from))
    }

    /// Whose sign-in a token belongs to, without using it up; for signing out.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn family_of_token(&self, token: &TokenHash) -> Result<Option<Uuid>, VaultError> {
        let found = ask!(&self.db, TokenRow, sql!("vault/token"), &token[..])?.pop();
        Ok(found.map(|it| it.family))
    }

    /// The sign-ins of a person that stand.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn sessions_of(&self, person: &str, now: DateTime<Utc>) -> Result<Vec<Session>, VaultError> {
        let found = ask!(&self.db, SessionRow, sql!("vault/sessions_of"), person, now.timestamp_micros())?;
        Ok(found.into_iter().map(Session::from).collect())
    }

    /// Ends one sign-in, also one by an outside service; `false` when it had ended.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn revoke_family(&self, family: Uuid, now: DateTime<Utc>) -> Result<bool, VaultError> {
        let mut tx = self.db.begin().await?;
        let ended = run!(&mut tx, sql!("vault/revoke_family"), family, now.timestamp_micros())?;
        run!(&mut tx, sql!("vault/revoke_outside_session"), family, now.timestamp_micros())?;
        tx.commit().await?;
        Ok(ended > 0)
    }

    /// Deletes sign-ins that expired before `before`, with their tokens, and gives their number.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn forget_expired_sessions(&self, before: DateTime<Utc>) -> Result<u64, VaultError> {
        let mut tx = self.db.begin().await?;
        run!(&mut tx, sql!("vault/forget_expired_tokens"), before.timestamp_micros())?;
        let gone = run!(&mut tx, sql!("vault/forget_expired_sessions"), before.timestamp_micros())?;
        tx.commit().await?;
        Ok(gone)
    }
}
