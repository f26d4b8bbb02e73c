//! Guessing is made slow: after a few misses each next try has to wait longer, for the account and for the address it
//! comes from. An account that does not exist locks like one that does, so the wait tells nothing. Counted in the vault:
//! whichever node is asked knows, and a restart forgives nobody.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use talon_storage::{
    Vault,
    vault::{self, Try},
};

use super::AccessDenied;

/// How patient we are with one kind of key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Keeps kinds of keys apart.
    kind: &'static str,
    with: vault::Patience,
}

const fn patience(kind: &'static str, free: u16, first: TimeDelta, longest: TimeDelta) -> Patience {
    Patience { kind, with: vault::Patience { free, first, longest } }
}

const FIRST: TimeDelta = TimeDelta::seconds(5);
const MINUTE: TimeDelta = TimeDelta::minutes(1);
const LONG: TimeDelta = TimeDelta::minutes(5);
const HOUR: TimeDelta = TimeDelta::hours(1);

/// Somebody's password.
pub(super) const ACCOUNT: Patience = patience("account", 4, FIRST, LONG);
/// Behind one address may sit a whole branch.
pub(super) const ADDRESS: Patience = patience("address", 20, FIRST, LONG);
/// Six digits of an authenticator, after the password was right.
pub(super) const SECOND_FACTOR: Patience = patience("second factor", 4, FIRST, LONG);
/// The password of whoever is signed in already: a page left open must not become a place to guess.
pub(super) const OWN_PASSWORD: Patience = patience("own password", 4, FIRST, LONG);
/// Codes for pairing typed at one address.
pub(super) const PAIRING_FROM: Patience = patience("pairing from", 4, FIRST, LONG);
/// Codes for pairing have six digits only: ten addresses together must not find one either.
pub(super) const PAIRING: Patience = patience("pairing", 50, FIRST, MINUTE);

/// Letters with a link for whoever forgot the password: to one account, existing or not.
pub(super) const RECOVERY: Patience = patience("recovery", 2, MINUTE, HOUR);
/// Codes sent to one phone or address: each costs money, and patience.
pub(super) const CODES_TO: Patience = patience("codes to", 0, MINUTE, HOUR);

/// More subjects than honest people miss within an hour; beyond, those with the fewest tries are forgotten.
const MOST: i64 = 200_000;

/// Who missed how often. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Lockout {
    vault: Vault,
}

impl Lockout {
    pub(super) fn new(vault: Vault) -> Self {
        Self { vault }
    }

    /// Counts a try as a miss before it is known to be one, and says until when nobody may try after it.
    ///
    /// # Errors
    /// `TooManyAttempts`, for a try that comes too early and is not counted; `Unavailable`.
    pub(super) async fn attempt(
        &self,
        patience: Patience,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, AccessDenied> {
        match self.vault.count_miss(patience.kind, key, patience.with, now).await? {
            Try::Counted(locked_until) => Ok(locked_until),
            Try::Waits(until) => Err(AccessDenied::TooManyAttempts { seconds: seconds_until(until, now) }),
        }
    }

    /// It was no miss: the account starts anew.
    ///
    /// # Errors
    /// `Unavailable`.
    pub(super) async fn forget(&self, patience: Patience, key: &str) -> Result<(), AccessDenied> {
        Ok(self.vault.forget_misses(patience.kind, key).await?)
    }

    /// It was no miss: for keys that many people share.
    ///
    /// # Errors
    /// `Unavailable`.
    pub(super) async fn take_back(
        &self,
        patience: Patience,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<(), AccessDenied> {
        Ok(self.vault.take_back_miss(patience.kind, key, now).await?)
    }

    /// Housekeeping.
    ///
    /// # Errors
    /// `Unavailable`.
    pub(super) async fn tend(&self, now: DateTime<Utc>) -> Result<(), AccessDenied> {
        self.vault.forget_old_misses(now, MOST).await?;
        Ok(())
    }
}

/// Whole seconds, at least one.
pub(super) fn seconds_until(until: DateTime<Utc>, now: DateTime<Utc>) -> u32 {
    let wait = (until - now).num_milliseconds().max(1);
    u32::try_from((wait + 999) / 1000).unwrap_or(u32::MAX)
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

    #[test]
    fn neighbours_in_one_network_of_version_six_are_one_household() {
        let of = |text: &str| household(text.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
    }
}
