//! Days into the log: whole tickets in order, a few hundred facts an append, several days at once.

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;
use talon_core::{
    event_store::{Appended, EventStore, Head, NewEvent, StoreError, StreamId, Version},
    fact::{Fact, Meta},
    ids::{BranchId, CommandId, derived},
    organisation::event::BranchRegistered,
    queue_event::{Event, OrganisationEvent},
    time::{Clock, to_micros},
};

use super::{
    Day, ImportError, Plan,
    known::Known,
    ticket::{self, Ticket},
};
use crate::pages;

/// Days written at once: enough to keep a store's committer busy.
pub(super) const AT_ONCE: usize = 4;

/// Facts in one append, except that a ticket is never cut.
const APPEND: usize = 1_000;

/// Appends lost to other writers of one stream before giving up.
const PATIENCE: u32 = 50;

/// What became of a day.
pub(super) struct Written {
    pub(super) day: Day,
    pub(super) stream: StreamId,
    pub(super) version: Version,
    pub(super) tickets: u64,
    pub(super) events: u64,
    /// Tickets that another import wrote meanwhile.
    pub(super) found_there: u64,
    /// Lines of the tickets that came too late: the day was opened live meanwhile.
    pub(super) refused: Vec<u64>,
}

/// Appends a day's tickets behind what its stream has. `known_version` is how far the stream was read.
pub(super) async fn write_day(
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
    plan: Arc<Plan>,
    day: Day,
    known_version: Version,
    mut tickets: Vec<Ticket>,
) -> Result<Written, ImportError> {
    tickets.sort_by_key(Ticket::place);
    let stream = day.stream();
    let mut writing = Writing {
        head: Head { version: known_version, ..Head::default() },
        written: Written {
            stream: stream.clone(),
            version: known_version,
            day,
            tickets: 0,
            events: 0,
            found_there: 0,
            refused: Vec::new(),
        },
        store,
        clock,
        plan,
        stream,
    };
    writing.catch_up(&mut tickets).await?;
    while !tickets.is_empty() {
        writing.append(&mut tickets).await?;
    }
    writing.written.version = writing.head.version;
    Ok(writing.written)
}

struct Writing {
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
    plan: Arc<Plan>,
    stream: StreamId,
    head: Head,
    written: Written,
}

impl Writing {
    /// Writes the first of the tickets and takes them off the list.
    async fn append(&mut self, tickets: &mut Vec<Ticket>) -> Result<(), ImportError> {
        for _ in 0..PATIENCE {
            let mut room = APPEND;
            let fits = |ticket: &&Ticket| {
                let count = ticket.count();
                let fits = room == APPEND || count <= room;
                room = room.saturating_sub(count);
                fits
            };
            let count = tickets.iter().take_while(fits).count();
            let events = self.events(&tickets[..count]);
            let facts = u64::try_from(events.len()).unwrap_or_default();
            let whole = u64::try_from(count).unwrap_or_default();
            match self.store.append(&self.stream, self.head.version, events).await {
                Ok(Appended::At(_, head)) => {
                    self.head = head;
                    self.written.events += facts;
                    self.written.tickets += whole;
                    tickets.drain(..count);
                    return Ok(());
                }
                Ok(Appended::Duplicate(_)) => {
                    self.written.found_there += whole;
                    tickets.drain(..count);
                    self.catch_up(tickets).await?;
                    return Ok(());
                }
                // Another import of the same tickets may be ahead of us: then some ids are there already.
                Err(error @ (StoreError::Conflict | StoreError::ForeignDuplicate)) => {
                    let before = self.head.version;
                    self.catch_up(tickets).await?;
                    if tickets.is_empty() {
                        return Ok(());
                    }
                    if self.head.version == before {
                        return Err(error.into());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(ImportError::Contended(self.stream.clone()))
    }

    fn events(&self, tickets: &[Ticket]) -> Vec<NewEvent> {
        let mut drafts: Vec<_> =
            tickets.iter().flat_map(|ticket| ticket.drafts(&self.plan, &self.written.day)).collect();
        drafts.sort_by_key(|draft| draft.turn);
        let from = recorded_from(&*self.clock, self.head);
        (from..).zip(drafts).map(|(recorded_at, draft)| NewEvent { recorded_at, ..draft.event }).collect()
    }

    /// Reads what others appended since, and strikes off what need not or may not be written any more.
    async fn catch_up(&mut self, tickets: &mut Vec<Ticket>) -> Result<(), ImportError> {
        let head = self.store.head(&self.stream).await?;
        if head.version == self.head.version {
            self.head = head;
            return Ok(());
        }
        let mut news = Known::nothing(&self.plan.data_set);
        let tail = pages::stream(&*self.store, &self.stream, self.head.version).await?;
        for fact in &tail {
            news.learn(fact)?;
        }
        if let Some(last) = tail.last() {
            self.head = Head { version: last.version, hash: last.hash, recorded_at: last.recorded_at };
        }
        let before = tickets.len();
        tickets.retain(|ticket| news.content(ticket.id).is_none());
        self.written.found_there += u64::try_from(before - tickets.len()).unwrap_or_default();
        if news.is_live(&self.stream) {
            self.written.refused.extend(tickets.drain(..).map(|ticket| ticket.row.line));
        }
        Ok(())
    }
}

/// The clock, or one microsecond after the stream's last fact.
fn recorded_from(clock: &dyn Clock, head: Head) -> i64 {
    to_micros(clock.now()).timestamp_micros().max(head.recorded_at + 1)
}

/// Makes the branches known that are not, as ones with history only. Services stay out of the catalogue: a kiosk
/// offers what stands there, and facts carry the names of their source.
pub(super) async fn register(
    store: &dyn EventStore,
    clock: &dyn Clock,
    known: &Known,
    branches: BTreeSet<BranchId>,
) -> Result<BTreeSet<BranchId>, ImportError> {
    let stream = StreamId::new("organisation");
    let mut missing: BTreeSet<_> = &branches - &known.branches;
    let mut head = store.head(&stream).await?;
    for _ in 0..PATIENCE {
        if missing.is_empty() {
            return Ok(missing);
        }
        let from = recorded_from(clock, head);
        let events = (from..).zip(&missing).map(|(at, branch)| registered(clock, branch, at)).collect();
        match store.append(&stream, head.version, events).await {
            Ok(_) => return Ok(missing),
            Err(StoreError::Conflict) => {
                let facts = pages::stream(store, &stream, 0).await?;
                for fact in &facts {
                    if let Event::Organisation(OrganisationEvent::BranchRegistered(it)) =
                        &*Fact::decode(fact)?.event
                    {
                        missing.remove(&it.branch);
                    }
                }
                head = store.head(&stream).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(ImportError::Contended(stream))
}

fn registered(clock: &dyn Clock, branch: &BranchId, at: i64) -> NewEvent {
    let event =
        OrganisationEvent::from(BranchRegistered { branch: branch.clone(), region: None, imported: true });
    let (kind, schema_version) = event.wire();
    let meta = Meta {
        command_id: CommandId::derived(&["import", "register branch", branch.as_str()]),
        command_hash: String::new(),
        correlation_id: derived(&["branch", branch.as_str()]),
        causation_id: None,
        actor: ticket::actor(),
        device: None,
        branch: Some(branch.clone()),
        business_day: None,
        time_zone: None,
        source: None,
        key_id: None,
    };
    NewEvent {
        event_id: clock.new_id(),
        kind,
        schema_version,
        occurred_at: at,
        recorded_at: at,
        data: event.data(),
        meta: serde_json::to_vec(&meta).map(Bytes::from).unwrap_or_default(),
    }
}
