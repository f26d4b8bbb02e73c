//! The shape every stream's rules have: two pure functions over a folded state.

use std::fmt::Debug;

use chrono::{DateTime, Utc};

use crate::{
    event_store::StreamId,
    fact::{Actor, Fact},
    ids::{CommandId, EventId},
    queue_event::Event,
    refusal::Refusal,
};

/// A fact of one stream with what the rules need to know around it.
#[derive(Debug, Clone, Copy)]
pub struct Happened<'a> {
    pub event_id: EventId,
    pub at: DateTime<Utc>,
    pub command_id: CommandId,
    pub actor: &'a Actor,
    pub imported: bool,
    pub event: &'a Event,
}

impl<'a> From<&'a Fact> for Happened<'a> {
    fn from(fact: &'a Fact) -> Self {
        Self {
            event_id: fact.event_id,
            at: fact.occurred_at,
            command_id: fact.meta.command_id,
            actor: &fact.meta.actor,
            imported: fact.is_imported(),
            event: &fact.event,
        }
    }
}

/// The state of one stream, and the rules that live there.
///
/// `decide` refuses; `evolve` believes: history already happened, and an odd event leaves the state as it is.
pub trait Aggregate: Default + Clone + Debug + Send + Sync + 'static {
    type Action: Clone + Debug + Send + Sync;

    /// What follows from the request, on this state.
    ///
    /// # Errors
    /// The rule that says no.
    fn decide(&self, request: &Request<Self::Action>) -> Result<Vec<Event>, Refusal>;

    fn evolve(&mut self, happened: Happened<'_>);

    /// Whether nothing can follow any more, so that nobody needs to look again.
    fn is_final(&self) -> bool {
        false
    }
}

/// The state as it would be after this request; nothing is written, and the request may be one that nobody made.
///
/// # Errors
/// The rule that says no.
pub fn supposed<A: Aggregate>(state: &A, request: &Request<A::Action>) -> Result<A, Refusal> {
    let mut after = state.clone();
    for event in state.decide(request)? {
        after.evolve(Happened {
            event_id: EventId(request.id.0),
            at: request.at,
            command_id: request.id,
            actor: &request.actor,
            imported: false,
            event: &event,
        });
    }
    Ok(after)
}

/// One request to one stream. `at` is stamped under the stream's lock and never before its last event.
#[derive(Debug, Clone, PartialEq)]
pub struct Request<A> {
    pub id: CommandId,
    pub stream: StreamId,
    pub at: DateTime<Utc>,
    pub actor: Actor,
    pub action: A,
}
