//! How fast the log takes events, beside a bare batched insert of the same rows into the same table in the same run.
//! For `talon bench` and the example `append`; it fills what it is given, so give it a store of its own.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use talon_core::event_store::{Appended, NewEvent, StoreError, StreamId};
use tokio::task::JoinSet;
use uuid::Uuid;

use self::scratch::Scratch;
use crate::{
    Storage,
    plan::{Append, End, plan},
};

mod scratch;

/// Rows in one transaction of the yardstick.
const BATCH: usize = 256;

/// What to measure.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub events: u64,
    /// Callers that each wait for their answer before they append again.
    pub concurrent: usize,
    pub streams: u64,
}

/// What was measured.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    pub events_per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
}

/// A row of 213 bytes of data and meta, with a time-ordered id.
#[must_use]
pub fn row(number: u64) -> NewEvent {
    let micros = 1_763_600_000_000_000_i64 + i64::try_from(number).unwrap_or_default();
    let millis = u64::try_from(micros / 1_000).unwrap_or_default();
    let mut tail = [0; 10];
    tail[2..].copy_from_slice(&number.to_be_bytes());
    let id = uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid();
    NewEvent {
        event_id: id,
        kind: "ticket.called",
        schema_version: 2,
        occurred_at: micros,
        recorded_at: micros,
        data: Bytes::from(format!(
            "{{\"ticket\":\"{id}\",\"window\":\"w-3\",\"attempt\":1,\"mode\":\"next\",\"p\":{number:012}}}"
        )),
        meta: Bytes::from(format!(
            "{{\"command_id\":\"{id}\",\"actor\":{{\"kind\":\"staff\",\"id\":\"op-1\",\"role\":\"operator\"}}}}"
        )),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn rate(events: u64, elapsed: Duration) -> f64 {
    events as f64 / elapsed.as_secs_f64()
}

/// Appends single events through the port, one stream to each caller in turn.
///
/// # Errors
/// The first append that fails.
pub async fn appends(storage: &Storage, load: Load) -> Result<Figures, StoreError> {
    let next = Arc::new(AtomicU64::new(storage.tail.head()));
    let end = next.load(Ordering::Relaxed) + load.events;
    let started = Instant::now();
    let mut callers = JoinSet::new();
    for caller in 0..load.concurrent {
        let (events, next) = (storage.events.clone(), next.clone());
        let own = (load.streams / load.concurrent as u64).max(1);
        callers.spawn(async move {
            let mut streams = Vec::new();
            for number in 0..own {
                let stream = StreamId::new(&format!("queue-bench-{caller}-{number}~2026-11-20"));
                let head = events.head(&stream).await?;
                streams.push((stream, head.version));
            }
            let mut took = Vec::new();
            for turn in (0..streams.len()).cycle() {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    break;
                }
                let (stream, version) = &mut streams[turn];
                let asked = Instant::now();
                if let Appended::At(_, head) = events.append(stream, *version, vec![row(number)]).await? {
                    *version = head.version;
                }
                took.push(asked.elapsed());
            }
            Ok::<_, StoreError>(took)
        });
    }
    let mut took = Vec::new();
    while let Some(caller) = callers.join_next().await {
        took.extend(caller.map_err(|error| StoreError::Unavailable(error.into()))??);
    }
    let elapsed = started.elapsed();
    took.sort_unstable();
    let at = |percent: usize| took.get(took.len() * percent / 100).copied().unwrap_or_default();
    Ok(Figures { events_per_second: rate(load.events, elapsed), p50: at(50), p99: at(99) })
}

/// The yardstick: the same rows into a copy of the same table with the same indexes and the same durability, 256 to a
/// transaction, with nothing else around them. The copy is removed afterwards.
///
/// # Errors
/// When the database cannot be reached or refuses.
pub async fn bare_inserts(storage: &Storage, events: u64) -> Result<Figures, StoreError> {
    let mut scratch = Scratch::open(storage).await?;
    let stream = StreamId::new("bare");
    let mut took = Vec::new();
    let mut elapsed = Duration::ZERO;
    let mut head = End { id: 1, ..End::default() };
    let mut number = 0;
    while number < events {
        let count = (BATCH as u64).min(events - number);
        let rows = (number..number + count).map(row).collect();
        number += count;
        let append = Append { stream: stream.clone(), expected: head.head.version, events: rows };
        let group = [&append];
        // Hashing is not the yardstick's work: the plan is made outside the measured time.
        let plan = plan(&group, &[(stream.clone(), head)].into_iter().collect(), None);
        let started = Instant::now();
        scratch.insert(&plan).await?;
        took.push(started.elapsed());
        elapsed += started.elapsed();
        head.head = plan.ends[0].end.head;
    }
    scratch.remove().await?;
    took.sort_unstable();
    let at = |percent: usize| took.get(took.len() * percent / 100).copied().unwrap_or_default();
    Ok(Figures { events_per_second: rate(events, elapsed), p50: at(50), p99: at(99) })
}

/// How long this directory's disk takes to flush one page; the median of 200.
///
/// # Errors
/// When the directory cannot be written.
pub fn fsync_time(directory: &Path) -> io::Result<Duration> {
    let path = directory.join(format!("fsync-{}", Uuid::nil().simple()));
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(&path)?;
    let mut took = Vec::new();
    for _ in 0..200 {
        file.write_all(&[0x5a; 4_096])?;
        let started = Instant::now();
        file.sync_data()?;
        took.push(started.elapsed());
    }
    drop(file);
    fs::remove_file(path)?;
    took.sort_unstable();
    Ok(took[took.len() / 2])
}
