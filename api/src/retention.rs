//! Nobody is kept for ever: customers whom nobody has seen for as long as the configuration says are erased at night,
//! by one node of a cluster, and with them the notes about visits of nobody in particular that are as old.

use std::sync::Arc;

use chrono::{DateTime, Months, NaiveTime, TimeDelta, Utc};
use talon_core::{
    customer::event::{EraseReason, ErasedBy},
    fact::Actor,
    ids::{CommandId, CustomerId},
    refusal::Refusal,
    time::Clock,
};
use talon_storage::{Leadership, Vault};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::{auth::AccessDenied, customers::Customers, nightly::next_at};

const JOB: &str = "retention";
/// UTC; before the daily backup, so that nobody who had to go is copied once more.
const AT: NaiveTime = match NaiveTime::from_hms_opt(2, 30, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};
const BATCH: i64 = 200;
const AFTER_FAILURE: TimeDelta = TimeDelta::minutes(10);

/// Keeps the rule each night until told to stop. Without one it has nothing to do.
pub async fn run(
    customers: Customers,
    vault: Vault,
    months: u32,
    leadership: Leadership,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) {
    if months == 0 {
        return;
    }
    let mut next = next_at(clock.now(), AT);
    loop {
        let term = tokio::select! {
            () = stop.cancelled() => return,
            term = leadership.lead(JOB) => term,
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = term.over() => continue,
            () = clock.sleep_until(next) => {}
        }
        let now = clock.now();
        next = match keep(&customers, &vault, months, now).await {
            Ok(count) => {
                info!(count, "customers not seen for {months} months were erased");
                next_at(now, AT)
            }
            Err(denied) => {
                error!(error = %denied, "the rule of retention could not be kept");
                now + AFTER_FAILURE
            }
        };
    }
}

/// Erases everybody not seen for so many months, and gives their number.
///
/// # Errors
/// `Unavailable`; whoever was erased stays so.
pub async fn keep(
    customers: &Customers,
    vault: &Vault,
    months: u32,
    now: DateTime<Utc>,
) -> Result<usize, AccessDenied> {
    let Some(before) = now.checked_sub_months(Months::new(months)) else { return Ok(0) };
    let mut count = 0;
    loop {
        let unseen = vault.customers_unseen(before, BATCH).await?;
        if unseen.is_empty() {
            break;
        }
        for row in unseen {
            // Somebody may have come back while we were at it.
            let still = vault.customer(&row.customer).await?.is_some_and(|it| it.seen_at < before);
            if still {
                erase(customers, &CustomerId::trusted(&row.customer)).await?;
                count += 1;
            }
        }
    }
    vault.forget_old_notes(before).await?;
    Ok(count)
}

async fn erase(customers: &Customers, id: &CustomerId) -> Result<(), AccessDenied> {
    let command = CommandId::derived(&[id.as_str(), "retention"]);
    let (by, reason) = (ErasedBy::Retention, EraseReason::Retention);
    match customers.erase(id, by, reason, Actor::system(), command).await {
        // A registration that broke off: there is a row and no fact.
        Err(AccessDenied::Refused(Refusal::UnknownThing { .. })) => customers.forget(id).await,
        done => done.map(|_| ()),
    }
}
