//! One road for every command: cached state → decide → append → evolve, one at a time per stream.
//!
//! **A command happens once.** Each event carries the command's id and a hash of what was sent and by whom; the slot of
//! a stream keeps those of all its events, so a repeat answers from the log and writes nothing, at any later time.
//! **A refusal is given only on a state known to be current.** Where others may write, the stream's version is probed
//! first. **A caller may vanish.** The state leaves its slot before the append and returns after it: who hangs up in
//! between leaves an empty slot, and the next command folds the log again.

mod span;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex as SyncMutex, PoisonError},
};

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    aggregate::{Aggregate, Happened, Request},
    event_store::{Appended, EventStore, Head, NewEvent, Position, Recorded, StoreError, StreamId},
    fact::{Actor, Fact, Meta, Unreadable},
    ids::{BranchId, CommandId, DeviceId, EventId},
    queue_event::Event,
    refusal::Refusal,
    time::Clock,
};

/// How long a command may go on losing races before it gives up as `Contended`.
const DEADLINE: TimeDelta = TimeDelta::seconds(2);
/// How long a press may be repeated for an answer that is given once.
const SHOWN_AGAIN_S: i64 = 60;
/// A clock this far behind the stream's last event is worth telling somebody.
const CLOCK_BEHIND: TimeDelta = TimeDelta::seconds(2);
const PAGE: u32 = 2_000;

/// What came with a command besides its action.
#[derive(Debug, Clone)]
pub struct Envelope {
    pub command_id: CommandId,
    /// SHA-256 of what the client sent; the actor is added here.
    pub sent: [u8; 32],
    pub actor: Actor,
    pub causation_id: Option<Uuid>,
    pub device: Option<DeviceId>,
    pub branch: Option<BranchId>,
    pub business_day: Option<NaiveDate>,
    pub time_zone: Option<String>,
    /// The personal key some field of the command is sealed under.
    pub key_id: Option<String>,
}

impl Envelope {
    /// An envelope with nothing but the press itself. `sent` is whatever the client sent, in one fixed spelling.
    #[must_use]
    pub fn new(command_id: CommandId, actor: Actor, sent: &[u8]) -> Self {
        Self {
            command_id,
            sent: Sha256::digest(sent).into(),
            actor,
            causation_id: None,
            device: None,
            branch: None,
            business_day: None,
            time_zone: None,
            key_id: None,
        }
    }

    fn hash(&self) -> String {
        let mut sum = Sha256::new();
        sum.update(self.sent);
        sum.update(format!("{:?}", self.actor.kind));
        sum.update([0]);
        sum.update(&self.actor.id);
        hex::encode(sum.finalize())
    }
}

/// A command that is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Of its last event; of the stream's last one when nothing needed to be written.
    pub position: Position,
    /// The ticket, where the command was about one; else the command itself.
    pub correlation_id: Uuid,
    pub first_event: Option<EventId>,
    /// Answered from the log: this press had been carried out before.
    pub repeat: bool,
}

impl Done {
    /// Whether this press is the lost answer asked for again, and not somebody who comes back much later: what is shown
    /// once, because a fact says so, is shown again only to the former.
    #[must_use]
    pub fn may_be_shown(&self, now: DateTime<Utc>) -> bool {
        let written = self.first_event.and_then(|it| it.0.get_timestamp()).map(|it| it.to_unix().0);
        let age = |written: u64| now.timestamp() - i64::try_from(written).unwrap_or(0);
        !self.repeat || written.is_some_and(|it| age(it) <= SHOWN_AGAIN_S)
    }
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum DispatchError {
    /// A rule said no; nothing was written.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store did not answer as it should; whether anything was written may be unknown: repeat with the same id.
    #[error("event store failed")]
    Store(#[from] StoreError),
    /// History of this stream cannot be read by this build.
    #[error("history cannot be read")]
    Unreadable(#[from] Box<Unreadable>),
}

/// What fills in a request from the very state it is decided on (the quote of a ticket).
pub type Prepare<A> = Box<dyn Fn(&A, &mut Request<<A as Aggregate>::Action>) + Send + Sync>;

/// The streams of one kind of aggregate.
pub struct Dispatch<A: Aggregate> {
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
    prepare: Option<Prepare<A>>,
    slots: SyncMutex<BTreeMap<StreamId, Arc<Slot<A>>>>,
}

struct Slot<A> {
    folded: Mutex<Option<Folded<A>>>,
    last_used: SyncMutex<DateTime<Utc>>,
}

#[derive(Default)]
struct Folded<A> {
    state: A,
    head: Head,
    position: Position,
    commands: BTreeMap<CommandId, Known>,
}

#[derive(Clone)]
struct Known {
    hash: [u8; 32],
    position: Position,
    correlation_id: Uuid,
    first_event: EventId,
}

impl<A: Aggregate> Dispatch<A> {
    #[must_use]
    pub fn new(store: Arc<dyn EventStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, prepare: None, slots: SyncMutex::default() }
    }

    #[must_use]
    pub fn preparing(mut self, prepare: Prepare<A>) -> Self {
        self.prepare = Some(prepare);
        self
    }

    /// Carries out one command and shows the state after it to `view`.
    ///
    /// # Errors
    /// See `DispatchError`.
    pub async fn send<T>(
        &self,
        stream: &StreamId,
        envelope: Envelope,
        action: A::Action,
        view: impl FnOnce(&A, &Done) -> T,
    ) -> Result<(Done, T), DispatchError> {
        let span = span::of(stream, &envelope, &action);
        async {
            let done = self.carry_out(stream, envelope, action, view).await;
            span::note(done.as_ref().map(|(done, _)| done));
            done
        }
        .instrument(span)
        .await
    }

    async fn carry_out<T>(
        &self,
        stream: &StreamId,
        envelope: Envelope,
        action: A::Action,
        view: impl FnOnce(&A, &Done) -> T,
    ) -> Result<(Done, T), DispatchError> {
        let slot = self.slot(stream);
        let mut place = slot.folded.lock().await;
        let mut fresh = place.is_none();
        let mut folded = match place.take() {
            Some(folded) => folded,
            None => self.fold(stream, Folded::default()).await?,
        };
        let hash = envelope.hash();
        let deadline = self.clock.now() + DEADLINE;
        let mut request = Request {
            id: envelope.command_id,
            stream: stream.clone(),
            at: self.clock.now(),
            actor: envelope.actor.clone(),
            action,
        };

        loop {
            if let Some(known) = folded.commands.get(&envelope.command_id) {
                let answer = known.answer(&hash);
                let shown = answer.map(|done| {
                    let shown = view(&folded.state, &done);
                    (done, shown)
                });
                *place = Some(folded);
                return shown.map_err(DispatchError::from);
            }
            request.at = self.stamp(stream, &folded.head);
            if let Some(prepare) = &self.prepare {
                prepare(&folded.state, &mut request);
            }
            let events = match folded.state.decide(&request) {
                Ok(events) => events,
                Err(refusal) => {
                    if !fresh && !self.store.sole_writer() {
                        let before = folded.head.version;
                        folded = self.catch_up(stream, folded).await?;
                        fresh = true;
                        if folded.head.version != before {
                            continue;
                        }
                    }
                    *place = Some(folded);
                    return Err(refusal.into());
                }
            };
            if events.is_empty() {
                let done = Done {
                    position: folded.position,
                    correlation_id: envelope.command_id.0,
                    first_event: None,
                    repeat: false,
                };
                let shown = view(&folded.state, &done);
                *place = Some(folded);
                return Ok((done, shown));
            }
            let written = self.written(&envelope, &hash, &request, &events);
            match self.store.append(stream, folded.head.version, written.rows.clone()).await {
                Ok(Appended::At(position, head)) => {
                    let done = folded.take_in(&written, &request, position, head, &events);
                    let shown = view(&folded.state, &done);
                    *place = Some(folded);
                    return Ok((done, shown));
                }
                Ok(Appended::Duplicate(_)) | Err(StoreError::Conflict) => {
                    if self.clock.now() >= deadline {
                        return Err(Refusal::Contended.into());
                    }
                    self.wait_a_little(&envelope.command_id).await;
                    folded = self.fold(stream, folded).await?;
                    fresh = true;
                }
                Err(error @ StoreError::Unavailable(_)) => {
                    *place = Some(folded);
                    return Err(error.into());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Shows the present state of a stream, caught up with other writers.
    ///
    /// # Errors
    /// `Store` or `Unreadable`.
    pub async fn read<T>(&self, stream: &StreamId, view: impl FnOnce(&A) -> T) -> Result<T, DispatchError> {
        let slot = self.slot(stream);
        let mut place = slot.folded.lock().await;
        let folded = match place.take() {
            None => self.fold(stream, Folded::default()).await?,
            Some(folded) if self.store.sole_writer() || folded.state.is_final() => folded,
            Some(folded) => self.catch_up(stream, folded).await?,
        };
        let shown = view(&folded.state);
        *place = Some(folded);
        Ok(shown)
    }

    /// Shows a state that is known to be over, or not begun, without asking the log again; else as `read`.
    ///
    /// # Errors
    /// `Store` or `Unreadable`.
    pub async fn glance<T>(&self, stream: &StreamId, view: impl FnOnce(&A) -> T) -> Result<T, DispatchError> {
        {
            let slot = self.slot(stream);
            let place = slot.folded.lock().await;
            if let Some(folded) = place.as_ref().filter(|it| it.state.is_final() || it.head.version == 0) {
                return Ok(view(&folded.state));
            }
        }
        self.read(stream, view).await
    }

    /// Whether a stream already holds this command: the answer to give, or `None` when it does not.
    ///
    /// # Errors
    /// `CommandIdReused` when it was sent with another content or by somebody else; `Store` or `Unreadable`.
    pub async fn repeat<T>(
        &self,
        stream: &StreamId,
        envelope: &Envelope,
        view: impl FnOnce(&A, &Done) -> T,
    ) -> Result<Option<(Done, T)>, DispatchError> {
        let slot = self.slot(stream);
        let mut place = slot.folded.lock().await;
        let folded = match place.take() {
            None => self.fold(stream, Folded::default()).await?,
            Some(folded)
                if self.store.sole_writer() || folded.state.is_final() || folded.head.version == 0 =>
            {
                folded
            }
            Some(folded) => self.catch_up(stream, folded).await?,
        };
        let answer =
            folded.commands.get(&envelope.command_id).map(|known| known.answer(&envelope.hash())).transpose();
        let shown = answer.map(|done| {
            done.map(|done| {
                let shown = view(&folded.state, &done);
                (done, shown)
            })
        });
        *place = Some(folded);
        shown.map_err(DispatchError::from)
    }

    /// Forgets the states nobody asked for since `idle_since`; the next command folds the log again.
    pub fn forget_idle(&self, idle_since: DateTime<Utc>) {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, slot| {
            Arc::strong_count(slot) > 1
                || *slot.last_used.lock().unwrap_or_else(PoisonError::into_inner) > idle_since
        });
    }

    fn slot(&self, stream: &StreamId) -> Arc<Slot<A>> {
        let now = self.clock.now();
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots
            .entry(stream.clone())
            .or_insert_with(|| Arc::new(Slot { folded: Mutex::new(None), last_used: SyncMutex::new(now) }));
        *slot.last_used.lock().unwrap_or_else(PoisonError::into_inner) = now;
        slot.clone()
    }

    /// The command's now: the clock, but never before the stream's last event.
    fn stamp(&self, stream: &StreamId, head: &Head) -> DateTime<Utc> {
        let now = self.clock.now();
        let earliest = crate::time::from_micros(head.recorded_at + 1);
        if head.version > 0 && earliest - now > CLOCK_BEHIND {
            warn_of_clock(stream, earliest - now);
        }
        if head.version == 0 { now } else { now.max(earliest) }
    }

    async fn catch_up(&self, stream: &StreamId, folded: Folded<A>) -> Result<Folded<A>, DispatchError> {
        let head = self.store.head(stream).await?;
        if head.version == folded.head.version { Ok(folded) } else { self.fold(stream, folded).await }
    }

    async fn fold(&self, stream: &StreamId, mut folded: Folded<A>) -> Result<Folded<A>, DispatchError> {
        loop {
            let page = self.store.read_stream(stream, folded.head.version, PAGE).await?;
            let last = page.len() < PAGE as usize;
            for raw in &page {
                folded.believe(raw)?;
            }
            if last {
                return Ok(folded);
            }
        }
    }

    async fn wait_a_little(&self, id: &CommandId) {
        // Jitter from the command's own id: two losers of one race do not meet again in step.
        let spread = i64::from(id.0.as_bytes()[15]) * 40;
        self.clock.sleep_until(self.clock.now() + TimeDelta::microseconds(500 + spread)).await;
    }

    fn written(
        &self,
        envelope: &Envelope,
        hash: &str,
        request: &Request<A::Action>,
        events: &[Event],
    ) -> Written {
        let correlation_id = events.iter().find_map(Event::subject).unwrap_or(envelope.command_id.0);
        let meta = Meta {
            command_id: envelope.command_id,
            command_hash: hash.to_owned(),
            correlation_id,
            causation_id: envelope.causation_id,
            actor: envelope.actor.clone(),
            device: envelope.device.clone(),
            branch: envelope.branch.clone(),
            business_day: envelope.business_day,
            time_zone: envelope.time_zone.clone(),
            source: None,
            key_id: envelope.key_id.clone(),
        };
        let common = encode(&meta);
        let at = request.at.timestamp_micros();
        let rows = events
            .iter()
            .zip(0i64..)
            .map(|(event, index)| {
                let (kind, schema_version) = event.wire();
                // A closing day ends many visits at once: each of its facts belongs to its own thread.
                let subject = event.subject().unwrap_or(correlation_id);
                let meta = if subject == correlation_id {
                    common.clone()
                } else {
                    encode(&Meta { correlation_id: subject, ..meta.clone() })
                };
                NewEvent {
                    event_id: self.clock.new_id(),
                    kind,
                    schema_version,
                    occurred_at: at,
                    recorded_at: at + index,
                    data: event.data(),
                    meta,
                }
            })
            .collect();
        Written { rows, correlation_id, hash: unhex(hash) }
    }
}

struct Written {
    rows: Vec<NewEvent>,
    correlation_id: Uuid,
    hash: [u8; 32],
}

impl<A: Aggregate> Folded<A> {
    /// Takes in a fact read from the log.
    fn believe(&mut self, raw: &Recorded) -> Result<(), Box<Unreadable>> {
        let fact = Fact::decode(raw).map_err(Box::new)?;
        self.state.evolve(Happened::from(&fact));
        self.head = Head { version: raw.version, hash: raw.hash, recorded_at: raw.recorded_at };
        self.position = raw.position;
        let known = Known {
            hash: unhex(&fact.meta.command_hash),
            position: raw.position,
            correlation_id: fact.meta.correlation_id,
            first_event: fact.event_id,
        };
        self.remember(fact.meta.command_id, known);
        Ok(())
    }

    /// Takes in what was just written, without reading it back.
    fn take_in(
        &mut self,
        written: &Written,
        request: &Request<A::Action>,
        position: Position,
        head: Head,
        events: &[Event],
    ) -> Done {
        for (row, event) in written.rows.iter().zip(events) {
            self.state.evolve(Happened {
                event_id: EventId(row.event_id),
                at: request.at,
                command_id: request.id,
                actor: &request.actor,
                imported: false,
                event,
            });
        }
        self.head = head;
        self.position = position;
        let first_event = EventId(written.rows.first().map(|row| row.event_id).unwrap_or_default());
        let known =
            Known { hash: written.hash, position, correlation_id: written.correlation_id, first_event };
        self.remember(request.id, known);
        Done {
            position,
            correlation_id: written.correlation_id,
            first_event: Some(first_event),
            repeat: false,
        }
    }

    fn remember(&mut self, id: CommandId, known: Known) {
        self.commands.entry(id).and_modify(|first| first.position = known.position).or_insert(known);
    }
}

impl Known {
    fn answer(&self, hash: &str) -> Result<Done, Refusal> {
        if self.hash != unhex(hash) {
            return Err(Refusal::CommandIdReused);
        }
        Ok(Done {
            position: self.position,
            correlation_id: self.correlation_id,
            first_event: Some(self.first_event),
            repeat: true,
        })
    }
}

/// A hash as it stands in an event's meta. What is not one (a hand-made fact) equals no hash anybody can send.
fn unhex(text: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    if hex::decode_to_slice(text, &mut bytes).is_err() {
        bytes = [0; 32];
    }
    bytes
}

fn encode(meta: &Meta) -> Bytes {
    // Our own plain struct with string keys: serialising it cannot fail.
    serde_json::to_vec(meta).map(Bytes::from).unwrap_or_default()
}

fn warn_of_clock(stream: &StreamId, behind: TimeDelta) {
    tracing::warn!(%stream, behind_ms = behind.num_milliseconds(), "the clock is behind the stream's last event");
}
