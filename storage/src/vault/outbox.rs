//! Messages to people and other systems on their way. A row is claimed before it is sent and marked after: whoever lost
//! its claim cannot mark it, and what stands claimed when the sender died is known to be uncertain. Whom a message goes
//! to and what it says is sealed and leaves the row when it is done. Nothing here knows mail, SMS or HTTP.

use chrono::{DateTime, TimeDelta, Utc};
use talon_core::{sealed::Sealed, time::from_micros};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{BlindIndex, Vault, VaultError};
use crate::{ask, db::Tx, fetch, run, sql};

/// Under whose key messages to nobody in particular are sealed.
const NOBODY: &str = "outbox";

/// Messages under way to one subscriber at a time.
const TO_ONE: i64 = 2;

/// A message about to be written down, already sealed.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Names the message for ever, also to whoever receives it.
    pub id: Uuid,
    /// The fact or request it follows from: with channel and recipient it is one of a kind.
    pub cause: Uuid,
    pub channel: &'static str,
    pub recipient: BlindIndex,
    /// The subscriber it goes to, where that is not a person.
    pub target: Option<String>,
    /// Whose erasure takes it away.
    pub person: Option<String>,
    pub sealed: Sealed,
    /// Whether it goes again when nobody can say whether it went.
    pub again: bool,
    pub not_before: DateTime<Utc>,
    pub not_after: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

/// A message claimed for sending.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub id: Uuid,
    pub cause: Uuid,
    pub target: Option<String>,
    pub sealed: Sealed,
    /// This attempt counted.
    pub attempts: u32,
    pub not_after: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
}

/// Where a message stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub id: Uuid,
    pub cause: Uuid,
    /// `waiting`, `sending`, `sent` or `dead`.
    pub state: String,
    pub attempts: u32,
    /// Code of what went wrong last.
    pub failure: Option<String>,
    pub created_at: DateTime<Utc>,
    pub next_at: DateTime<Utc>,
    pub done_at: Option<DateTime<Utc>>,
}

/// A claim on a message: the only hand that may mark it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub id: Uuid,
    pub until: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct ClaimedRow {
    id: Uuid,
    cause: Uuid,
    target: Option<String>,
    sealed_key: String,
    sealed_value: String,
    attempts: i64,
    not_after: i64,
    created_at: i64,
}

#[derive(sqlx::FromRow)]
struct DeliveryRow {
    id: Uuid,
    cause: Uuid,
    state: String,
    attempts: i64,
    failure: Option<String>,
    created_at: i64,
    next_at: i64,
    done_at: Option<i64>,
}

impl Vault {
    /// Seals what a message says, for its row and no other.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn seal_message(
        &self,
        id: Uuid,
        person: Option<&str>,
        what: &[u8],
    ) -> Result<Sealed, VaultError> {
        self.seal(person.unwrap_or(NOBODY), id.as_bytes(), what).await
    }

    /// What a message says; nothing when the person it was for has been erased.
    ///
    /// # Errors
    /// `Damaged`, `Unavailable`.
    pub async fn open_message(&self, message: &Claimed) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        self.open_sealed(&message.sealed, message.id.as_bytes()).await
    }

    /// Writes a message down; `false`, and nothing written, when the same cause has reached the same recipient.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn put_message(&self, new: &NewMessage) -> Result<bool, VaultError> {
        let mut tx = self.db.begin().await?;
        let put = Self::put_message_in(&mut tx, new).await?;
        tx.commit().await?;
        Ok(put)
    }

    /// `put_message` in a transaction of the caller's.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn put_message_in(tx: &mut Tx<'_>, new: &NewMessage) -> Result<bool, VaultError> {
        let put = run!(
            tx,
            sql!("vault/put_message"),
            new.id,
            new.cause,
            new.channel,
            &new.recipient.0[..],
            new.target.as_deref(),
            new.person.as_deref(),
            &new.sealed.key,
            &new.sealed.value,
            new.again,
            new.not_before.timestamp_micros(),
            new.not_after.timestamp_micros(),
            new.now.timestamp_micros()
        )?;
        Ok(put > 0)
    }

    /// Claims at most `most` messages of a channel that are due; each counts as tried. To one subscriber no more than
    /// `TO_ONE` are under way at a time, and one only while its last attempt failed: whoever is slow or down takes no
    /// more places than that from all others.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn claim_messages(
        &self,
        channel: &str,
        claim: Claim,
        now: DateTime<Utc>,
        most: u32,
    ) -> Result<Vec<Claimed>, VaultError> {
        let (until, now) = (claim.until.timestamp_micros(), now.timestamp_micros());
        let mut free = i64::from(most);
        let mut tx = self.db.begin().await?;
        let sql = sql!("vault/claim_messages");
        let mut rows = fetch!(&mut tx, ClaimedRow, sql, claim.id, until, channel, now, free)?;
        free -= taken(&rows);
        for (target, under_way, failed) in
            fetch!(&mut tx, (String, i64, i64), sql!("vault/targets_due"), channel, now)?
        {
            let places = if failed > 0 { 1 } else { TO_ONE };
            let places = (places - under_way).min(free);
            if places <= 0 {
                continue;
            }
            let mut found = Vec::new();
            if failed > 0 {
                // What failed goes first: when it has gone, the subscriber counts as well again.
                let sql = sql!("vault/claim_failed_message_to");
                found = fetch!(&mut tx, ClaimedRow, sql, claim.id, until, channel, &target, now)?;
            }
            if found.is_empty() {
                let sql = sql!("vault/claim_messages_to");
                found = fetch!(&mut tx, ClaimedRow, sql, claim.id, until, channel, &target, now, places)?;
            }
            free -= taken(&found);
            rows.append(&mut found);
        }
        tx.commit().await?;
        let mut claimed: Vec<_> = rows.into_iter().map(Claimed::from).collect();
        claimed.sort_by_key(|it| it.created_at);
        Ok(claimed)
    }

    /// Whether anything of a channel is due: a look that takes no lock.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn messages_due(&self, channel: &str, now: DateTime<Utc>) -> Result<bool, VaultError> {
        let found = ask!(&self.db, (i64,), sql!("vault/messages_due"), channel, now.timestamp_micros())?;
        Ok(found.first().is_some_and(|(count,)| *count > 0))
    }

    /// It went. `false` when the claim was lost meanwhile: somebody else decides.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn message_sent(&self, id: Uuid, claim: Claim, now: DateTime<Utc>) -> Result<bool, VaultError> {
        let mut tx = self.db.begin().await?;
        let marked = run!(&mut tx, sql!("vault/message_sent"), id, claim.id, now.timestamp_micros())?;
        if marked > 0 {
            blank_recipient(&mut tx, id).await?;
        }
        tx.commit().await?;
        Ok(marked > 0)
    }

    /// It did not go and is tried again at `next_at`; the other messages of a subscriber that is down wait with it.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn message_again(
        &self,
        message: &Claimed,
        claim: Claim,
        next_at: DateTime<Utc>,
        failure: &str,
    ) -> Result<bool, VaultError> {
        let next = next_at.timestamp_micros();
        let mut tx = self.db.begin().await?;
        let marked = run!(&mut tx, sql!("vault/message_again"), message.id, claim.id, next, failure)?;
        if let (Some(target), true) = (&message.target, marked > 0) {
            run!(&mut tx, sql!("vault/postpone_target"), target, next)?;
        }
        tx.commit().await?;
        Ok(marked > 0)
    }

    /// It is given up.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn message_dead(
        &self,
        id: Uuid,
        claim: Claim,
        failure: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, VaultError> {
        let mut tx = self.db.begin().await?;
        let marked =
            run!(&mut tx, sql!("vault/message_dead"), id, claim.id, failure, now.timestamp_micros())?;
        if marked > 0 {
            blank_recipient(&mut tx, id).await?;
        }
        tx.commit().await?;
        Ok(marked > 0)
    }

    /// Takes up what a sender left claimed when it died: what may go twice goes again, the rest is given up. Claims that
    /// run beyond `claimed_until` stand. Gives the numbers of both.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn release_messages(
        &self,
        claimed_until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(u64, u64), VaultError> {
        let (now, until) = (now.timestamp_micros(), claimed_until.timestamp_micros());
        let mut tx = self.db.begin().await?;
        let again = run!(&mut tx, sql!("vault/release_messages"), now, until)?;
        let lost = fetch!(&mut tx, (Uuid,), sql!("vault/lose_messages"), now, until)?;
        for (id,) in &lost {
            blank_recipient(&mut tx, *id).await?;
        }
        tx.commit().await?;
        Ok((again, lost.len() as u64))
    }

    /// Takes back what has not gone yet and follows from this cause, for instance because the step was undone.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn withdraw_messages(&self, cause: Uuid) -> Result<u64, VaultError> {
        let mut tx = self.db.begin().await?;
        let gone = run!(&mut tx, sql!("vault/withdraw_messages"), cause)?;
        tx.commit().await?;
        Ok(gone)
    }

    /// Everything to or about a person goes, sent or not: part of their erasure.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn forget_messages_of(tx: &mut Tx<'_>, person: &str) -> Result<u64, VaultError> {
        Ok(run!(tx, sql!("vault/forget_messages_of"), person)?)
    }

    /// What lies under a person's contacts goes, also what was sent before anybody knew whose they are: part of their
    /// erasure, before the identities go.
    pub(super) async fn forget_messages_to_person(tx: &mut Tx<'_>, person: &str) -> Result<u64, VaultError> {
        Ok(run!(tx, sql!("vault/forget_messages_to_person"), person)?)
    }

    /// The same for one contact.
    pub(super) async fn forget_messages_to_contact(
        tx: &mut Tx<'_>,
        person: &str,
        contact: &str,
    ) -> Result<u64, VaultError> {
        Ok(run!(tx, sql!("vault/forget_messages_to_contact"), person, contact)?)
    }

    /// Under what messages to a contact of this kind lie in the outbox.
    pub(super) fn recipient_of(&self, kind: &str, value: &str) -> Option<BlindIndex> {
        let channel = match kind.rsplit('-').next() {
            Some("phone") => "sms",
            Some("email") => "mail",
            _ => return None,
        };
        Some(self.blind_index(channel, value))
    }

    /// Deletes what was done before `before`, and gives its number.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn forget_done_messages(&self, before: DateTime<Utc>) -> Result<u64, VaultError> {
        let mut tx = self.db.begin().await?;
        let gone = run!(&mut tx, sql!("vault/forget_done_messages"), before.timestamp_micros())?;
        tx.commit().await?;
        Ok(gone)
    }

    /// The latest messages to a subscriber, the newest first.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn messages_for(&self, target: &str, most: u32) -> Result<Vec<Delivery>, VaultError> {
        let rows = ask!(&self.db, DeliveryRow, sql!("vault/messages_for"), target, i64::from(most))?;
        Ok(rows.into_iter().map(Delivery::from).collect())
    }

    /// How many messages wait, by channel; a channel where none does is absent. Asked often: what is done is not looked at.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn count_waiting_messages(&self) -> Result<Vec<(String, u64)>, VaultError> {
        let rows = ask!(&self.db, (String, i64), sql!("vault/count_waiting_messages"))?;
        Ok(rows
            .into_iter()
            .map(|(channel, count)| (channel, u64::try_from(count).unwrap_or_default()))
            .collect())
    }

    /// How many messages there are, by channel and state.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn count_messages(&self) -> Result<Vec<(String, String, u64)>, VaultError> {
        let rows = ask!(&self.db, (String, String, i64), sql!("vault/count_messages"))?;
        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        Ok(rows.into_iter().map(|(channel, state, number)| (channel, state, count(number))).collect())
    }
}

impl Claim {
    /// A claim for so long from now.
    #[must_use]
    pub fn new(id: Uuid, now: DateTime<Utc>, life: TimeDelta) -> Self {
        Self { id, until: now + life }
    }
}

/// A message to nobody who is known is the only one of its cause: once it is done, nothing needs to find its recipient,
/// and a keyed address that stayed would join somebody erased to whoever comes back.
async fn blank_recipient(tx: &mut Tx<'_>, id: Uuid) -> Result<(), VaultError> {
    run!(tx, sql!("vault/blank_recipient"), id, &id.as_bytes()[..])?;
    Ok(())
}

fn taken(rows: &[ClaimedRow]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}

fn attempts(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl From<ClaimedRow> for Claimed {
    fn from(row: ClaimedRow) -> Self {
        Self {
            id: row.id,
            cause: row.cause,
            target: row.target,
            sealed: Sealed { key: row.sealed_key, value: row.sealed_value },
            attempts: attempts(row.attempts),
            not_after: from_micros(row.not_after),
            created_at: from_micros(row.created_at),
        }
    }
}

impl From<DeliveryRow> for Delivery {
    fn from(row: DeliveryRow) -> Self {
        Self {
            id: row.id,
            cause: row.cause,
            state: row.state,
            attempts: attempts(row.attempts),
            failure: row.failure,
            created_at: from_micros(row.created_at),
            next_at: from_micros(row.next_at),
            done_at: row.done_at.map(from_micros),
        }
    }
}
