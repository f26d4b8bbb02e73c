//! Guessing is made slow: after a few misses each next try has to wait longer, for the account and for the address it
//! comes from. An account that does not exist locks like one that does, so the wait tells nothing. Kept in memory of
//! this process: a restart forgives, another node counts for itself.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use sha2::{Digest, Sha256};

/// How patient we are with one kind of key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// The prefix that keeps kinds of keys apart.
    kind: &'static str,
    /// So many misses cost nothing.
    free: u32,
    /// The first wait; each further miss doubles it.
    first: TimeDelta,
    longest: TimeDelta,
}

const FIRST: TimeDelta = TimeDelta::seconds(5);
const MINUTE: TimeDelta = TimeDelta::minutes(1);
const HOUR: TimeDelta = TimeDelta::hours(1);

/// Somebody's password.
pub(super) const ACCOUNT: Patience =
    Patience { kind: "account", free: 4, first: FIRST, longest: TimeDelta::minutes(5) };
/// Behind one address may sit a whole branch.
pub(super) const ADDRESS: Patience =
    Patience { kind: "address", free: 20, first: FIRST, longest: TimeDelta::minutes(5) };
/// Six digits of an authenticator, after the password was right.
pub(super) const SECOND_FACTOR: Patience =
    Patience { kind: "second factor", free: 4, first: FIRST, longest: TimeDelta::minutes(5) };
/// The password of whoever is signed in already: a page left open must not become a place to guess.
pub(super) const OWN_PASSWORD: Patience =
    Patience { kind: "own password", free: 4, first: FIRST, longest: TimeDelta::minutes(5) };
/// Codes for pairing have six digits only: ten addresses together must not find one either.
pub(super) const PAIRING: Patience = Patience { kind: "pairing", free: 50, first: FIRST, longest: MINUTE };

/// Letters with a link for whoever forgot the password: to one account, existing or not.
pub(super) const RECOVERY: Patience = Patience { kind: "recovery", free: 2, first: MINUTE, longest: HOUR };
/// Codes sent to one phone or address: each costs money, and patience.
pub(super) const CODES_TO: Patience = Patience { kind: "codes to", free: 0, first: MINUTE, longest: HOUR };
/// QR codes made for one address: a screen makes a new one each minute.
pub(super) const QR_CODES: Patience = Patience { kind: "qr", free: 30, first: FIRST, longest: MINUTE };
/// Journeys to the organisation's sign-in begun from one address.
pub(super) const OIDC_STARTS: Patience = Patience { kind: "oidc", free: 30, first: FIRST, longest: MINUTE };

/// How often the vault is asked for keys of tokens that strangers may have made up.
pub(super) const KEYS: Patience = Patience { kind: "keys", free: 0, first: FIRST, longest: FIRST };

#[derive(Debug, Default)]
struct Misses {
    count: u32,
    until: Option<DateTime<Utc>>,
}

/// Who missed how often. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Lockout {
    misses: Cache<[u8; 32], Arc<Mutex<Misses>>>,
}

impl Default for Lockout {
    fn default() -> Self {
        let hour = Duration::from_secs(3600);
        Self { misses: Cache::builder().max_capacity(100_000).time_to_idle(hour).build() }
    }
}

impl Lockout {
    /// Counts a try as a miss before it is known to be one, so that tries at the same time count too.
    ///
    /// # Errors
    /// The seconds to wait; a try that comes too early is not counted.
    pub(super) fn attempt(&self, patience: Patience, key: &str, now: DateTime<Utc>) -> Result<(), u32> {
        let misses = self.of(patience, key);
        let mut misses = misses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = misses.until.filter(|until| *until > now) {
            let wait = (until - now).num_milliseconds().max(1);
            return Err(u32::try_from((wait + 999) / 1000).unwrap_or(u32::MAX));
        }
        misses.count = misses.count.saturating_add(1);
        misses.until = misses.count.checked_sub(patience.free + 1).map(|over| {
            let wait = patience.first * i32::try_from(1_u32 << over.min(16)).unwrap_or(i32::MAX);
            now + wait.min(patience.longest)
        });
        Ok(())
    }

    /// Until when this key waits.
    pub(super) fn locked_until(
        &self,
        patience: Patience,
        key: &str,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let misses = self.of(patience, key);
        let misses = misses.lock().unwrap_or_else(PoisonError::into_inner);
        misses.until.filter(|until| *until > now)
    }

    /// It was no miss: the account starts anew.
    pub(super) fn forget(&self, patience: Patience, key: &str) {
        self.misses.invalidate(&digest(patience, key));
    }

    /// It was no miss: for keys that many people share.
    pub(super) fn take_back(&self, patience: Patience, key: &str) {
        let misses = self.of(patience, key);
        let mut misses = misses.lock().unwrap_or_else(PoisonError::into_inner);
        misses.count = misses.count.saturating_sub(1);
        misses.until = None;
    }

    fn of(&self, patience: Patience, key: &str) -> Arc<Mutex<Misses>> {
        self.misses.get_with(digest(patience, key), Arc::default)
    }
}

fn digest(patience: Patience, key: &str) -> [u8; 32] {
    let mut sum = Sha256::new();
    sum.update(patience.kind);
    sum.update([0]);
    sum.update(key);
    sum.finalize().into()
}

/// One household of addresses: an IPv6 customer owns a whole /64.
pub(super) fn household(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("{:x}", v6.to_bits() >> 64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).expect("an instant")
    }

    #[test]
    fn the_sixth_try_waits_and_each_further_miss_doubles_the_wait() {
        let lockout = Lockout::default();
        let attempt = |second| lockout.attempt(ACCOUNT, "anna", at(second));
        for _ in 0..5 {
            assert_eq!(attempt(0), Ok(()));
        }
        assert_eq!(attempt(0), Err(5));
        assert_eq!(attempt(4), Err(1), "waiting is not punished");
        assert_eq!(attempt(5), Ok(()));
        assert_eq!(attempt(5), Err(10));
        assert_eq!(attempt(15), Ok(()));
        assert_eq!(attempt(15), Err(20));
        assert_eq!(lockout.attempt(ACCOUNT, "boris", at(15)), Ok(()), "others are not locked");
    }

    #[test]
    fn the_wait_has_an_end_however_stubborn_somebody_is() {
        let lockout = Lockout::default();
        let mut now = 0;
        for _ in 0..200 {
            now += lockout.attempt(ACCOUNT, "anna", at(now)).err().map_or(0, i64::from);
        }
        let wait = (0..2).filter_map(|_| lockout.attempt(ACCOUNT, "anna", at(now)).err()).max();
        assert!(wait.is_some_and(|wait| wait <= 300), "{wait:?}");
    }

    #[test]
    fn success_forgets_an_account_and_takes_one_back_from_an_address() {
        let lockout = Lockout::default();
        for _ in 0..5 {
            assert_eq!(lockout.attempt(ACCOUNT, "anna", at(0)), Ok(()));
        }
        lockout.forget(ACCOUNT, "anna");
        assert_eq!(lockout.attempt(ACCOUNT, "anna", at(0)), Ok(()));
        for _ in 0..100 {
            assert_eq!(lockout.attempt(ADDRESS, "10.0.0.1", at(0)), Ok(()));
            lockout.take_back(ADDRESS, "10.0.0.1");
        }
    }

    #[test]
    fn neighbours_in_one_network_of_version_six_are_one_household() {
        let of = |text: &str| household(text.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
    }
}
