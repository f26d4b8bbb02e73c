//! Keeps access up to date with the log: dismissals, sign-outs and revoked devices of other nodes take effect here.

use talon_core::time::Clock;
use talon_storage::Tail;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::auth::Access;

const BATCH: u32 = 1_000;
const AFTER_FAILURE: chrono::TimeDelta = chrono::TimeDelta::milliseconds(500);

/// Passes on every fact written after `from` until told to stop. A fact that could not be taken in is offered again.
pub async fn run(
    access: Access,
    tail: Tail,
    from: u64,
    clock: std::sync::Arc<dyn Clock>,
    stop: CancellationToken,
) {
    let mut at = from;
    loop {
        let batch = tokio::select! {
            () = stop.cancelled() => return,
            batch = tail.next_batch(at, BATCH) => batch,
        };
        let taken = match batch {
            Ok(batch) => {
                let mut taken = Ok(());
                for raw in &batch {
                    // Facts of the hall are none of its business, and most facts are of the hall.
                    if !raw.stream.as_str().starts_with("queue-")
                        && let Ok(fact) = raw.fact()
                    {
                        taken = access.take_in(&fact).await;
                        if taken.is_err() {
                            break;
                        }
                    }
                    at = raw.position;
                }
                taken.map_err(|error| crate::http::problem::chain(&error))
            }
            Err(error) => Err(crate::http::problem::chain(&error)),
        };
        if let Err(error) = taken {
            warn!(error, "access waits for the log");
            tokio::select! {
                () = stop.cancelled() => return,
                () = clock.sleep_until(clock.now() + AFTER_FAILURE) => {}
            }
        }
    }
}

/// How often keys are looked after.
const ROUND: chrono::TimeDelta = chrono::TimeDelta::minutes(1);

/// Drops retired keys and sessions that are over, once a minute, until told to stop.
pub async fn tend(access: Access, clock: std::sync::Arc<dyn Clock>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = clock.sleep_until(clock.now() + ROUND) => {}
        }
        if let Err(denied) = access.tend().await {
            warn!(error = %denied, "keys and sessions could not be looked after");
        }
    }
}
