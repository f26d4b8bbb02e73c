//! What is good once and for a while: challenges between two steps of a sign-in, links sent by mail, codes, QR codes.
//! A pass is found by a hash of what its holder shows; what it carries is sealed, so that neither the table nor its
//! backup says whom a code was sent to. Of all who use one up at once, on whichever node, one succeeds.

use chrono::{DateTime, Utc};
use talon_core::{sealed::Sealed, time::from_micros};
use zeroize::Zeroizing;

use super::{TokenHash, Vault, VaultError};
use crate::{ask, fetch, run, sql};

const DAMAGED: VaultError = VaultError::Damaged { table: "passes" };
/// Whose key seals the bodies: they belong to nobody for longer than minutes.
const SEALED_BY: &str = "passes";

/// A pass about to be given out.
#[derive(Debug, Clone)]
pub struct NewPass<'a> {
    /// What it is good for; a pass of one kind is none of another.
    pub kind: &'a str,
    /// SHA-256 of what its holder shows.
    pub id: TokenHash,
    /// Whose it is, as far as that is known: `forget_passes_of` finds it by this.
    pub person: Option<&'a str>,
    pub body: &'a [u8],
    pub tries: u32,
    pub now: DateTime<Utc>,
    pub expires: DateTime<Utc>,
}

/// A pass that is out and good.
#[derive(Debug, Clone)]
pub struct Pass {
    pub person: Option<String>,
    pub body: Zeroizing<Vec<u8>>,
    /// How often it may still be tried after this.
    pub tries_left: u32,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    revision: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    person: Option<String>,
    body: String,
    revision: i64,
    tries_left: i64,
    created_at: i64,
    expires_at: i64,
}

impl Vault {
    /// Gives a pass out; `false` when one of the same id is out already. Passes that ran out are forgotten.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn put_pass(&self, new: &NewPass<'_>) -> Result<bool, VaultError> {
        let body = self.sealed_body(new.kind, &new.id, new.body).await?;
        let mut tx = self.db.begin().await?;
        run!(&mut tx, sql!("vault/forget_expired_passes"), new.now.timestamp_micros())?;
        let put = run!(
            &mut tx,
            sql!("vault/put_pass"),
            new.kind,
            &new.id[..],
            new.person,
            &body,
            i64::from(new.tries),
            new.now.timestamp_micros(),
            new.expires.timestamp_micros()
        )?;
        tx.commit().await?;
        Ok(put > 0)
    }

    /// Looks at a pass without using anything of it.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn pass(
        &self,
        kind: &str,
        id: &TokenHash,
        now: DateTime<Utc>,
    ) -> Result<Option<Pass>, VaultError> {
        let found = ask!(&self.db, Row, sql!("vault/pass"), kind, &id[..], now.timestamp_micros())?;
        self.opened(kind, id, found).await
    }

    /// Uses up one of its tries, whatever comes of it; nothing when there is none left.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn try_pass(
        &self,
        kind: &str,
        id: &TokenHash,
        now: DateTime<Utc>,
    ) -> Result<Option<Pass>, VaultError> {
        let mut tx = self.db.begin().await?;
        let found = fetch!(&mut tx, Row, sql!("vault/try_pass"), kind, &id[..], now.timestamp_micros())?;
        tx.commit().await?;
        self.opened(kind, id, found).await
    }

    /// Uses the pass up; one of all who try at once gets it.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn take_pass(
        &self,
        kind: &str,
        id: &TokenHash,
        now: DateTime<Utc>,
    ) -> Result<Option<Pass>, VaultError> {
        let mut tx = self.db.begin().await?;
        let found = fetch!(&mut tx, Row, sql!("vault/take_pass"), kind, &id[..])?;
        tx.commit().await?;
        let good = found.into_iter().filter(|row| row.expires_at > now.timestamp_micros()).collect();
        self.opened(kind, id, good).await
    }

    /// Gives a pass another body; `false` when somebody else changed it since, or it ran out.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn change_pass(
        &self,
        kind: &str,
        id: &TokenHash,
        was: &Pass,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<bool, VaultError> {
        let body = self.sealed_body(kind, id, body).await?;
        let mut tx = self.db.begin().await?;
        let changed = run!(
            &mut tx,
            sql!("vault/change_pass"),
            kind,
            &id[..],
            was.revision,
            &body,
            now.timestamp_micros()
        )?;
        tx.commit().await?;
        Ok(changed > 0)
    }

    /// Makes every pass of this kind void that a person has out, and gives their number.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn forget_passes_of(&self, kind: &str, person: &str) -> Result<u64, VaultError> {
        let mut tx = self.db.begin().await?;
        let gone = run!(&mut tx, sql!("vault/forget_passes_of"), kind, person)?;
        tx.commit().await?;
        Ok(gone)
    }

    /// Deletes what ran out, and gives its number.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn forget_expired_passes(&self, now: DateTime<Utc>) -> Result<u64, VaultError> {
        let mut tx = self.db.begin().await?;
        let gone = run!(&mut tx, sql!("vault/forget_expired_passes"), now.timestamp_micros())?;
        tx.commit().await?;
        Ok(gone)
    }

    async fn sealed_body(&self, kind: &str, id: &TokenHash, body: &[u8]) -> Result<String, VaultError> {
        let sealed = self.seal(SEALED_BY, &bound_to(kind, id), body).await?;
        serde_json::to_string(&sealed).map_err(|_| DAMAGED)
    }

    async fn opened(&self, kind: &str, id: &TokenHash, found: Vec<Row>) -> Result<Option<Pass>, VaultError> {
        let Some(row) = found.into_iter().next() else { return Ok(None) };
        let sealed: Sealed = serde_json::from_str(&row.body).map_err(|_| DAMAGED)?;
        let body = self.open_sealed(&sealed, &bound_to(kind, id)).await?.ok_or(DAMAGED)?;
        Ok(Some(Pass {
            person: row.person,
            body,
            tries_left: u32::try_from(row.tries_left).unwrap_or(0),
            created_at: from_micros(row.created_at),
            expires_at: from_micros(row.expires_at),
            revision: row.revision,
        }))
    }
}

/// A body opens in its own row only.
fn bound_to(kind: &str, id: &TokenHash) -> Vec<u8> {
    [kind.as_bytes(), &[0], &id[..]].concat()
}
