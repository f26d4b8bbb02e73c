//! What is done with a log that is there: folding it again, verifying it, building the read models anew, bringing an
//! old one in.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use talon_core::{
    aggregate::{Aggregate, Happened},
    event_store::{EventStore, Recorded, StreamId},
    fact::Fact,
    queue_day::QueueDay,
    time::Clock,
};
use talon_projections::{projector, rebuild, runner::Surroundings};
use talon_replay::{
    import::{self, OnError},
    pages::Pages,
    progress::Progress,
    verify,
};
use talon_storage::{Access, Storage, StoreUrl};
use tokio::{sync::mpsc, time::Instant};

use super::machine::cores;

/// So many events in so much time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Took {
    pub(super) events: u64,
    pub(super) took: Duration,
}

impl Took {
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    pub(super) fn per_second(self) -> f64 {
        self.events as f64 / self.took.as_secs_f64().max(f64::EPSILON)
    }
}

/// Reads, decodes and folds every day of the log, on as many threads as there are cores.
pub(super) async fn replay(store: &Arc<dyn EventStore>) -> anyhow::Result<Took> {
    let began = Instant::now();
    let folders: Vec<_> = (0..cores())
        .map(|_| {
            let (to, from) = mpsc::channel(4);
            (to, tokio::task::spawn_blocking(move || fold(from)))
        })
        .collect();
    let mut pages = Pages::of(store, 0);
    while let Some(page) = pages.next().await {
        let mut shares: Vec<Vec<Recorded>> = folders.iter().map(|_| Vec::new()).collect();
        for raw in page? {
            let share = lane(&raw.stream, shares.len());
            shares[share].push(raw);
        }
        for (share, (to, _)) in shares.into_iter().zip(&folders) {
            to.send(share).await.context("a fold ended early")?;
        }
    }
    let mut events = 0;
    for (to, folder) in folders {
        drop(to);
        events += folder.await??;
    }
    Ok(Took { events, took: began.elapsed() })
}

/// Events of one stream stay in order because they share a lane.
fn lane(stream: &StreamId, lanes: usize) -> usize {
    let mut sum = DefaultHasher::new();
    stream.hash(&mut sum);
    usize::try_from(sum.finish() % lanes.max(1) as u64).unwrap_or_default()
}

fn fold(mut from: mpsc::Receiver<Vec<Recorded>>) -> anyhow::Result<u64> {
    let mut days: HashMap<StreamId, QueueDay> = HashMap::new();
    let mut events = 0;
    while let Some(share) = from.blocking_recv() {
        for raw in &share {
            let fact = Fact::decode(raw)?;
            if raw.stream.category() == "queue" {
                days.entry(raw.stream.clone()).or_default().evolve(Happened::from(&fact));
            }
            events += 1;
        }
    }
    Ok(events)
}

/// Recomputes every seal and follows every link.
pub(super) async fn verify(store: &Arc<dyn EventStore>) -> anyhow::Result<Took> {
    let began = Instant::now();
    let report = verify::verify(store, &Progress::silent()).await?;
    if let Some(broken) = report.broken {
        bail!("the log that was just written is broken at {broken}");
    }
    Ok(Took { events: report.events, took: began.elapsed() })
}

/// Fills new versions of all tables beside the old ones and swaps them.
pub(super) async fn rebuild(storage: &Storage, clock: &Arc<dyn Clock>) -> anyhow::Result<Took> {
    let events = storage.tail.head();
    let began = Instant::now();
    rebuild::rebuild(&Surroundings::new(storage, clock.clone()), &projector::ALL).await?;
    Ok(Took { events, took: began.elapsed() })
}

/// Imports a queue log into a new store.
pub(super) async fn import(file: &Path, into: &Path, clock: &Arc<dyn Clock>) -> anyhow::Result<Took> {
    let storage = Storage::open(&StoreUrl::Sqlite(into.into()), Access::Owner, None).await?;
    let args = import::Args {
        file: file.into(),
        time_zone: chrono_tz::Asia::Jerusalem,
        dataset: None,
        branch_prefix: String::new(),
        classes: Vec::new(),
        on_error: OnError::Skip,
        hold: 250_000,
        json: false,
    };
    let began = Instant::now();
    let summary = import::run(&args, storage.events.clone(), clock.clone(), &Progress::silent()).await?;
    let took = began.elapsed();
    storage.close().await;
    Ok(Took { events: summary.events_written, took })
}
