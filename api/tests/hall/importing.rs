//! kill −9 in the middle of an import, at any moment: running it again completes it, and what comes out is what one run
//! without a kill makes.

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use serde_json::Value;
use talon_core::{event_store::EventStore, fact::Fact};
use talon_replay::{
    figures::{Figures, figures},
    history::History,
    progress::Progress,
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    house::{new_id, pause},
    node,
    postgres::Database,
    record,
};

const DATA_SET: &str = "killed";
/// An import that no kill has met half-way after so many rounds is too quick for this test.
const MOST_ROUNDS: usize = 25;

/// A file and how it is imported.
struct Log {
    file: PathBuf,
    zone: &'static str,
    hold: &'static str,
}

impl Log {
    fn command<'a>(&'a self, store: &'a str) -> Vec<&'a str> {
        let file = self.file.to_str().unwrap();
        let import = ["--store", store, "import", "queue-log", file, "--time-zone", self.zone];
        let as_it_is = ["--dataset", DATA_SET, "--hold", self.hold, "--json"];
        import.into_iter().chain(as_it_is).collect()
    }

    /// To its end; the summary.
    fn runs(&self, store: &str) -> Value {
        serde_json::from_str(&node::talon(&self.command(store))).unwrap()
    }

    async fn is_killed_after(&self, store: &str, time: Duration) {
        let mut child = node::begin(&self.command(store));
        pause(time).await;
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

/// What was written of each ticket, in the order of the log, without what differs between any two runs.
type Tickets = BTreeMap<Uuid, Vec<(String, String, i64, Bytes)>>;

async fn tickets_in(store: &Arc<dyn EventStore>) -> Tickets {
    let mut tickets = Tickets::new();
    for raw in record::all(store).await {
        let fact = Fact::decode(&raw).unwrap();
        if fact.is_imported() {
            let line = (raw.stream.to_string(), raw.kind.to_string(), raw.occurred_at, raw.data);
            tickets.entry(fact.meta.correlation_id).or_default().push(line);
        }
    }
    tickets
}

/// What a killed import left behind.
async fn left(store: &str) -> Tickets {
    let storage = node::open(store).await;
    let tickets = tickets_in(&storage.events).await;
    storage.close().await;
    tickets
}

/// What a complete import wrote in an unbroken log, and its figures.
async fn written(store: &str) -> (Tickets, Figures) {
    let storage = node::open(store).await;
    record::unbroken(&storage.events).await;
    let tickets = tickets_in(&storage.events).await;
    let history = History::read(&storage.events, DATA_SET, &Progress::silent()).await;
    let Ok(history) = history else { panic!("the data set is there") };
    storage.close().await;
    (tickets, figures(&history))
}

/// Some moment of a run that takes so long, each time another.
fn some_moment(of: Duration) -> Duration {
    of.mul_f64(f64::from(new_id().as_bytes()[15]) / 255.0)
}

/// A new store, with what keeps it there.
type Place = (String, Option<Database>);

/// Imports in one go into one place, and with kills into another: `kills` of them meet the import half-way, unless it is
/// complete before.
async fn survives(log: &Log, place: impl AsyncFn(&str) -> Place, kills: usize) {
    let (clean, _keeps) = place("clean").await;
    let started = Instant::now();
    let summary = log.runs(&clean);
    let mut longest = started.elapsed();
    let (expected, figures) = written(&clean).await;
    assert_eq!(summary["tickets_written"], expected.len());

    let (mut half_way, mut moments) = (0, Vec::new());
    let mut killed = place("killed").await;
    while half_way < kills {
        assert!(moments.len() < MOST_ROUNDS, "{half_way} kills half-way, of {moments:?}");
        let moment = some_moment(longest);
        log.is_killed_after(&killed.0, moment).await;
        let there = left(&killed.0).await;
        moments.push((moment, there.len()));
        for (ticket, lines) in &there {
            assert_eq!(lines, &expected[ticket], "a ticket is there whole or not at all");
        }
        match (there.len() == expected.len(), half_way) {
            (true, 0) => {
                // Too late to kill anything. Once more from the beginning, and earlier.
                longest = moment;
                killed = place(&format!("killed-{}", moments.len())).await;
            }
            (true, _) => break,
            (false, _) => half_way += usize::from(!there.is_empty()),
        }
    }
    eprintln!("{} tickets; killed after, with so many: {moments:?}", expected.len());

    log.runs(&killed.0);
    let (tickets, found) = written(&killed.0).await;
    assert!(tickets == expected, "the same facts");
    assert_eq!(found, figures);
    assert_eq!(log.runs(&killed.0)["events_written"], 0, "and it is complete");
}

/// A few branches over a few days, everybody's visit ending in one of the four ways.
fn small_log(folder: &Path) -> Log {
    let mut text = String::from(
        "ticket_id,branch,service,priority,customer_ref,issued_at,called_at,service_started_at,service_ended_at,\
         outcome,operator,left_at,queue\n",
    );
    for n in 0..1_200 {
        let at = |minutes: u32| {
            let minutes = 540 + n / 10 + minutes;
            format!("2016-08-{:02}T{:02}:{:02}:{:02}", 1 + n % 8, minutes / 60, minutes % 60, n % 60)
        };
        let rest = match n % 5 {
            0 => format!(",,,abandoned,,{}", at(20)),
            1 => format!("{},,,no_show,op{},{}", at(9), n % 7, at(15)),
            2 => format!("{},,,other,,", at(9)),
            _ => format!("{},{},{},served,op{},", at(9), at(10), at(25), n % 7),
        };
        writeln!(text, "t{n},b{},s{},0,,{},{rest},q", n % 3, n % 4, at(0)).unwrap();
    }
    let file = folder.join("small.csv");
    fs::write(&file, text).unwrap();
    Log { file, zone: "Europe/Moscow", hold: "100" }
}

/// A real log, or nothing, and the caller skipped by name.
fn real_log(test: &str) -> Option<Log> {
    #[expect(clippy::disallowed_methods, reason = "a test is told by its environment where the logs lie")]
    let told = std::env::var("TALON_LOGS").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let file = told.unwrap_or_else(|_| beside()).join("bank_branches.csv.gz");
    if file.is_file() {
        return Some(Log { file, zone: "America/Sao_Paulo", hold: "2000" });
    }
    eprintln!("skipped {test}: no queue log at {} (set TALON_LOGS)", file.display());
    None
}

/// Embedded stores in a folder.
fn within(folder: &TempDir) -> impl AsyncFn(&str) -> Place {
    async |name: &str| (format!("sqlite:{}", folder.path().join(name).display()), None)
}

#[tokio::test]
async fn an_import_that_is_killed_is_completed_by_running_it_again() {
    let folder = TempDir::with_prefix("talon-hall-").unwrap();
    survives(&small_log(folder.path()), within(&folder), 3).await;
}

#[tokio::test]
async fn an_import_that_is_killed_on_postgresql_is_completed_by_running_it_again() {
    if Database::create().await.is_none() {
        return;
    }
    let folder = TempDir::with_prefix("talon-hall-").unwrap();
    let place = async |_: &str| {
        let database = Database::create().await.unwrap();
        (database.url.clone(), Some(database))
    };
    survives(&small_log(folder.path()), place, 3).await;
}

#[tokio::test]
async fn the_import_of_a_real_log_survives_kills() {
    let Some(log) = real_log("the_import_of_a_real_log_survives_kills") else { return };
    let folder = TempDir::with_prefix("talon-hall-").unwrap();
    survives(&log, within(&folder), 1).await;
}
