//! Pages of the log, each in one row: the database strings the bytes of a page's events together and puts the numbers
//! beside them. A row of its own for each event costs its reader several times what finding it costs: on SQLite a
//! channel, a lock and twelve allocations.
//!
//! Nothing is believed of such a page but what adds up: where counts and lengths do not agree, the caller reads the
//! events one by one and finds out why.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use sqlx::{FromRow, PgPool, SqlitePool};
use talon_core::event_store::{Position, Recorded, StreamId, Version};
use uuid::Uuid;

use crate::{
    db::Db,
    feed::Kinds,
    sql,
    sql::{signed, unsigned},
};

/// Names kept in memory; beyond that all are forgotten and read again as needed.
const MOST_NAMES: usize = 100_000;
/// Event id and both hashes.
const FIXED: usize = 16 + 32 + 32;

/// Reads pages. It knows the names of streams by their number, as far as they have been met: a stream is never renamed.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    names: Mutex<HashMap<i64, StreamId>>,
}

/// Which of two events of a page comes first.
type Order = fn(&Head<'_>) -> i64;

impl Pages {
    /// Events of the whole log, or nothing when they must be read one by one.
    pub(crate) async fn all(
        &self,
        log: &Db,
        after: Position,
        limit: u32,
    ) -> Result<Option<Vec<Recorded>>, sqlx::Error> {
        let (after, limit) = (signed(after), i64::from(limit));
        let order: Order = |head| head.position;
        match log {
            Db::Sqlite { readers, .. } => {
                let query = sqlx::query_as(sql!("log/page.sqlite")).bind(after).bind(limit);
                self.sqlite(readers, query.fetch_one(readers).await, order).await
            }
            Db::Postgres(pool) => {
                let query = sqlx::query_as(sql!("log/page.postgres")).bind(after).bind(limit);
                self.postgres(pool, query.fetch_one(pool).await, order).await
            }
        }
    }

    /// Events of one stream, or nothing when they must be read one by one.
    pub(crate) async fn stream(
        &self,
        log: &Db,
        stream: &StreamId,
        after: Version,
        limit: u32,
    ) -> Result<Option<Vec<Recorded>>, sqlx::Error> {
        let (name, after, limit) = (stream.as_str(), signed(after), i64::from(limit));
        let order: Order = |head| head.version;
        match log {
            Db::Sqlite { readers, .. } => {
                let query = sqlx::query_as(sql!("log/stream_page.sqlite")).bind(name).bind(after).bind(limit);
                self.sqlite(readers, query.fetch_one(readers).await, order).await
            }
            Db::Postgres(pool) => {
                let query =
                    sqlx::query_as(sql!("log/stream_page.postgres")).bind(name).bind(after).bind(limit);
                self.postgres(pool, query.fetch_one(pool).await, order).await
            }
        }
    }

    async fn sqlite(
        &self,
        log: &SqlitePool,
        page: Result<TextPage, sqlx::Error>,
        order: Order,
    ) -> Result<Option<Vec<Recorded>>, sqlx::Error> {
        let Some(page) = whole(page)? else { return Ok(None) };
        if page.count == 0 {
            return Ok(Some(Vec::new()));
        }
        let (Some(heads), Some(bytes)) = (page.heads, page.bytes) else { return Ok(None) };
        let Some(heads) = heads.split('\n').map(Head::parse).collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        let adds_up = page.sound == page.count && unsigned(page.count) == heads.len() as u64;
        let (mut names, missing) = self.known(&heads);
        if !missing.is_empty() {
            let numbers = serde_json::to_string(&missing).unwrap_or_default();
            let query = sqlx::query_as(sql!("log/names.sqlite")).bind(numbers);
            self.learn(query.fetch_all(log).await?, &mut names);
        }
        Ok(if adds_up { unpack(heads, bytes.into(), &names, order) } else { None })
    }

    async fn postgres(
        &self,
        log: &PgPool,
        page: Result<ArrayPage, sqlx::Error>,
        order: Order,
    ) -> Result<Option<Vec<Recorded>>, sqlx::Error> {
        let Some(page) = whole(page)? else { return Ok(None) };
        let Some(kinds) = &page.kinds else { return Ok(Some(Vec::new())) };
        let Some(heads) = page.heads(kinds) else { return Ok(None) };
        let adds_up = unsigned(page.sound) == heads.len() as u64;
        let (mut names, missing) = self.known(&heads);
        if !missing.is_empty() {
            let query = sqlx::query_as(sql!("log/names.postgres")).bind(missing);
            self.learn(query.fetch_all(log).await?, &mut names);
        }
        let bytes = page.bytes.filter(|_| adds_up);
        Ok(bytes.and_then(|bytes| unpack(heads, bytes.into(), &names, order)))
    }

    /// The names of a page's streams that are known, and the numbers of the others.
    fn known(&self, heads: &[Head<'_>]) -> (HashMap<i64, StreamId>, Vec<i64>) {
        let wanted: BTreeSet<i64> = heads.iter().map(|it| it.stream).collect();
        let known = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut found, mut missing) = (HashMap::with_capacity(wanted.len()), Vec::new());
        for number in wanted {
            match known.get(&number) {
                Some(name) => drop(found.insert(number, name.clone())),
                None => missing.push(number),
            }
        }
        (found, missing)
    }

    fn learn(&self, rows: Vec<(i64, String)>, found: &mut HashMap<i64, StreamId>) {
        let mut known = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() > MOST_NAMES {
            known.clear();
        }
        for (number, name) in rows {
            let name = StreamId::new(&name);
            known.insert(number, name.clone());
            found.insert(number, name);
        }
    }
}

/// A page that is too large for one row, or that cannot be told, is read event by event; a database that is away is away.
fn whole<T>(page: Result<T, sqlx::Error>) -> Result<Option<T>, sqlx::Error> {
    match page {
        Ok(page) => Ok(Some(page)),
        Err(sqlx::Error::Database(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A page of SQLite, which has no arrays: a line of text for each event.
#[derive(FromRow)]
struct TextPage {
    count: i64,
    /// Events whose id and hashes are as long as they must be.
    sound: i64,
    heads: Option<String>,
    bytes: Option<Vec<u8>>,
}

/// A page of PostgreSQL. Where there are no events, there are no arrays.
#[derive(FromRow)]
struct ArrayPage {
    sound: i64,
    positions: Option<Vec<i64>>,
    streams: Option<Vec<i64>>,
    versions: Option<Vec<i64>>,
    schema_versions: Option<Vec<i32>>,
    occurred: Option<Vec<i64>>,
    recorded: Option<Vec<i64>>,
    data: Option<Vec<i32>>,
    meta: Option<Vec<i32>>,
    kinds: Option<Vec<String>>,
    bytes: Option<Vec<u8>>,
}

/// What stands beside an event's bytes.
struct Head<'a> {
    position: i64,
    stream: i64,
    version: i64,
    schema_version: u16,
    occurred_at: i64,
    recorded_at: i64,
    data: usize,
    meta: usize,
    kind: &'a str,
}

impl<'a> Head<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        // The type is the last: it may hold a space without being mistaken for a number.
        let mut parts = line.splitn(9, ' ');
        let mut number = || parts.next()?.parse::<i64>().ok();
        Some(Self {
            position: number()?,
            stream: number()?,
            version: number()?,
            schema_version: u16::try_from(number()?).ok()?,
            occurred_at: number()?,
            recorded_at: number()?,
            data: usize::try_from(number()?).ok()?,
            meta: usize::try_from(number()?).ok()?,
            kind: parts.next()?,
        })
    }
}

impl ArrayPage {
    fn heads<'a>(&self, kinds: &'a [String]) -> Option<Vec<Head<'a>>> {
        let (positions, streams, versions) =
            (self.positions.as_ref()?, self.streams.as_ref()?, self.versions.as_ref()?);
        let (schema_versions, occurred, recorded) =
            (self.schema_versions.as_ref()?, self.occurred.as_ref()?, self.recorded.as_ref()?);
        let (data, meta) = (self.data.as_ref()?, self.meta.as_ref()?);
        let head = |at: usize| {
            Some(Head {
                position: *positions.get(at)?,
                stream: *streams.get(at)?,
                version: *versions.get(at)?,
                schema_version: u16::try_from(*schema_versions.get(at)?).ok()?,
                occurred_at: *occurred.get(at)?,
                recorded_at: *recorded.get(at)?,
                data: usize::try_from(*data.get(at)?).ok()?,
                meta: usize::try_from(*meta.get(at)?).ok()?,
                kind: kinds.get(at)?,
            })
        };
        (0..positions.len()).map(head).collect()
    }
}

fn unpack(
    heads: Vec<Head<'_>>,
    bytes: Bytes,
    names: &HashMap<i64, StreamId>,
    order: Order,
) -> Option<Vec<Recorded>> {
    let length: usize = heads.iter().map(|it| FIXED + it.data + it.meta).sum();
    if length != bytes.len() || !heads.is_sorted_by(|one, next| order(one) < order(next)) {
        return None;
    }
    let mut kinds = Kinds::default();
    let mut events = Vec::with_capacity(heads.len());
    let mut at = 0;
    for head in heads {
        let (id, hashes) = bytes[at..at + FIXED].split_at(16);
        let data = at + FIXED;
        let meta = data + head.data;
        at = meta + head.meta;
        events.push(Recorded {
            position: unsigned(head.position),
            stream: names.get(&head.stream)?.clone(),
            version: unsigned(head.version),
            event_id: Uuid::from_slice(id).ok()?,
            kind: kinds.share(head.kind),
            schema_version: head.schema_version,
            occurred_at: head.occurred_at,
            recorded_at: head.recorded_at,
            data: bytes.slice(data..meta),
            meta: bytes.slice(meta..at),
            prev_hash: hashes[..32].try_into().ok()?,
            hash: hashes[32..].try_into().ok()?,
        });
    }
    Some(events)
}

#[cfg(test)]
mod tests;
