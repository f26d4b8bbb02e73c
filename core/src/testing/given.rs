//! Given what happened, when somebody asks, then these facts follow, or this rule says no.
//!
//! A `Hall` is one business day played through the rules themselves: what is given was decided before, so that no test
//! rests on history that could not have happened. Every fact is also folded again from the start, and both states must
//! be the same.

use std::{collections::BTreeSet, fmt::Debug};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::samples::{NINE_OCLOCK, settings};
use crate::{
    aggregate::{Aggregate, Happened, Request},
    event_store::StreamId,
    fact::Actor,
    ids::{CommandId, EventId},
    queue_day::{QueueDay, command::Action},
    queue_event::{Event, QueueEvent},
    refusal::Refusal,
    settings::DaySettings,
};

/// One fact as the hall recorded it.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    pub id: EventId,
    pub at: DateTime<Utc>,
    pub command: CommandId,
    pub actor: Actor,
    pub imported: bool,
    pub event: Event,
}

impl Heard {
    #[must_use]
    pub fn happened(&self) -> Happened<'_> {
        Happened {
            event_id: self.id,
            at: self.at,
            command_id: self.command,
            actor: &self.actor,
            imported: self.imported,
            event: &self.event,
        }
    }
}

/// A business day in a test, with its own clock that moves when told.
#[derive(Debug, Clone)]
pub struct Hall {
    pub day: QueueDay,
    pub now: DateTime<Utc>,
    pub heard: Vec<Heard>,
    /// Commands that wrote something: their repeats write nothing, as in `dispatch`.
    known: BTreeSet<CommandId>,
    ids: u128,
}

/// What a request led to.
#[derive(Debug)]
pub struct Answer {
    pub hall: Hall,
    pub result: Result<Vec<QueueEvent>, Refusal>,
}

/// A hall in which all of this was asked in turn, and granted.
#[track_caller]
pub fn given(asked: impl IntoIterator<Item = (Actor, Action)>) -> Hall {
    let mut hall = Hall::open();
    for (actor, action) in asked {
        hall.does(&actor, action);
    }
    hall
}

impl Hall {
    /// A day of which nothing is known, at nine o'clock.
    #[must_use]
    pub fn empty() -> Self {
        Self { day: QueueDay::default(), now: NINE_OCLOCK, heard: Vec::new(), known: BTreeSet::new(), ids: 0 }
    }

    /// The sample post office, opened at nine.
    #[must_use]
    #[track_caller]
    pub fn open() -> Self {
        Self::open_with(settings())
    }

    #[must_use]
    #[track_caller]
    pub fn open_with(settings: DaySettings) -> Self {
        let mut hall = Self::empty();
        hall.does(&Actor::system(), Action::OpenBusinessDay { settings: Box::new(settings) });
        hall
    }

    #[must_use]
    pub fn later(mut self, seconds: i64) -> Self {
        self.passes(seconds);
        self
    }

    pub fn passes(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
    }

    /// Asks, and lives with the answer.
    ///
    /// # Errors
    /// The rule that said no.
    pub fn ask(&mut self, actor: &Actor, action: Action) -> Result<Vec<QueueEvent>, Refusal> {
        let id = CommandId(self.new_id());
        self.ask_as(id, actor, action)
    }

    /// The same under an id of its own, as timed commands have.
    ///
    /// # Errors
    /// The rule that said no.
    pub fn ask_as(
        &mut self,
        id: CommandId,
        actor: &Actor,
        action: Action,
    ) -> Result<Vec<QueueEvent>, Refusal> {
        if self.known.contains(&id) {
            return Ok(Vec::new());
        }
        let stream = StreamId::new("queue-sample~2026-11-20");
        let request = Request { id, stream, at: self.now, actor: actor.clone(), action };
        let events = self.day.decide(&request)?;
        if !events.is_empty() {
            self.known.insert(id);
        }
        for event in &events {
            self.hear(id, actor, event.clone(), false);
        }
        let of_the_day = |event| match event {
            Event::Queue(it) => Some(it),
            _ => None,
        };
        Ok(events.into_iter().filter_map(of_the_day).collect())
    }

    /// Asks what must be granted.
    #[track_caller]
    pub fn does(&mut self, actor: &Actor, action: Action) -> Vec<QueueEvent> {
        let shown = format!("{action:?}");
        match self.ask(actor, action) {
            Ok(events) => events,
            Err(refusal) => panic!("{} to {shown}", refusal.code()),
        }
    }

    /// A fact that nobody decided, as an import writes it.
    pub fn hears_of(&mut self, at: DateTime<Utc>, event: impl Into<QueueEvent>) {
        let (now, id) = (self.now, CommandId(self.new_id()));
        self.now = at;
        self.hear(id, &Actor::system(), Event::Queue(event.into()), true);
        self.now = now;
    }

    /// Sends every timed command that is due, until nothing is; what happened.
    #[track_caller]
    pub fn lets_time_act(&mut self) -> Vec<QueueEvent> {
        let mut happened = Vec::new();
        for _ in 0..1_000 {
            let due = self.day.due(self.now);
            if due.is_empty() {
                return happened;
            }
            for (id, action) in due {
                happened.extend(self.ask_as(id, &Actor::system(), action).unwrap_or_default());
            }
        }
        panic!("timed commands never end: {:?}", self.day.due(self.now));
    }

    /// Asks, to look at the answer.
    #[must_use]
    pub fn when(mut self, (actor, action): (Actor, Action)) -> Answer {
        let result = self.ask(&actor, action);
        Answer { hall: self, result }
    }

    /// The id of the last fact, for undoing it.
    #[must_use]
    #[track_caller]
    pub fn last_event(&self) -> EventId {
        self.heard.last().expect("something happened").id
    }

    /// The same day folded again from its facts.
    #[must_use]
    pub fn replayed(&self) -> QueueDay {
        let mut day = QueueDay::default();
        for heard in &self.heard {
            day.evolve(heard.happened());
        }
        day
    }

    fn hear(&mut self, command: CommandId, actor: &Actor, event: Event, imported: bool) {
        let id = EventId(self.new_id());
        let heard = Heard { id, at: self.now, command, actor: actor.clone(), imported, event };
        self.day.evolve(heard.happened());
        self.heard.push(heard);
    }

    fn new_id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }
}

impl Answer {
    /// Exactly these facts, in this order.
    #[track_caller]
    pub fn then<E: Into<QueueEvent>>(self, expected: impl IntoIterator<Item = E>) -> Hall {
        let expected: Vec<QueueEvent> = expected.into_iter().map(Into::into).collect();
        assert_eq!(self.result, Ok(expected));
        self.stands()
    }

    /// Granted, whatever the facts are.
    #[track_caller]
    pub fn granted(self) -> Hall {
        if let Err(refusal) = &self.result {
            panic!("{}", refusal.code());
        }
        self.stands()
    }

    /// Granted, and one fact of this wire name followed.
    #[track_caller]
    pub fn then_only(self, kind: &str) -> Hall {
        let kinds =
            self.result.as_ref().map(|events| events.iter().map(|it| it.wire().0).collect::<Vec<_>>());
        assert_eq!(kinds, Ok(vec![kind]));
        self.stands()
    }

    #[track_caller]
    pub fn rejected(self, refusal: Refusal) -> Hall {
        assert_eq!(self.result, Err(refusal));
        self.hall
    }

    /// What was lived and what is folded from the facts are the same.
    #[track_caller]
    fn stands(self) -> Hall {
        same(&self.hall.day, &self.hall.replayed());
        self.hall
    }
}

#[track_caller]
fn same<T: PartialEq + Debug>(lived: &T, folded: &T) {
    assert!(lived == folded, "lived {lived:#?}\nfolded {folded:#?}");
}
