//! How fast strangers may make things that cost little: counted in memory of this process, forgotten at its end. What
//! somebody could guess is counted for all nodes, in `lockout`.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use sha2::{Digest, Sha256};

/// How patient we are with one kind of key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Haste {
    /// The prefix that keeps kinds of keys apart.
    kind: &'static str,
    /// So many cost nothing.
    free: u32,
    /// The first wait; each further one doubles it.
    first: TimeDelta,
    longest: TimeDelta,
}

const FIRST: TimeDelta = TimeDelta::seconds(5);
const MINUTE: TimeDelta = TimeDelta::minutes(1);

/// QR codes made for one address: a screen makes a new one each minute.
pub(super) const QR_CODES: Haste = Haste { kind: "qr", free: 30, first: FIRST, longest: MINUTE };
/// Journeys to the organisation's sign-in begun from one address.
pub(super) const OIDC_STARTS: Haste = Haste { kind: "oidc", free: 30, first: FIRST, longest: MINUTE };
/// How often the vault is asked for keys of tokens that strangers may have made up.
pub(super) const KEYS: Haste = Haste { kind: "keys", free: 0, first: FIRST, longest: FIRST };

#[derive(Debug, Default)]
struct Times {
    count: u32,
    until: Option<DateTime<Utc>>,
}

/// Who came how often. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    times: Cache<[u8; 32], Arc<Mutex<Times>>>,
}

impl Default for Pace {
    fn default() -> Self {
        let hour = Duration::from_secs(3600);
        Self { times: Cache::builder().max_capacity(100_000).time_to_idle(hour).build() }
    }
}

impl Pace {
    /// Counts one more.
    ///
    /// # Errors
    /// The seconds to wait; what comes too early is not counted.
    pub(super) fn step(&self, haste: Haste, key: &str, now: DateTime<Utc>) -> Result<(), u32> {
        let times = self.times.get_with(digest(haste, key), Arc::default);
        let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = times.until.filter(|until| *until > now) {
            return Err(super::lockout::seconds_until(until, now));
        }
        times.count = times.count.saturating_add(1);
        times.until = times.count.checked_sub(haste.free + 1).map(|over| {
            let wait = haste.first * i32::try_from(1_u32 << over.min(16)).unwrap_or(i32::MAX);
            now + wait.min(haste.longest)
        });
        Ok(())
    }
}

fn digest(haste: Haste, key: &str) -> [u8; 32] {
    let mut sum = Sha256::new();
    sum.update(haste.kind);
    sum.update([0]);
    sum.update(key);
    sum.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).expect("an instant")
    }

    #[test]
    fn whoever_hurries_waits_longer_each_time_and_others_do_not() {
        let pace = Pace::default();
        let step = |second| pace.step(QR_CODES, "10.0.0.1", at(second));
        for _ in 0..=30 {
            assert_eq!(step(0), Ok(()));
        }
        assert_eq!(step(0), Err(5));
        assert_eq!(step(4), Err(1), "waiting is not punished");
        assert_eq!(step(5), Ok(()));
        assert_eq!(step(5), Err(10));
        assert_eq!(pace.step(QR_CODES, "10.0.0.2", at(5)), Ok(()));
        assert_eq!(pace.step(OIDC_STARTS, "10.0.0.1", at(5)), Ok(()));
    }
}
