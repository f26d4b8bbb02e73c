//! How often somebody may come: one bucket for each address, account, device and phone number, refilled steadily
//! (governor's GCRA). Buckets are kept by a hash under a key of this process, so that no address and no number is held
//! here, and there are never more than `KNOWN` of them: whoever floods us with new keys pushes out their own.
//!
//! Each process counts for itself and forgets at its end.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use governor::{
    NotUntil, Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{InMemoryState, NotKeyed, StateStore},
};
use moka::sync::Cache;

use crate::{auth::Principal, config};

/// Buckets of one kind; a bucket takes about a hundred bytes.
const KNOWN: u64 = 100_000;
/// Whoever was quiet for so many seconds may come as often as that at once.
const QUIET_S: u32 = 20;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal),+ $(,)?) => {
        /// What is counted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind {
            $($(#[$doc])* $kind),+
        }

        impl Kind {
            const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// Its name in figures.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name),+ }
            }
        }
    };
}

kinds! {
    /// Requests of strangers from one address, a whole network of phones and screens perhaps.
    Address = "address",
    /// Requests of one account, wherever it is signed in.
    Account = "account",
    /// Requests of one paired device.
    Device = "device",
    /// Codes sent to one phone or e-mail: the key is the normalised value.
    Phone = "phone",
    /// Codes asked for from one address.
    Codes = "codes",
    /// Tries to get in from one address, renewals of a session among them.
    SignIn = "sign_in",
    /// Files of the pages, from one address.
    Pages = "pages",
}

/// Came too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many requests: {seconds} s")]
pub struct TooMany {
    /// After so long one more is allowed.
    pub seconds: u32,
}

/// All buckets of this process. Cheap to clone.
#[derive(Clone)]
pub struct Limits {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Limits {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Limits").finish_non_exhaustive()
    }
}

struct Inner {
    hash: RandomState,
    clock: Steady,
    /// In the order of `Kind`; nothing where there is no limit.
    gates: Vec<Option<Gate>>,
}

struct Gate {
    limiter: RateLimiter<u64, Buckets, Steady, NoOpMiddleware<Nanos>>,
    #[cfg(test)]
    known: Cache<u64, Arc<InMemoryState>>,
}

impl Limits {
    #[must_use]
    pub fn new(config: &config::Limits) -> Self {
        let clock = Steady::default();
        let gate = |kind: &Kind| {
            let (quota, full_after) = quota(*kind, config)?;
            let buckets = Buckets::kept_for(full_after);
            Some(Gate {
                #[cfg(test)]
                known: buckets.0.clone(),
                limiter: RateLimiter::new(quota, buckets, clock.clone()),
            })
        };
        let gates = Kind::ALL.iter().map(gate).collect();
        Self { inner: Arc::new(Inner { hash: RandomState::new(), clock, gates }) }
    }

    /// Counts one time more.
    ///
    /// # Errors
    /// When it is one too many; that one is not counted.
    pub fn check(&self, kind: Kind, key: &str) -> Result<(), TooMany> {
        self.count(kind, self.inner.hash.hash_one(key))
    }

    /// The same for an address: neighbours in one network of version 6 are one.
    ///
    /// # Errors
    /// When it is one too many.
    pub fn check_address(&self, kind: Kind, address: IpAddr) -> Result<(), TooMany> {
        self.count(kind, self.inner.hash.hash_one(household(address)))
    }

    /// Counts a request of whoever sent it: an account and a device by themselves, all others by their address.
    ///
    /// # Errors
    /// When it is one too many.
    pub fn charge(&self, principal: &Principal, address: IpAddr) -> Result<(), TooMany> {
        if let Some(staff) = principal.staff_id() {
            return self.check(Kind::Account, staff.as_str());
        }
        if let Some(customer) = principal.customer_id() {
            return self.check(Kind::Account, customer.as_str());
        }
        match principal.device_id() {
            Some(device) => self.check(Kind::Device, device.as_str()),
            None => self.check_address(Kind::Address, address),
        }
    }

    fn count(&self, kind: Kind, key: u64) -> Result<(), TooMany> {
        let Some(gate) = self.inner.gates.get(kind as usize).and_then(Option::as_ref) else { return Ok(()) };
        gate.limiter.check_key(&key).map_err(|not_until| {
            metrics::counter!("limited_requests_total", "kind" => kind.name()).increment(1);
            TooMany { seconds: rest(&not_until, self.inner.clock.now()) }
        })
    }

    #[cfg(test)]
    fn skip(&self, time: Duration) {
        self.inner.clock.skip(time);
    }
}

fn rest(not_until: &NotUntil<Nanos>, now: Nanos) -> u32 {
    let wait = not_until.wait_time_from(now).as_millis().div_ceil(1_000);
    u32::try_from(wait).unwrap_or(u32::MAX).max(1)
}

/// How fast buckets of a kind are refilled, how much they hold, and when an empty one is full again; 0 is no limit.
fn quota(kind: Kind, config: &config::Limits) -> Option<(Quota, Duration)> {
    let (number, period_s, burst) = match kind {
        Kind::Address => (config.address_per_s, 1, config.address_per_s.saturating_mul(QUIET_S)),
        Kind::Account => (config.account_per_s, 1, config.account_per_s.saturating_mul(QUIET_S)),
        Kind::Device => (config.device_per_s, 1, config.device_per_s.saturating_mul(QUIET_S)),
        Kind::Pages => (config.pages_per_s, 1, config.pages_per_s.saturating_mul(QUIET_S)),
        Kind::SignIn => (config.sign_ins_per_min, 60, config.sign_ins_per_min),
        Kind::Codes => (config.codes_per_address_per_hour, 3_600, config.codes_per_address_per_hour),
        Kind::Phone => (config.codes_per_hour, 3_600, config.codes_per_hour),
    };
    let (number, burst) = (NonZeroU32::new(number)?, NonZeroU32::new(burst)?);
    let each = Duration::from_secs(period_s) / number.get();
    Some((Quota::with_period(each)?.allow_burst(burst), each * burst.get()))
}

/// The network a stranger comes from: an IPv6 customer owns a whole /64.
#[must_use]
pub fn household(address: IpAddr) -> u128 {
    match address.to_canonical() {
        // Beyond what the half of an IPv6 address can be.
        IpAddr::V4(v4) => u128::from(v4.to_bits()) | 1 << 127,
        IpAddr::V6(v6) => v6.to_bits() >> 64,
    }
}

/// Where buckets stand; those that are full again are forgotten.
struct Buckets(Cache<u64, Arc<InMemoryState>>);

impl Buckets {
    fn kept_for(full_after: Duration) -> Self {
        let kept = full_after.max(Duration::from_secs(60));
        Self(Cache::builder().max_capacity(KNOWN).time_to_idle(kept).build())
    }
}

impl StateStore for Buckets {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let bucket = match self.0.get(key) {
            Some(bucket) => bucket,
            None => self.0.get_with(*key, Arc::default),
        };
        bucket.measure_and_replace(&NotKeyed::NonKey, decide)
    }
}

/// Time that only goes on: a clock that is set back must lock nobody out.
#[derive(Debug, Clone)]
struct Steady {
    began: Instant,
    #[cfg(test)]
    skipped: Arc<std::sync::atomic::AtomicU64>,
}

impl Default for Steady {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            #[cfg(test)]
            skipped: Arc::default(),
        }
    }
}

impl Clock for Steady {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let passed = Nanos::from(self.began.elapsed());
        #[cfg(test)]
        let passed = passed + Nanos::new(self.skipped.load(std::sync::atomic::Ordering::Relaxed));
        passed
    }
}

#[cfg(test)]
impl Steady {
    fn skip(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap();
        self.skipped.fetch_add(nanos, std::sync::atomic::Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(change: impl FnOnce(&mut config::Limits)) -> Limits {
        let mut config = config::Limits::default();
        change(&mut config);
        Limits::new(&config)
    }

    #[test]
    fn a_phone_gets_so_many_codes_an_hour_and_then_one_at_a_time() {
        let limits = limits(|it| it.codes_per_hour = 4);
        let ask = || limits.check(Kind::Phone, "+79990000001");
        for _ in 0..4 {
            assert_eq!(ask(), Ok(()));
        }
        let TooMany { seconds } = ask().unwrap_err();
        assert!((890..=900).contains(&seconds), "{seconds}");
        assert_eq!(limits.check(Kind::Phone, "+79990000002"), Ok(()), "others may");
        limits.skip(Duration::from_secs(seconds.into()));
        assert_eq!(ask(), Ok(()));
        assert!(ask().is_err());
        limits.skip(Duration::from_secs(24 * 3600));
        assert_eq!((0..9).filter(|_| ask().is_ok()).count(), 4, "quiet is not saved up");
    }

    #[test]
    fn no_number_is_no_limit() {
        let limits = limits(|it| it.address_per_s = 0);
        let here = "192.0.2.1".parse().unwrap();
        assert!((0..10_000).all(|_| limits.check_address(Kind::Address, here).is_ok()));
    }

    #[test]
    fn a_network_of_version_six_is_one_address_and_version_four_is_never_one_of_them() {
        let of = |text: &str| household(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
        assert_ne!(of("10.0.0.1"), of("::a00:1:0:0:0:0"));
    }

    #[test]
    fn a_flood_of_addresses_takes_bounded_memory_and_does_not_free_whoever_is_held() {
        let limits = limits(|it| it.codes_per_address_per_hour = 5);
        let here = "192.0.2.1".parse().unwrap();
        while limits.check_address(Kind::Codes, here).is_ok() {}
        for n in 0..300_000_u32 {
            let address = IpAddr::V4((0x0a00_0000 + n).into());
            limits.check_address(Kind::Codes, address).unwrap();
            if n % 1_000 == 0 {
                assert!(limits.check_address(Kind::Codes, here).is_err(), "after {n}");
            }
        }
        let Some(gate) = &limits.inner.gates[Kind::Codes as usize] else { unreachable!() };
        gate.known.run_pending_tasks();
        assert!(gate.known.entry_count() <= KNOWN);
    }
}
