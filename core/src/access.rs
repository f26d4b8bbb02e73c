//! What went wrong at the doors on one day, in `access-{date}` (UTC): sign-ins that failed and accounts that locked. A
//! stream of its own for each day, because these facts belong to nobody's history when the account does not exist.
//! There are no rules here: whoever guards the doors says what happened.

pub mod event;

use chrono::{DateTime, Utc};

use self::event::{AccountLocked, SignInFailed};
use crate::{
    aggregate::{Aggregate, Happened, Request},
    event_store::StreamId,
    queue_event::{AccessEvent, Event},
    refusal::Refusal,
};

/// What can be said to a day's stream: one attempt may fail and lock its account at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    pub failed: SignInFailed,
    pub locked: Option<AccountLocked>,
}

/// Nothing of a day's failures decides anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessDay;

/// The stream of the day an instant belongs to.
#[must_use]
pub fn stream(at: DateTime<Utc>) -> StreamId {
    StreamId::new(&format!("access-{}", at.date_naive()))
}

impl Aggregate for AccessDay {
    type Action = Action;

    fn decide(&self, request: &Request<Action>) -> Result<Vec<Event>, Refusal> {
        let Action { failed, locked } = request.action.clone();
        let failed = Event::Access(AccessEvent::from(failed));
        Ok([failed].into_iter().chain(locked.map(|it| Event::Access(it.into()))).collect())
    }

    fn evolve(&mut self, _: Happened<'_>) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        access::event::{Failure, Way},
        fact::Actor,
        ids::CommandId,
        testing::samples::NINE_OCLOCK,
    };

    #[test]
    fn a_failure_is_one_fact_and_a_lock_another_in_the_stream_of_its_day() {
        let failed =
            SignInFailed { staff: None, way: Way::Password, reason: Failure::WrongDetails, unwritten: 0 };
        let locked = AccountLocked { staff: None, way: Way::Password, until: NINE_OCLOCK };
        let asked = |locked| {
            let action = Action { failed: failed.clone(), locked };
            let id = CommandId(uuid::Uuid::nil());
            let request =
                Request { id, stream: stream(NINE_OCLOCK), at: NINE_OCLOCK, actor: Actor::system(), action };
            let events = AccessDay.decide(&request).expect("nothing is refused");
            events.iter().map(|it| it.wire().0.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(asked(None), ["access.sign_in_failed"]);
        assert_eq!(asked(Some(locked)), ["access.sign_in_failed", "access.account_locked"]);
        let day = NINE_OCLOCK.date_naive().to_string();
        assert_eq!(stream(NINE_OCLOCK).as_str(), format!("access-{day}"));
    }
}
