//! The system's clock and source of ids: the adapter of `talon_core::time::Clock` that real servers run on.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use talon_core::time::{Clock, to_micros};
use uuid::Uuid;

/// The machine's clock, in microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> DateTime<Utc> {
        to_micros(Utc::now())
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that waits for the clock")]
    async fn sleep_until(&self, until: DateTime<Utc>) {
        if let Ok(rest) = (until - self.now()).to_std() {
            tokio::time::sleep(rest).await;
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}
