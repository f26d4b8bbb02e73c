//! The one place that knows what time it is. Rules receive instants inside commands and never ask.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use uuid::Uuid;

/// The clock and the source of ids and randomness. Instants are UTC in whole microseconds.
#[async_trait]
pub trait Clock: Send + Sync {
    fn now(&self) -> DateTime<Utc>;

    /// Returns when `until` is reached on this clock; at once when it already was.
    async fn sleep_until(&self, until: DateTime<Utc>);

    /// A new time-ordered id (uuid v7).
    fn new_id(&self) -> Uuid;
}

/// Cuts an instant to the microseconds that every store can keep.
#[must_use]
pub fn to_micros(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(at)
}

/// The instant a count of microseconds since 1970 names; instants out of range become 1970.
#[must_use]
pub fn from_micros(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// Milliseconds from `earlier` to `later`; negative when they are the other way round.
#[must_use]
pub fn millis_between(earlier: DateTime<Utc>, later: DateTime<Utc>) -> i64 {
    (later - earlier).num_milliseconds()
}

/// Whole seconds as a span of time.
#[must_use]
pub fn seconds(count: u32) -> TimeDelta {
    TimeDelta::seconds(i64::from(count))
}

/// A clock that moves only when told: for tests, replays and forecasts.
#[derive(Debug, Clone)]
pub struct ManualClock {
    state: Arc<Mutex<ManualState>>,
    moved: Arc<tokio::sync::Notify>,
}

#[derive(Debug)]
struct ManualState {
    now: DateTime<Utc>,
    issued: u64,
}

impl ManualClock {
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Self {
        Self { state: Arc::new(Mutex::new(ManualState { now, issued: 0 })), moved: Arc::default() }
    }

    /// Moves the hands, also backwards, as real clocks sometimes do.
    pub fn set(&self, now: DateTime<Utc>) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).now = now;
        self.moved.notify_waiters();
    }

    pub fn advance(&self, by: TimeDelta) {
        let now = self.now() + by;
        self.set(now);
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).now
    }

    async fn sleep_until(&self, until: DateTime<Utc>) {
        loop {
            let moved = self.moved.notified();
            if self.now() >= until {
                return;
            }
            moved.await;
        }
    }

    fn new_id(&self) -> Uuid {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.issued += 1;
        let millis = u64::try_from(state.now.timestamp_millis()).unwrap_or_default();
        let mut tail = [0; 10];
        tail[2..].copy_from_slice(&state.issued.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }
}
