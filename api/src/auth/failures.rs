//! Everybody who was not let in leaves a trace: a figure, a line, and a fact of `access-{date}`. The same is done
//! whether the account exists or not, so that it takes as long. Figures have no bound; facts have one, because strangers
//! must not be able to fill the log.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use talon_core::{
    access::{
        Action,
        event::{AccountLocked, Failure, SignInFailed, Way},
    },
    dispatch::Envelope,
    fact::Actor,
    ids::{CommandId, OperatorId},
};

use super::Access;

/// How many failures a process writes down in one minute; lock-outs keep honest people far below.
const WRITTEN_PER_MINUTE: u32 = 60;

/// Somebody was not let in.
#[derive(Debug, Clone)]
pub(super) struct Failed<'a> {
    pub(super) staff: Option<&'a OperatorId>,
    pub(super) way: Way,
    pub(super) reason: Failure,
    /// Until when the account lets nobody try again, if this miss locked it.
    pub(super) locked: Option<DateTime<Utc>>,
}

/// How many facts this minute still holds.
#[derive(Debug, Default)]
pub(super) struct Budget(Mutex<Minute>);

#[derive(Debug, Default)]
struct Minute {
    number: i64,
    written: u32,
    unwritten: u32,
}

impl Budget {
    /// Whether one more may be written; with how many were not, the last time one could not.
    fn spend(&self, now: DateTime<Utc>) -> Option<u32> {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now.timestamp().div_euclid(60);
        if minute.number != number {
            minute.number = number;
            minute.written = 0;
        }
        if minute.written >= WRITTEN_PER_MINUTE {
            minute.unwritten = minute.unwritten.saturating_add(1);
            return None;
        }
        minute.written += 1;
        Some(std::mem::take(&mut minute.unwritten))
    }
}

impl Access {
    /// Counts, traces and writes down that somebody was not let in. That the log does not answer lets nobody in either.
    pub(super) async fn note_failure(&self, failed: Failed<'_>) {
        let Failed { staff, way, reason, locked } = failed;
        counted(way, reason.code());
        tracing::info!(
            way = way.code(),
            reason = reason.code(),
            staff = staff.map_or("", OperatorId::as_str),
            "somebody was not let in"
        );
        let inner = &self.inner;
        let now = inner.clock.now();
        let Some(unwritten) = inner.failures.spend(now) else { return };
        let action = Action {
            failed: SignInFailed { staff: staff.cloned(), way, reason, unwritten },
            locked: locked.map(|until| AccountLocked { staff: staff.cloned(), way, until }),
        };
        let command = CommandId(inner.clock.new_id());
        let envelope = Envelope::new(command, Actor::system(), command.0.as_bytes());
        if let Err(error) = inner.people.access(now, envelope, action).await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "that somebody was not let in is not in the log"
            );
        }
    }
}

/// Counts how a sign-in ended.
pub(super) fn counted(way: Way, outcome: &'static str) {
    metrics::counter!("sign_ins_total", "way" => way.code(), "outcome" => outcome).increment(1);
}

/// Counts and traces a credential that was refused: these are strangers' to make up, so they are no facts.
pub(super) fn refused(what: &'static str, why: &'static str) {
    metrics::counter!("credentials_refused_total", "what" => what, "why" => why).increment(1);
    tracing::info!(what, why, "a credential was refused");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_counted_and_the_next_fact_says_how_much_was_not_written() {
        let budget = Budget::default();
        let at = |second: i64| DateTime::from_timestamp(1_800_000_000 + second, 0).expect("an instant");
        for _ in 0..WRITTEN_PER_MINUTE {
            assert_eq!(budget.spend(at(0)), Some(0));
        }
        assert_eq!(budget.spend(at(59)), None);
        assert_eq!(budget.spend(at(59)), None);
        assert_eq!(budget.spend(at(60)), Some(2));
        assert_eq!(budget.spend(at(60)), Some(0));
    }
}
