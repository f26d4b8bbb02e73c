//! Nobody is kept for ever: customers whom nobody has seen for as long as the configuration says are erased at night,
//! by one node of a cluster, and with them every visit, and the notes about it, that is as old. A machine that is switched
//! off at night does it when it is started.

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
/// Setting: when the rule was last kept to its end.
const LAST_RUN: &str = "retention-last-run";
const DAY: TimeDelta = TimeDelta::days(1);
/// UTC; before the daily backup, so that nobody who had to go is copied once more.
const AT: NaiveTime = match NaiveTime::from_hms_opt(2, 30, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};
const BATCH: i64 = 200;
const AFTER_FAILURE: TimeDelta = TimeDelta::minutes(10);

/// Keeps the rule each night, and soon after a start that comes later, until told to stop. Without one it has nothing to do.
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
    let mut not_before = DateTime::<Utc>::MIN_UTC;
    loop {
        let term = tokio::select! {
            () = stop.cancelled() => return,
            term = leadership.lead(JOB) => term,
        };
        let now = clock.now();
        let next = match vault.setting(LAST_RUN).await {
            Ok(last) => next_run(last.as_deref(), now),
            Err(failed) => {
                error!(error = %failed, "nobody knows when the rule of retention was last kept");
                now + AFTER_FAILURE
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = term.over() => continue,
            () = clock.sleep_until(next.max(not_before)) => {}
        }
        if let Err(denied) = keep_and_note(&customers, &vault, months, clock.now()).await {
            error!(error = %denied, "the rule of retention could not be kept");
            not_before = clock.now() + AFTER_FAILURE;
        }
    }
}

/// At night, and at once when that is longer ago than a day.
fn next_run(last: Option<&str>, now: DateTime<Utc>) -> DateTime<Utc> {
    let last = last.and_then(|it| it.parse::<DateTime<Utc>>().ok());
    match last {
        // A clock that was ahead once must not put it off for ever.
        Some(last) if last <= now => next_at(now, AT).min(last + DAY).max(now),
        _ => now,
    }
}

async fn keep_and_note(
    customers: &Customers,
    vault: &Vault,
    months: u32,
    now: DateTime<Utc>,
) -> Result<(), AccessDenied> {
    let count = keep(customers, vault, months, now).await?;
    info!(count, "customers not seen for {months} months were erased");
    vault.put_setting(LAST_RUN, &now.to_rfc3339()).await?;
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_switched_off_at_night_keeps_the_rule_by_day() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let ten = at("2026-11-20T10:00:00Z");
        assert_eq!(next_run(None, ten), ten, "never yet");
        assert_eq!(next_run(Some("2026-11-18T02:30:00Z"), ten), ten, "two nights were missed");
        assert_eq!(next_run(Some("2026-11-20T02:30:01Z"), ten), at("2026-11-21T02:30:00Z"));
        assert_eq!(next_run(Some("2026-11-19T10:20:00Z"), ten), at("2026-11-20T10:20:00Z"), "a day is over");
        assert_eq!(next_run(Some("2027-01-01T00:00:00Z"), ten), ten, "the clock was ahead");
        assert_eq!(next_run(Some("nonsense"), ten), ten);
    }
}
