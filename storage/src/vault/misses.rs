//! How often somebody was not let in, counted for the whole organisation: by a node that has just started and by its
//! neighbours alike. What is counted is named by a keyed hash, so that the table tells neither who was guessed at nor
//! whether there is such an account; rows expire, and no backup holds any.

use chrono::{DateTime, TimeDelta, Utc};
use talon_core::time::from_micros;

use super::{Vault, VaultError};
use crate::{db::Tx, fetch, run, sql};

/// So long after its wait a row still counts.
const REMEMBERED: TimeDelta = TimeDelta::hours(1);
/// The clock of one node may be behind that of another, and of tries at once one comes later.
const BEHIND: TimeDelta = TimeDelta::minutes(1);
const SUBJECT: &str = "misses";

/// How patient the house is with one kind of guess.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// So many misses cost nothing.
    pub free: u16,
    /// The first wait; each further miss doubles it.
    pub first: TimeDelta,
    pub longest: TimeDelta,
}

/// What became of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Try {
    /// It may be made, and counts as a miss until it is taken back; with until when nobody may try after it.
    Counted(Option<DateTime<Utc>>),
    /// It comes too early and was not counted.
    Waits(DateTime<Utc>),
}

impl Patience {
    /// How often the first wait may be doubled before it is the longest.
    fn doublings(&self) -> i32 {
        let fits = |times: &i32| self.first * (1 << times) < self.longest;
        i32::try_from((0..20).take_while(fits).count()).unwrap_or(i32::MAX)
    }
}

impl Vault {
    /// Counts a try as a miss before it is known to be one, so that tries at the same time count too, on whichever
    /// nodes: one statement decides.
    ///
    /// # Errors
    /// When the vault cannot be reached: nobody may try then.
    pub async fn count_miss(
        &self,
        kind: &str,
        subject: &str,
        patience: Patience,
        now: DateTime<Utc>,
    ) -> Result<Try, VaultError> {
        let subject = self.subject(subject);
        let micros = |time: TimeDelta| time.num_microseconds().unwrap_or(i64::MAX / 4);
        let mut tx = self.db.begin().await?;
        let counted = fetch!(
            &mut tx,
            (i64,),
            sql!("vault/count_miss"),
            kind,
            &subject[..],
            now.timestamp_micros(),
            (now - REMEMBERED).timestamp_micros(),
            i32::from(patience.free),
            micros(patience.first),
            patience.doublings(),
            micros(patience.longest)
        )?;
        let became = match counted.first() {
            Some((until,)) => Try::Counted(
                Some(from_micros(*until)).filter(|until| until.timestamp_micros() > now.timestamp_micros()),
            ),
            None => {
                let wait = fetch!(&mut tx, (i64,), sql!("vault/misses_wait"), kind, &subject[..])?;
                Try::Waits(wait.first().map_or(now, |(until,)| from_micros(*until)))
            }
        };
        tx.commit().await?;
        Ok(became)
    }

    /// It was no miss: for keys that many people share.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn take_back_miss(
        &self,
        kind: &str,
        subject: &str,
        now: DateTime<Utc>,
    ) -> Result<(), VaultError> {
        let subject = self.subject(subject);
        let over = (now - BEHIND).timestamp_micros();
        let mut tx = self.db.begin().await?;
        run!(&mut tx, sql!("vault/take_back_miss"), kind, &subject[..], over)?;
        Ok(tx.commit().await?)
    }

    /// It was no miss: whoever it was about starts anew.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn forget_misses(&self, kind: &str, subject: &str) -> Result<(), VaultError> {
        let subject = self.subject(subject);
        let mut tx = self.db.begin().await?;
        run!(&mut tx, sql!("vault/forget_misses"), kind, &subject[..])?;
        Ok(tx.commit().await?)
    }

    /// Deletes what means nothing any more, and beyond `most` rows those with the fewest tries.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn forget_old_misses(&self, now: DateTime<Utc>, most: i64) -> Result<u64, VaultError> {
        let mut tx = self.db.begin().await?;
        let old = (now - REMEMBERED).timestamp_micros();
        let mut gone = run!(&mut tx, sql!("vault/forget_old_misses"), old)?;
        gone += run!(&mut tx, sql!("vault/forget_most_misses"), most)?;
        tx.commit().await?;
        Ok(gone)
    }

    /// Deletes what was counted about a person, by their pseudonym and by whatever they are found by. Before their
    /// identities go: those name the rows.
    pub(super) async fn forget_misses_of(&self, tx: &mut Tx<'_>, person: &str) -> Result<u64, VaultError> {
        let found = fetch!(tx, (Vec<u8>,), sql!("vault/identities_of"), person)?;
        let about = found.into_iter().map(|(index,)| hex::encode(index)).chain([person.to_owned()]);
        let mut gone = 0;
        for subject in about {
            let subject = self.subject(&subject);
            gone += run!(tx, sql!("vault/forget_misses_about"), &subject[..])?;
        }
        Ok(gone)
    }

    fn subject(&self, subject: &str) -> [u8; 32] {
        self.blind_index(SUBJECT, subject).0
    }
}
