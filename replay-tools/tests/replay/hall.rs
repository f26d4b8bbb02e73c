//! Words for the tests: an imported log, and questions to it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use clap::Parser;
use talon_core::{event_store::EventStore, time::ManualClock};
use talon_replay::{
    figures::{Figures, figures},
    history::History,
    import::{self, Args, ImportError, Summary},
    instant::{Instant, instant},
    progress::Progress,
    queue_log::QueueLog,
};

use crate::store::Log;

pub(crate) const HEADER: &str = "ticket_id,branch,service,priority,customer_ref,issued_at,called_at,service_started_at,\
                                 service_ended_at,outcome,operator,left_at,queue\n";

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    args: Args,
}

pub(crate) fn args(more: &[&str]) -> Args {
    let given = ["import", "hall.csv", "--time-zone", "Europe/Moscow"];
    Command::try_parse_from(given.iter().chain(more)).unwrap_or_else(|error| panic!("{error}")).args
}

pub(crate) fn refused(more: &[&str]) -> String {
    let given = ["import", "hall.csv", "--time-zone", "Europe/Moscow"];
    Command::try_parse_from(given.iter().chain(more)).err().expect("wrong usage").to_string()
}

/// One minute after the last import, so that recorded times differ between runs.
pub(crate) fn clock() -> Arc<ManualClock> {
    static RUNS: AtomicI64 = AtomicI64::new(0);
    let minutes = RUNS.fetch_add(1, Ordering::Relaxed);
    Arc::new(ManualClock::at(DateTime::from_timestamp(1_790_000_000 + 60 * minutes, 0).unwrap()))
}

pub(crate) async fn import(log: &Arc<Log>, rows: &str, more: &[&str]) -> Result<Summary, ImportError> {
    import_bytes(log, format!("{HEADER}{rows}").into_bytes(), more).await
}

pub(crate) async fn import_bytes(
    log: &Arc<Log>,
    bytes: Vec<u8>,
    more: &[&str],
) -> Result<Summary, ImportError> {
    let store: Arc<dyn EventStore> = Arc::clone(log) as _;
    let file = QueueLog::from_bytes(bytes)?;
    import::from_log(&args(more), file, 0, store, clock(), &Progress::silent()).await
}

pub(crate) async fn history(log: &Arc<Log>, data_set: &str) -> History {
    let store: Arc<dyn EventStore> = Arc::clone(log) as _;
    match History::read(&store, data_set, &Progress::silent()).await {
        Ok(history) => history,
        Err(error) => panic!("{error}"),
    }
}

pub(crate) async fn figures_of(log: &Arc<Log>) -> Figures {
    figures(&history(log, "hall").await)
}

pub(crate) async fn instant_of(log: &Arc<Log>, at: &str) -> Instant {
    instant(&history(log, "hall").await, at.parse().unwrap())
}

pub(crate) fn second(offset: i64) -> NaiveDateTime {
    (DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(17_000) + TimeDelta::seconds(offset)).naive_utc()
}
