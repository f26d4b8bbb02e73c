//! The writing half of the log on PostgreSQL, and the ear for what other nodes write. The one row of the head is the
//! first lock of every transaction and is held to the commit: positions are dense and visible in order, and no two nodes
//! can block each other. It is taken as late as possible, in the very statement that writes: each event names the version
//! this node believes comes next in its stream, a version stands there once, and when another node has taken it, the
//! group is tried again with the head locked first. A connection that breaks is replaced; only one that breaks during COMMIT leaves the
//! outcome open.

use std::{collections::HashMap, future::Future, sync::Arc, time::Duration};

use async_trait::async_trait;
use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgListener},
};
use talon_core::event_store::{BoxError, Head, Position, StreamId, Version};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    committer::{Failed, NotCommitted, Writer},
    db::{Kind, postgres_options},
    feed::Feed,
    plan::{End, Found, Plan, PlannedEnd},
    sql::{hash, signed, unsigned},
};

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(3);
/// How long to wait for any answer; above the server's own limits, for servers that fell silent.
const ANSWER: Duration = Duration::from_secs(15);
/// The safety poll of the listener, and its pause before it connects again.
const POLL: Duration = Duration::from_millis(500);

/// Ends of streams kept in memory; beyond that all are forgotten and read again as needed.
const MOST_ENDS: usize = 100_000;

macro_rules! statement {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/", $name, ".postgres.sql"))
    };
}
pub(crate) use statement;

#[derive(Debug)]
pub(crate) struct PostgresWriter {
    options: PgConnectOptions,
    connection: Option<PgConnection>,
    /// Ends as this node left them. Another node may have moved on: `write` checks each it builds on.
    ends: HashMap<StreamId, End>,
    /// Taken over at the next commit.
    pending: Vec<(StreamId, End)>,
    /// After a failure the next transaction locks the head before it reads anything, and so cannot lose a race.
    is_careful: bool,
    head_is_locked: bool,
}

impl PostgresWriter {
    pub(crate) fn new(base: &PgConnectOptions) -> Self {
        Self {
            options: committing(base),
            connection: None,
            ends: HashMap::new(),
            pending: Vec::new(),
            is_careful: false,
            head_is_locked: false,
        }
    }

    async fn connect(&mut self) -> Result<(), Failed> {
        if self.connection.is_none() {
            let connected = timeout(CONNECT, self.options.connect()).await;
            let connection = connected
                .map_err(|_| Failed::Refused("PostgreSQL does not answer".into()))?
                .map_err(|error| Failed::Refused(error.into()))?;
            self.connection = Some(connection);
        }
        Ok(())
    }

    fn open(&mut self) -> Result<&mut PgConnection, Failed> {
        self.connection.as_mut().ok_or_else(|| Failed::Broken("there is no connection".into()))
    }
}

/// How the committing connection is set: durable whatever the server's default says, and a node that freezes in the
/// middle of a transaction keeps the others waiting for seconds, not minutes.
pub(crate) fn committing(base: &PgConnectOptions) -> PgConnectOptions {
    postgres_options(base, Kind::Log).options([
        ("synchronous_commit", "on"),
        ("statement_timeout", "12s"),
        ("lock_timeout", "8s"),
        ("idle_in_transaction_session_timeout", "3s"),
    ])
}

async fn answered<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, Failed> {
    match timeout(ANSWER, work).await {
        Ok(done) => done.map_err(failed),
        Err(_) => Err(Failed::Broken("PostgreSQL does not answer".into())),
    }
}

#[async_trait]
impl Writer for PostgresWriter {
    async fn begin(&mut self, streams: &[(&StreamId, Version)]) -> Result<HashMap<StreamId, End>, Failed> {
        self.connect().await?;
        self.head_is_locked = false;
        answered(sqlx::raw_sql("begin").execute(self.open()?)).await?;
        if self.is_careful {
            self.lock_head().await?;
        }
        let mut ends = HashMap::with_capacity(streams.len());
        let mut unsure = Vec::new();
        for (stream, expected) in streams {
            match self.ends.get(*stream) {
                Some(end) if end.head.version == *expected => {
                    ends.insert(StreamId::clone(stream), *end);
                }
                _ => unsure.push(stream.as_str()),
            }
        }
        if !unsure.is_empty() {
            self.probe(&unsure, &mut ends).await?;
        }
        Ok(ends)
    }

    async fn find(&mut self, ids: &[Uuid]) -> Result<HashMap<Uuid, Found>, Failed> {
        let query = sqlx::query_as::<_, (Uuid, i64, i64)>(statement!("log/found_many"));
        let rows = answered(query.bind(ids).fetch_all(self.open()?)).await?;
        let found = |(id, stream, position)| (id, Found { stream, position: unsigned(position) });
        Ok(rows.into_iter().map(found).collect())
    }

    async fn write(&mut self, plan: &Plan<'_>) -> Result<Position, Failed> {
        let ids = self.create_streams(plan).await?;
        let rows = &plan.rows;
        let query = sqlx::query_as::<_, (i64, bool)>(statement!("log/write"))
            .bind(signed(rows.len() as u64))
            .bind(rows.iter().map(|it| ids[it.end]).collect::<Vec<_>>())
            .bind(rows.iter().map(|it| signed(it.version)).collect::<Vec<_>>())
            .bind(rows.iter().map(|it| it.event.event_id).collect::<Vec<_>>())
            .bind(rows.iter().map(|it| it.event.kind).collect::<Vec<_>>())
            .bind(rows.iter().map(|it| i32::from(it.event.schema_version)).collect::<Vec<_>>())
            .bind(rows.iter().map(|it| it.event.occurred_at).collect::<Vec<_>>())
            .bind(rows.iter().map(|it| it.event.recorded_at).collect::<Vec<_>>())
            .bind(rows.iter().map(|it| &it.event.data[..]).collect::<Vec<_>>())
            .bind(rows.iter().map(|it| &it.event.meta[..]).collect::<Vec<_>>())
            .bind(rows.iter().map(|it| &it.prev_hash[..]).collect::<Vec<_>>())
            .bind(rows.iter().map(|it| &it.hash[..]).collect::<Vec<_>>());
        let (head, _) = answered(query.fetch_one(self.open()?)).await?;
        let end = |(id, it): (i64, &PlannedEnd<'_>)| (it.stream.clone(), End { id, head: it.end.head });
        self.pending = ids.into_iter().zip(&plan.ends).filter(|(_, it)| it.moved).map(end).collect();
        Ok(unsigned(head) + 1 - rows.len() as u64)
    }

    async fn commit(&mut self) -> Result<(), NotCommitted> {
        let Some(connection) = self.connection.as_mut() else {
            return Err(NotCommitted::Failed(Failed::Broken("there is no connection".into())));
        };
        match timeout(ANSWER, sqlx::raw_sql("commit").execute(connection)).await {
            Ok(Ok(_)) => {
                self.remember();
                Ok(())
            }
            Ok(Err(error)) => Err(not_committed(error)),
            Err(_) => Err(NotCommitted::Unknown("PostgreSQL did not answer COMMIT".into())),
        }
    }

    async fn rollback(&mut self) {
        self.pending.clear();
        self.ends.clear();
        self.is_careful = true;
        let Some(mut connection) = self.connection.take() else { return };
        let ended = timeout(CONNECT, sqlx::raw_sql("rollback").execute(&mut connection)).await;
        if matches!(ended, Ok(Ok(_))) {
            self.connection = Some(connection);
        }
    }

    async fn close(&mut self) {
        if let Some(connection) = self.connection.take() {
            let _ = timeout(CONNECT, connection.close()).await;
        }
    }
}

impl PostgresWriter {
    fn remember(&mut self) {
        self.is_careful = false;
        if self.ends.len() > MOST_ENDS {
            self.ends.clear();
        }
        self.ends.extend(self.pending.drain(..));
    }

    /// From here to the end of the transaction no other node moves anything.
    async fn lock_head(&mut self) -> Result<(), Failed> {
        if !self.head_is_locked {
            let query = sqlx::query(statement!("log/lock_head"));
            answered(query.execute(self.open()?)).await?;
            self.head_is_locked = true;
        }
        Ok(())
    }

    /// Reads the ends of these streams; those without a row are left out.
    async fn probe(&mut self, names: &[&str], ends: &mut HashMap<StreamId, End>) -> Result<(), Failed> {
        let query = sqlx::query_as::<_, (String, i64, i64, Vec<u8>, i64)>(statement!("log/ends"));
        let rows = answered(query.bind(names).fetch_all(self.open()?)).await?;
        for (name, id, version, bytes, recorded_at) in rows {
            let hash = hash(&bytes).map_err(|error| Failed::Refused(error.into()))?;
            let head = Head { version: unsigned(version), hash, recorded_at };
            ends.insert(StreamId::new(&name), End { id, head });
        }
        Ok(())
    }

    /// Creates the streams that begin with this group; gives the id of every stream of the plan, in its order.
    async fn create_streams(&mut self, plan: &Plan<'_>) -> Result<Vec<i64>, Failed> {
        let mut ids: Vec<i64> = plan.ends.iter().map(|it| it.end.id).collect();
        let new: Vec<_> = plan.ends.iter().filter(|it| it.moved && it.end.id == 0).collect();
        if new.is_empty() {
            return Ok(ids);
        }
        // Two nodes that begin one stream must meet at the head, not inside an index.
        self.lock_head().await?;
        let query = sqlx::query_as::<_, (String, i64)>(statement!("log/new_streams"))
            .bind(new.iter().map(|it| it.stream.as_str()).collect::<Vec<_>>());
        let created = answered(query.fetch_all(self.open()?)).await?;
        if created.len() < new.len() {
            return Err(Failed::Race("another node began one of the streams".into()));
        }
        let created: HashMap<String, i64> = created.into_iter().collect();
        for (id, end) in ids.iter_mut().zip(&plan.ends) {
            if let Some(new) = created.get(end.stream.as_str()) {
                *id = *new;
            }
        }
        Ok(ids)
    }
}

fn sql_state(error: &sqlx::Error) -> Option<String> {
    error.as_database_error().and_then(|it| it.code()).map(|it| it.into_owned())
}

/// What an error before COMMIT means, by the class of its SQLSTATE. Nothing has been written in any case.
fn failed(error: sqlx::Error) -> Failed {
    let Some(state) = sql_state(&error) else { return Failed::Broken(error.into()) };
    let constraint = error.as_database_error().and_then(|it| it.constraint());
    match (&state[..2], &state[..]) {
        ("23", "23505") if constraint == Some("events_event_id") => Failed::Collision(error.into()),
        ("23", "23505") | ("40", _) => Failed::Race(error.into()),
        ("22" | "23", _) => Failed::Data(error.into()),
        ("08", _) | ("57", "57P01" | "57P02" | "57P03") | ("25", "25P03") => Failed::Broken(error.into()),
        _ => Failed::Refused(error.into()),
    }
}

/// What an error in answer to COMMIT means. A server that answers in the ordinary way has rolled back; one that is shut
/// down may have committed just before.
fn not_committed(error: sqlx::Error) -> NotCommitted {
    match sql_state(&error) {
        Some(state) if !state.starts_with("57P") && !state.starts_with("08") && state != "25P03" => {
            NotCommitted::Failed(failed(error))
        }
        _ => NotCommitted::Unknown(BoxError::from(error)),
    }
}

/// Listens to what any node commits and passes the head on, until `closing`. A lost connection is replaced, and the
/// head is also asked for twice a second: a notification is a hint, never the only way to learn.
pub(crate) async fn listen(pool: PgPool, feed: Arc<Feed>, closing: CancellationToken) {
    let mut poll = interval(POLL);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let mut listener = None;
        tokio::select! {
            () = closing.cancelled() => return,
            connected = timeout(CONNECT, subscribe(&pool)) => match connected {
                Ok(Ok(connected)) => listener = Some(connected),
                Ok(Err(error)) => tracing::warn!(%error, "cannot listen to the log"),
                Err(_) => tracing::warn!("cannot listen to the log: no answer"),
            },
        }
        loop {
            tokio::select! {
                () = closing.cancelled() => return,
                position = heard(&mut listener) => match position {
                    Some(position) => feed.reached(position),
                    None => break,
                },
                _ = poll.tick() => {
                    if let Ok(Ok(position)) = timeout(CONNECT, head(&pool)).await {
                        feed.reached(position);
                    }
                    if listener.is_none() {
                        break;
                    }
                }
            }
        }
    }
}

async fn subscribe(pool: &PgPool) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen("log").await?;
    Ok(listener)
}

/// The next position notified; nothing when the connection is lost, never while there is none.
async fn heard(listener: &mut Option<PgListener>) -> Option<Position> {
    let Some(listener) = listener else { return std::future::pending().await };
    loop {
        let notification = listener.try_recv().await.ok().flatten()?;
        if let Ok(position) = notification.payload().parse() {
            return Some(position);
        }
    }
}

async fn head(pool: &PgPool) -> Result<Position, sqlx::Error> {
    let (_, position): (Uuid, i64) = sqlx::query_as(crate::sql!("log/log_head")).fetch_one(pool).await?;
    Ok(unsigned(position))
}

#[cfg(test)]
mod tests;
