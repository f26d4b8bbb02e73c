//! Any aggregate, asked in turn: a small hall for streams that are not a business day.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::samples::NINE_OCLOCK;
use crate::{
    aggregate::{Aggregate, Happened, Request},
    event_store::StreamId,
    fact::Actor,
    ids::{CommandId, EventId},
    queue_event::Event,
    refusal::Refusal,
};

/// The folded state of one stream in a test, at nine o'clock unless told otherwise.
#[derive(Debug, Clone)]
pub struct Asked<A> {
    pub state: A,
    pub now: DateTime<Utc>,
    events: u128,
}

impl<A: Aggregate> Default for Asked<A> {
    fn default() -> Self {
        Self { state: A::default(), now: NINE_OCLOCK, events: 0 }
    }
}

impl<A: Aggregate> Asked<A> {
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Self {
        Self { now, ..Self::default() }
    }

    /// Asks, and lives with the answer.
    ///
    /// # Errors
    /// The rule that said no.
    pub fn ask(&mut self, action: A::Action) -> Result<Vec<Event>, Refusal> {
        let id = CommandId(Uuid::nil());
        let (stream, actor) = (StreamId::new("sample"), Actor::system());
        let request = Request { id, stream, at: self.now, actor: actor.clone(), action };
        let events = self.state.decide(&request)?;
        for event in &events {
            self.events += 1;
            let event_id = EventId(Uuid::from_u128(self.events));
            let at = self.now;
            let happened = Happened { event_id, at, command_id: id, actor: &actor, imported: false, event };
            self.state.evolve(happened);
        }
        Ok(events)
    }

    /// Asks what must be granted.
    #[must_use]
    #[track_caller]
    pub fn after(mut self, action: A::Action) -> Self {
        if let Err(refusal) = self.ask(action) {
            panic!("{}", refusal.code());
        }
        self
    }

    /// Asks what must be refused.
    #[track_caller]
    pub fn refuses(&self, action: A::Action, refusal: Refusal) {
        assert_eq!(self.clone().ask(action), Err(refusal));
    }

    /// Asks what is so already: granted, and nothing is written.
    #[track_caller]
    pub fn has_nothing_to_add(&self, action: A::Action) {
        assert_eq!(self.clone().ask(action), Ok(Vec::new()));
    }
}
