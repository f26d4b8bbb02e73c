//! A clock for what is to have happened already.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rand::RngCore;
use rand_chacha::ChaCha8Rng;
use talon_core::time::Clock;
use uuid::Uuid;

/// A clock that is wherever it was told to be, with ids from a seed.
#[derive(Debug)]
pub struct LeapingClock {
    state: Mutex<(DateTime<Utc>, ChaCha8Rng)>,
}

impl LeapingClock {
    pub fn at(now: DateTime<Utc>, ids: ChaCha8Rng) -> Self {
        Self { state: Mutex::new((now, ids)) }
    }

    /// Goes forward to this instant; never back.
    pub fn leap(&self, to: DateTime<Utc>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 = state.0.max(to);
    }
}

#[async_trait]
impl Clock for LeapingClock {
    fn now(&self) -> DateTime<Utc> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    async fn sleep_until(&self, until: DateTime<Utc>) {
        self.leap(until);
    }

    fn new_id(&self) -> Uuid {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut luck = [0; 10];
        state.1.fill_bytes(&mut luck);
        let millis = u64::try_from(state.0.timestamp_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &luck).into_uuid()
    }
}
