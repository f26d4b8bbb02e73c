//! Group commit. One task owns the writing connection and takes whatever queued while the last group was being flushed
//! to disk: no timer, no waiting for company. An append that cannot be written is answered and leaves the group; its
//! neighbours are committed all the same. A caller that went away has no say in what happens to the rest.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fmt,
    sync::Arc,
    time::Instant,
};

use async_trait::async_trait;
use talon_core::{
    event_store::{Appended, BoxError, NewEvent, Position, Recorded, StoreError, StreamId, Version},
    fact::Entry,
};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    feed::{Feed, Kinds},
    plan::{Append, End, Found, Plan, Row, Verdict, check, classify, plan},
};

/// A group holds at most this many appends and, unless a single one is larger, this many bytes.
const MOST_APPENDS: usize = 512;
const MOST_BYTES: usize = 2 << 20;
/// Appends that may wait for the committer; more wait for room.
const QUEUE: usize = 4_096;
/// Turns given to other tasks without any of them bringing an append, before a group is closed.
const PATIENCE: u32 = 2;
/// How often a group is tried against races and broken connections before it is given up.
const TRIES: u32 = 4;

type Answer = Result<Appended, StoreError>;

#[derive(Debug)]
struct Request {
    append: Append,
    reply: oneshot::Sender<Answer>,
}

/// Why a step of a transaction failed. Whatever the reason, nothing of the transaction is in the log.
#[derive(Debug)]
pub(crate) enum Failed {
    /// Some unique key is taken: look the ids up and plan again.
    Collision(BoxError),
    /// Another node was in the way: the same again may well succeed.
    Race(BoxError),
    /// The connection is gone.
    Broken(BoxError),
    /// The data themselves are refused.
    Data(BoxError),
    /// The database does not write now: full, read-only, out of something.
    Refused(BoxError),
}

/// Why a commit failed.
#[derive(Debug)]
pub(crate) enum NotCommitted {
    /// Certainly rolled back.
    Failed(Failed),
    /// The answer never came.
    Unknown(BoxError),
}

/// The database's part of a group commit: one transaction at a time on a connection of its own.
#[async_trait]
pub(crate) trait Writer: Send + 'static {
    /// Begins a transaction and gives the ends of the streams. Reconnects where needed. Each stream comes with the
    /// version expected of it: an end remembered from before may be given while it agrees, as long as `write` notices
    /// when it is no longer true.
    async fn begin(&mut self, streams: &[(&StreamId, Version)]) -> Result<HashMap<StreamId, End>, Failed>;

    /// Which of the ids are in the log, and where.
    async fn find(&mut self, ids: &[Uuid]) -> Result<HashMap<Uuid, Found>, Failed>;

    /// Inserts the planned rows and moves the ends and the head; gives the position of the first row.
    async fn write(&mut self, plan: &Plan<'_>) -> Result<Position, Failed>;

    async fn commit(&mut self) -> Result<(), NotCommitted>;

    /// Leaves the transaction; after a failure the connection is made fit for the next one.
    async fn rollback(&mut self);

    /// Ends the connection for good.
    async fn close(&mut self);
}

/// The callers' end of the queue.
#[derive(Debug, Clone)]
pub(crate) struct Committer {
    queue: mpsc::Sender<Request>,
}

fn unavailable(reason: &'static str) -> StoreError {
    StoreError::Unavailable(reason.into())
}

impl Committer {
    /// Starts the task; it ends when `closing` is cancelled, or every sender is gone, and the queue has been worked off.
    pub(crate) fn start<W: Writer>(
        writer: W,
        feed: Arc<Feed>,
        closing: CancellationToken,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, requests) = mpsc::channel(QUEUE);
        let task =
            Task { requests, waiting: VecDeque::new(), writer, feed, kinds: Kinds::default(), last_group: 0 };
        (Self { queue }, tokio::spawn(task.run(closing)))
    }

    pub(crate) async fn append(&self, stream: &StreamId, expected: Version, events: Vec<NewEvent>) -> Answer {
        check(stream, &events)?;
        let (reply, answer) = oneshot::channel();
        let append = Append { stream: stream.clone(), expected, events };
        let closed = || unavailable("the store is closing");
        self.queue.send(Request { append, reply }).await.map_err(|_| closed())?;
        // The committer answers everything it takes; only its end without an answer leaves the outcome open.
        answer.await.unwrap_or_else(|_| Err(StoreError::Unknown("the committer ended".into())))
    }
}

struct Task<W> {
    requests: mpsc::Receiver<Request>,
    /// Taken from the queue but beyond the cap of the last group.
    waiting: VecDeque<Request>,
    writer: W,
    feed: Arc<Feed>,
    kinds: Kinds,
    last_group: usize,
}

fn size(append: &Append) -> usize {
    append.events.iter().map(|it| it.data.len() + it.meta.len() + 128).sum()
}

impl<W: Writer> Task<W> {
    async fn run(mut self, closing: CancellationToken) {
        loop {
            let first = match self.waiting.pop_front() {
                Some(request) => Some(request),
                None => tokio::select! {
                    request = self.requests.recv() => request,
                    () = closing.cancelled(), if !self.requests.is_closed() => {
                        self.requests.close();
                        continue;
                    }
                },
            };
            let Some(first) = first else { break };
            let group = self.group(first).await;
            if !group.is_empty() {
                self.commit(group).await;
            }
        }
        self.writer.close().await;
    }

    /// Fills a group from what waits, and goes on as long as that grows: callers answered by the last commit are still
    /// getting their turns to queue the next append. Nothing is waited for but those turns, and only where the last group
    /// had company is a round without growth forgiven: its callers may be on another thread.
    async fn group(&mut self, first: Request) -> Vec<Request> {
        let patience = if self.last_group > 1 { PATIENCE } else { 1 };
        let mut bytes = size(&first.append);
        let mut group = vec![first];
        let mut idle = 0;
        while idle < patience && group.len() < MOST_APPENDS {
            tokio::task::yield_now().await;
            idle += 1;
            while group.len() < MOST_APPENDS {
                let next = self.waiting.pop_front().or_else(|| self.requests.try_recv().ok());
                let Some(next) = next else { break };
                bytes += size(&next.append);
                if bytes > MOST_BYTES {
                    self.waiting.push_front(next);
                    idle = patience;
                    break;
                }
                group.push(next);
                idle = 0;
            }
        }
        self.last_group = group.len();
        group.retain(|it| !it.reply.is_closed());
        group
    }

    /// Works off a group. When the database refuses it as a whole for the data of one, halves are tried, down to the one.
    async fn commit(&mut self, group: Vec<Request>) {
        let mut groups = vec![group];
        while let Some(mut group) = groups.pop() {
            let appends: Vec<&Append> = group.iter().map(|it| &it.append).collect();
            match self.attempt(&appends).await {
                Ok(answers) => {
                    for (request, answer) in group.into_iter().zip(answers) {
                        let _ = request.reply.send(answer);
                    }
                }
                Err(Ended::Data(_)) if group.len() > 1 => {
                    let second = group.split_off(group.len() / 2);
                    groups.extend([second, group]);
                }
                Err(ended) => {
                    for request in group {
                        let _ = request.reply.send(Err(ended.answer()));
                    }
                }
            }
        }
    }

    /// Tries a group until it is in the log or certainly is not.
    async fn attempt(&mut self, group: &[&Append]) -> Result<Vec<Answer>, Ended> {
        let mut streams: BTreeMap<&StreamId, Version> = BTreeMap::new();
        for append in group {
            streams.entry(&append.stream).or_insert(append.expected);
        }
        let streams: Vec<(&StreamId, Version)> = streams.into_iter().collect();
        let mut look_up = false;
        let mut tries = 0;
        loop {
            tries += 1;
            let failed = match self.once(group, &streams, look_up).await {
                Ok(answers) => return Ok(answers),
                Err(failed) => failed,
            };
            self.writer.rollback().await;
            let (failed, is_last) = match failed {
                NotCommitted::Unknown(error) => return Err(Ended::Unknown(Shared::of(error))),
                NotCommitted::Failed(failed) => (failed, tries >= TRIES),
            };
            match failed {
                Failed::Collision(_) if !look_up => look_up = true,
                Failed::Race(_) | Failed::Broken(_) | Failed::Collision(_) if !is_last => {}
                Failed::Data(error) | Failed::Collision(error) => return Err(Ended::Data(Shared::of(error))),
                Failed::Race(error) | Failed::Broken(error) | Failed::Refused(error) => {
                    tracing::warn!(%error, appends = group.len(), "the log takes nothing at present");
                    return Err(Ended::Refused(Shared::of(error)));
                }
            }
        }
    }

    /// One transaction, from its begin to its commit.
    async fn once(
        &mut self,
        group: &[&Append],
        streams: &[(&StreamId, Version)],
        look_up: bool,
    ) -> Result<Vec<Answer>, NotCommitted> {
        let started = Instant::now();
        let ends = self.writer.begin(streams).await?;
        let known = if look_up {
            let ids: Vec<Uuid> = ids(group.iter().copied());
            Some(self.writer.find(&ids).await?)
        } else {
            None
        };
        let mut plan = plan(group, &ends, known.as_ref());
        self.resolve_stale(group, &mut plan).await?;
        if plan.rows.is_empty() {
            // Nothing to lose: the answers are true however the empty transaction ends.
            if self.writer.commit().await.is_err() {
                self.writer.rollback().await;
            }
            return Ok(answers(&plan, 0));
        }
        let first = self.writer.write(&plan).await?;
        self.writer.commit().await?;
        let head = first + plan.rows.len() as Position - 1;
        metrics::histogram!("append_commit_seconds").record(started.elapsed());
        #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
        {
            metrics::histogram!("append_batch_events").record(plan.rows.len() as f64);
            metrics::gauge!("store_head_position").set(head as f64);
        }
        let events = self.recorded(&plan, first);
        self.feed.publish(events);
        Ok(answers(&plan, first))
    }

    /// Tells a repeat from a lost race, for appends whose stream moved past what they expected.
    async fn resolve_stale(&mut self, group: &[&Append], plan: &mut Plan<'_>) -> Result<(), Failed> {
        let stale: Vec<usize> =
            (0..group.len()).filter(|number| plan.verdicts[*number] == Verdict::Stale).collect();
        if stale.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = ids(stale.iter().map(|number| group[*number]));
        let known = self.writer.find(&ids).await?;
        for number in stale {
            let end = plan.ends.iter().find(|it| *it.stream == group[number].stream);
            let stream = end.map_or(0, |it| it.end.id);
            plan.verdicts[number] = classify(group[number], stream, &known).unwrap_or(Verdict::Conflict);
        }
        Ok(())
    }

    fn recorded(&mut self, plan: &Plan<'_>, first: Position) -> Vec<Arc<Entry>> {
        let recorded = |(row, position): (&Row<'_>, Position)| {
            Arc::new(Entry::new(Recorded {
                position,
                stream: plan.ends[row.end].stream.clone(),
                version: row.version,
                event_id: row.event.event_id,
                kind: self.kinds.share(row.event.kind),
                schema_version: row.event.schema_version,
                occurred_at: row.event.occurred_at,
                recorded_at: row.event.recorded_at,
                data: row.event.data.clone(),
                meta: row.event.meta.clone(),
                prev_hash: row.prev_hash,
                hash: row.hash,
            }))
        };
        plan.rows.iter().zip(first..).map(recorded).collect()
    }
}

fn ids<'a>(appends: impl Iterator<Item = &'a Append>) -> Vec<Uuid> {
    appends.flat_map(|it| it.events.iter().map(|event| event.event_id)).collect()
}

fn answers(plan: &Plan<'_>, first: Position) -> Vec<Answer> {
    let conflicts = plan.verdicts.iter().filter(|it| matches!(it, Verdict::Conflict)).count();
    if conflicts > 0 {
        metrics::counter!("append_conflicts_total").increment(conflicts as u64);
    }
    let answer = |verdict: &Verdict| match *verdict {
        Verdict::Write { last, head } => Ok(Appended::At(first + last as Position, head)),
        Verdict::Repeats(last) => Ok(Appended::Duplicate(first + last as Position)),
        Verdict::Duplicate(position) => Ok(Appended::Duplicate(position)),
        Verdict::Conflict | Verdict::Stale => Err(StoreError::Conflict),
        Verdict::Foreign => Err(StoreError::ForeignDuplicate),
    };
    plan.verdicts.iter().map(answer).collect()
}

/// How a group ended that is not in the log, or perhaps is.
enum Ended {
    /// The database refuses these very data.
    Data(Shared),
    Refused(Shared),
    Unknown(Shared),
}

impl Ended {
    fn answer(&self) -> StoreError {
        match self {
            Self::Data(cause) => {
                tracing::error!(%cause, "the database refuses the data of an append");
                StoreError::Malformed("the database refuses its data")
            }
            Self::Refused(cause) => StoreError::Unavailable(Box::new(cause.clone())),
            Self::Unknown(cause) => StoreError::Unknown(Box::new(cause.clone())),
        }
    }
}

/// One cause told to many callers.
#[derive(Debug, Clone)]
struct Shared(Arc<BoxError>);

impl Shared {
    fn of(error: BoxError) -> Self {
        Self(Arc::new(error))
    }
}

impl fmt::Display for Shared {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl std::error::Error for Shared {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl From<Failed> for NotCommitted {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}
