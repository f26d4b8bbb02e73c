//! The writing half of the log on SQLite: one connection, `synchronous = FULL`, the ends of streams and the head kept in
//! memory. That memory can be trusted because a lock of the operating system keeps every other writer out; after any
//! failure it is forgotten and read again.

use std::collections::HashMap;

use async_trait::async_trait;
use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    query::Query,
    sqlite::{Sqlite, SqliteArguments, SqliteConnectOptions},
};
use talon_core::event_store::{BoxError, Head, Position, StreamId, Version};
use uuid::Uuid;

use crate::{
    committer::{Failed, NotCommitted, Writer},
    lock::StoreLock,
    plan::{End, Found, Plan, PlannedEnd, Row},
    sql,
    sql::{hash, signed, unsigned},
    sqlite::statements::{EVENTS, STREAMS, sizes},
};

pub(crate) mod statements;

/// Ends of streams kept in memory; beyond that all are forgotten and read again as needed.
const MOST_ENDS: usize = 100_000;

#[derive(Debug)]
pub(crate) struct SqliteWriter {
    options: SqliteConnectOptions,
    connection: Option<SqliteConnection>,
    /// What the last commit left behind; nothing until it has been read.
    memory: Option<Memory>,
    /// Taken over at the next commit.
    pending: Vec<(StreamId, End)>,
    pending_head: Position,
    /// Held as long as anything may be written.
    _lock: Option<StoreLock>,
}

#[derive(Debug, Default)]
struct Memory {
    head: Position,
    last_stream: i64,
    ends: HashMap<StreamId, End>,
}

impl SqliteWriter {
    pub(crate) fn new(options: SqliteConnectOptions, lock: Option<StoreLock>) -> Self {
        Self { options, connection: None, memory: None, pending: Vec::new(), pending_head: 0, _lock: lock }
    }

    async fn connection(&mut self) -> Result<&mut SqliteConnection, Failed> {
        if self.connection.is_none() {
            self.connection = Some(self.options.connect().await.map_err(failed)?);
            self.memory = None;
        }
        self.connection.as_mut().ok_or_else(|| Failed::Refused("there is no connection".into()))
    }

    /// Reads what the log ends with and proves that its own account of the head is true.
    async fn remember(&mut self) -> Result<(), Failed> {
        if self.memory.is_some() {
            return Ok(());
        }
        let connection = self.connection().await?;
        let (_, head): (Uuid, i64) =
            sqlx::query_as(sql!("log/log_head")).fetch_one(&mut *connection).await.map_err(failed)?;
        let (last,): (i64,) =
            sqlx::query_as(sql!("log/last_position")).fetch_one(&mut *connection).await.map_err(failed)?;
        if last != head {
            let text = format!("the log ends at {last} but its head says {head}: restore it from a backup");
            return Err(Failed::Refused(text.into()));
        }
        let (last_stream,): (i64,) =
            sqlx::query_as(sql!("log/last_stream")).fetch_one(&mut *connection).await.map_err(failed)?;
        self.memory = Some(Memory { head: unsigned(head), last_stream, ends: HashMap::new() });
        Ok(())
    }

    async fn end(&mut self, stream: &StreamId) -> Result<Option<End>, Failed> {
        let found: Option<(i64, i64, Vec<u8>, i64)> = sqlx::query_as(sql!("log/end"))
            .bind(stream.as_str())
            .fetch_optional(self.connection().await?)
            .await
            .map_err(failed)?;
        let Some((id, version, bytes, recorded_at)) = found else { return Ok(None) };
        let hash = hash(&bytes).map_err(|error| Failed::Refused(error.into()))?;
        Ok(Some(End { id, head: Head { version: unsigned(version), hash, recorded_at } }))
    }

    async fn execute(&mut self, statement: &'static str) -> Result<(), sqlx::Error> {
        let Some(connection) = self.connection.as_mut() else { return Ok(()) };
        sqlx::query(statement).execute(connection).await.map(|_| ())
    }
}

#[async_trait]
impl Writer for SqliteWriter {
    async fn begin(&mut self, streams: &[(&StreamId, Version)]) -> Result<HashMap<StreamId, End>, Failed> {
        self.connection().await?;
        self.execute("begin immediate").await.map_err(failed)?;
        self.remember().await?;
        self.pending.clear();
        self.pending_head = self.memory.as_ref().map_or(0, |memory| memory.head);
        let mut ends = HashMap::with_capacity(streams.len());
        for (stream, _) in streams {
            let known = self.memory.as_ref().and_then(|memory| memory.ends.get(*stream).copied());
            let end = match known {
                Some(end) => Some(end),
                None => self.end(stream).await?,
            };
            if let Some(end) = end {
                ends.insert(StreamId::clone(stream), end);
            }
        }
        Ok(ends)
    }

    async fn find(&mut self, ids: &[Uuid]) -> Result<HashMap<Uuid, Found>, Failed> {
        let connection = self.connection().await?;
        let mut found = HashMap::new();
        for id in ids {
            let row: Option<(Uuid, i64, i64)> = sqlx::query_as(sql!("log/found"))
                .bind(id)
                .fetch_optional(&mut *connection)
                .await
                .map_err(failed)?;
            if let Some((id, stream, position)) = row {
                found.insert(id, Found { stream, position: unsigned(position) });
            }
        }
        Ok(found)
    }

    async fn write(&mut self, plan: &Plan<'_>) -> Result<Position, Failed> {
        let memory = self.memory.as_ref().ok_or_else(|| Failed::Refused("the head is unknown".into()))?;
        let first = memory.head + 1;
        let mut last_stream = memory.last_stream;
        let ends: Vec<(i64, &PlannedEnd<'_>)> = plan
            .ends
            .iter()
            .map(|it| {
                if it.end.id == 0 && it.moved {
                    last_stream += 1;
                }
                (if it.end.id == 0 { last_stream } else { it.end.id }, it)
            })
            .collect();
        let connection =
            self.connection.as_mut().ok_or_else(|| Failed::Broken("there is no connection".into()))?;
        let new: Vec<_> = ends.iter().filter(|(_, it)| it.moved && it.end.id == 0).collect();
        for (size, chunk) in sizes(&new) {
            let mut query = sqlx::query(STREAMS.of(size));
            for (id, it) in chunk {
                query = query.bind(*id).bind(it.stream.as_str().to_owned());
            }
            query.execute(&mut *connection).await.map_err(failed)?;
        }
        let mut position = first;
        for (size, chunk) in sizes(&plan.rows) {
            let mut query = sqlx::query(EVENTS.of(size));
            for row in chunk {
                query = bind_row(query, position, ends[row.end].0, row);
                position += 1;
            }
            query.execute(&mut *connection).await.map_err(failed)?;
        }
        let head = position - 1;
        sqlx::query(sql!("log/move_head"))
            .bind(signed(head))
            .execute(&mut *connection)
            .await
            .map_err(failed)?;
        self.pending_head = head;
        let moved = ends.iter().filter(|(_, it)| it.moved);
        self.pending =
            moved.map(|(id, it)| (it.stream.clone(), End { id: *id, head: it.end.head })).collect();
        Ok(first)
    }

    async fn commit(&mut self) -> Result<(), NotCommitted> {
        self.execute("commit").await.map_err(not_committed)?;
        if let Some(memory) = &mut self.memory {
            memory.head = self.pending_head;
            if memory.ends.len() > MOST_ENDS {
                memory.ends.clear();
            }
            for (stream, end) in self.pending.drain(..) {
                memory.last_stream = memory.last_stream.max(end.id);
                memory.ends.insert(stream, end);
            }
        }
        Ok(())
    }

    async fn rollback(&mut self) {
        self.pending.clear();
        self.memory = None;
        if self.execute("rollback").await.is_err() {
            // The database may have rolled back by itself; a new connection is in no doubt.
            if let Some(connection) = self.connection.take() {
                let _ = connection.close().await;
            }
        }
    }

    async fn close(&mut self) {
        if let Some(connection) = self.connection.take() {
            let _ = connection.close().await;
        }
    }
}

type Bound = Query<'static, Sqlite, SqliteArguments>;

pub(crate) fn bind_row(query: Bound, position: Position, stream: i64, row: &Row<'_>) -> Bound {
    query
        .bind(signed(position))
        .bind(stream)
        .bind(signed(row.version))
        .bind(row.event.event_id)
        .bind(row.event.kind)
        .bind(i32::from(row.event.schema_version))
        .bind(row.event.occurred_at)
        .bind(row.event.recorded_at)
        .bind(row.event.data.to_vec())
        .bind(row.event.meta.to_vec())
        .bind(row.prev_hash.to_vec())
        .bind(row.hash.to_vec())
}

/// SQLite's result codes, in the names of its manual.
const SQLITE_BUSY: u32 = 5;
const SQLITE_READONLY: u32 = 8;
const SQLITE_FULL: u32 = 13;
const SQLITE_CANTOPEN: u32 = 14;
const SQLITE_TOOBIG: u32 = 18;
const SQLITE_CONSTRAINT: u32 = 19;

fn code(error: &sqlx::Error) -> Option<u32> {
    let sqlx::Error::Database(database) = error else { return None };
    // The low byte is the primary code; the rest says more, but nothing that matters here.
    database.code()?.parse::<u32>().ok().map(|code| code & 0xff)
}

fn failed(error: sqlx::Error) -> Failed {
    let is_unique = error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation);
    match code(&error) {
        Some(SQLITE_CONSTRAINT) if is_unique => Failed::Collision(error.into()),
        Some(SQLITE_CONSTRAINT | SQLITE_TOOBIG) => Failed::Data(error.into()),
        Some(SQLITE_BUSY) => Failed::Race(error.into()),
        _ => Failed::Refused(error.into()),
    }
}

/// A full or read-only disk leaves nothing behind; when flushing itself fails, nobody can tell what the disk holds.
fn not_committed(error: sqlx::Error) -> NotCommitted {
    match code(&error) {
        Some(SQLITE_BUSY | SQLITE_READONLY | SQLITE_FULL | SQLITE_CANTOPEN | SQLITE_CONSTRAINT) => {
            NotCommitted::Failed(failed(error))
        }
        _ => NotCommitted::Unknown(BoxError::from(error)),
    }
}

#[cfg(test)]
mod tests;
