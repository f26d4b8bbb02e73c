//! `import queue-log`: tickets of another system become facts, once and for ever.
//!
//! A ticket is known by its data set and its external id alone. Before anything is written the log is asked which
//! tickets of the data set it has, so a second run adds nothing, in whatever file, order, zone or prefix a ticket comes
//! again. A ticket is written whole or not at all; a run that was killed is completed by running it again.
//! Rows are held back until `--hold` of them wait, then written day by day, so memory has a bound and a file in any
//! order comes out as days in order.

mod known;
mod names;
mod summary;
mod ticket;
mod writer;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use talon_core::{
    event_store::{EventStore, StoreError, StreamId},
    fact::Unreadable,
    ids::{BranchId, ClassId},
    time::Clock,
};
use tokio::sync::mpsc;
use uuid::Uuid;

pub use self::summary::{Rejected, Summary};
use self::{known::Known, ticket::Ticket};
use crate::{
    local_time,
    progress::Progress,
    queue_log::{BadRow, Flaw, QueueLog, ReadError, Row},
};

/// Rows handed from the reading thread at a time.
const BATCH: usize = 1_000;

/// Import the tickets of another queue system as history.
///
/// Exit codes: 0 imported, also when rows were skipped; 1 failed or stopped at a bad row (run it again to go on);
/// 2 wrong usage.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The queue log: CSV, plain or gzipped.
    pub file: PathBuf,
    /// IANA name of the zone its wall clock stands in.
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Tz,
    /// What to call the data set; files that belong together share a name. Default: the file's name without endings.
    #[arg(long, value_name = "NAME", value_parser = data_set)]
    pub dataset: Option<String>,
    /// Put before the source's names of branches, so that they meet no branch that is there already.
    #[arg(long, value_name = "PREFIX", default_value = "", value_parser = prefix)]
    pub branch_prefix: String,
    /// The class that a priority of the source means; may be repeated. Other priorities are `standard`.
    #[arg(long = "class", value_name = "PRIORITY=CLASS", value_parser = class)]
    pub classes: Vec<(String, ClassId)>,
    /// What to do at a row that cannot be read: report and skip it, or report it and stop there.
    #[arg(long, value_enum, default_value_t = OnError::Skip)]
    pub on_error: OnError,
    /// Tickets held in memory before they are written, so that days come out in order; about 600 bytes each.
    #[arg(long, value_name = "TICKETS", default_value_t = 250_000)]
    pub hold: usize,
    /// Print the summary as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum OnError {
    /// Go on with the next row.
    Skip,
    /// Import what stands above the bad row and end.
    Stop,
}

/// Why an import ended early. What was written stays; running it again completes it.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("cannot read the queue log")]
    Read(#[from] ReadError),
    #[error("the store failed; run the import again to complete it")]
    Store(#[from] StoreError),
    #[error("the log holds a fact that cannot be read")]
    Log(#[from] Unreadable),
    #[error("a part of the import died")]
    Died(#[from] tokio::task::JoinError),
    #[error("others keep writing to {0}; run the import again to complete it")]
    Contended(StreamId),
}

/// What every ticket of this run shares.
#[derive(Debug, Clone)]
struct Plan {
    data_set: String,
    zone: Tz,
    prefix: String,
    classes: BTreeMap<String, ClassId>,
    now: DateTime<Utc>,
}

/// A branch on a business day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Day {
    date: NaiveDate,
    branch: BranchId,
}

impl Day {
    fn stream(&self) -> StreamId {
        StreamId::new(&format!("queue-{}~{}", self.branch, self.date))
    }
}

/// Reads the file and writes what the log does not have yet.
///
/// # Errors
/// When file or store fail. Bad rows are no error: they are in the summary, and said through `progress`.
pub async fn run(
    args: &Args,
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
    progress: &Progress,
) -> Result<Summary, ImportError> {
    let length = std::fs::metadata(&args.file).map_or(0, |file| file.len());
    let log = QueueLog::open(&args.file)?;
    from_log(args, log, length, store, clock, progress).await
}

/// The same for a log that is open already.
///
/// # Errors
/// As `run`.
pub async fn from_log(
    args: &Args,
    log: QueueLog,
    length: u64,
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
    progress: &Progress,
) -> Result<Summary, ImportError> {
    let plan = Plan {
        data_set: args.dataset.clone().unwrap_or_else(|| stem(&args.file)),
        zone: args.time_zone,
        prefix: args.branch_prefix.clone(),
        classes: args.classes.iter().cloned().collect(),
        now: clock.now(),
    };
    progress.begin("reading what the log has", None);
    let known = Known::read(&store, &plan.data_set, progress).await?;
    let mut import = Import {
        summary: Summary::of(&plan),
        plan: Arc::new(plan),
        known,
        waiting: BTreeMap::new(),
        held: 0,
        store,
        clock,
        progress,
        on_error: args.on_error,
        hold: args.hold.max(1),
    };
    let done = import.read(log, length).await;
    // What was accepted is written also when the file broke off or a bad row ended the run.
    let written = import.write().await;
    progress.end();
    written?;
    done?;
    import.summary.took_ms =
        u64::try_from((import.clock.now() - import.plan.now).num_milliseconds()).unwrap_or_default();
    Ok(import.summary)
}

struct Import<'a> {
    plan: Arc<Plan>,
    known: Known,
    /// Accepted and not yet written.
    waiting: BTreeMap<Day, Vec<Ticket>>,
    held: usize,
    summary: Summary,
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
    progress: &'a Progress,
    on_error: OnError,
    hold: usize,
}

type Batch = (u64, Vec<Result<Result<Row, BadRow>, ReadError>>);

impl Import<'_> {
    async fn read(&mut self, log: QueueLog, length: u64) -> Result<(), ImportError> {
        self.progress.begin("reading the file", Some(length));
        let mut batches = batches(log);
        while let Some((bytes, rows)) = batches.recv().await {
            for row in rows {
                self.summary.rows += 1;
                if let Err(bad) = row?.and_then(|row| self.accept(row)) {
                    self.progress.say(&bad.to_string());
                    let stop = self.on_error == OnError::Stop;
                    self.summary.reject(&bad, stop);
                    if stop {
                        return Ok(());
                    }
                }
            }
            self.progress.reach(bytes);
            if self.held >= self.hold {
                self.write().await?;
                self.progress.begin("reading the file", Some(length));
            }
        }
        Ok(())
    }

    /// Holds a ticket back for writing, unless the log or an earlier row has it.
    fn accept(&mut self, row: Row) -> Result<(), BadRow> {
        let bad = |flaw| BadRow { line: row.line, flaw };
        let issued_at = local_time::instant(self.plan.zone, row.issued_at);
        if issued_at < DateTime::UNIX_EPOCH {
            return Err(bad(Flaw::TooOld { column: "issued_at" }));
        }
        let (column, last) = row.ended_at();
        if local_time::instant(self.plan.zone, last) > self.plan.now {
            return Err(bad(Flaw::Future { column }));
        }
        let id = ticket::id(&self.plan.data_set, &row.ticket_id);
        let digest = row.digest();
        match self.known.content(id) {
            Some(content) if content == known::content(&digest) => {
                self.summary.already_there += 1;
                return Ok(());
            }
            Some(_) => return Err(bad(Flaw::Differs { ticket_id: row.ticket_id.clone() })),
            None => {}
        }
        let day = Day { date: row.issued_at.date(), branch: names::branch(&self.plan.prefix, &row.branch) };
        if self.known.is_live(&day.stream()) {
            return Err(bad(live(&day)));
        }
        self.known.add(id, &digest);
        self.held += 1;
        self.waiting.entry(day).or_default().push(Ticket::new(id, row, &digest));
        Ok(())
    }

    async fn write(&mut self) -> Result<(), ImportError> {
        if self.held == 0 {
            return Ok(());
        }
        let days = std::mem::take(&mut self.waiting);
        let held = std::mem::take(&mut self.held);
        let branches: BTreeSet<BranchId> = days.keys().map(|day| day.branch.clone()).collect();
        let new = writer::register(&*self.store, &*self.clock, &self.known, branches).await?;
        self.summary.branches_registered += new.len();
        self.known.branches.extend(new);
        self.progress.begin("writing", Some(u64::try_from(held).unwrap_or(u64::MAX)));
        let mut days = days.into_iter();
        let mut running = tokio::task::JoinSet::new();
        let mut failed = None;
        loop {
            while failed.is_none() && running.len() < writer::AT_ONCE {
                let Some((day, tickets)) = days.next() else { break };
                let known_version = self.known.version(&day.stream());
                running.spawn(writer::write_day(
                    Arc::clone(&self.store),
                    Arc::clone(&self.clock),
                    Arc::clone(&self.plan),
                    day,
                    known_version,
                    tickets,
                ));
            }
            match running.join_next().await {
                None => break,
                Some(Ok(Ok(written))) => self.note(written),
                Some(Ok(Err(error))) => failed = failed.or(Some(error)),
                Some(Err(error)) => failed = failed.or(Some(error.into())),
            }
        }
        failed.map_or(Ok(()), Err)
    }

    fn note(&mut self, written: writer::Written) {
        self.progress.advance(written.tickets + written.found_there);
        self.summary.tickets_written += written.tickets;
        self.summary.events_written += written.events;
        self.summary.already_there += written.found_there;
        self.summary.days.insert(written.stream.clone());
        self.known.reached(written.stream, written.version);
        for line in written.refused {
            // Somebody opened the day while we were at it; its other tickets were refused when they were read.
            let bad = BadRow { line, flaw: live(&written.day) };
            self.progress.say(&bad.to_string());
            self.summary.reject(&bad, false);
        }
    }
}

fn live(day: &Day) -> Flaw {
    Flaw::DayIsLive { branch: day.branch.to_string(), day: day.date.to_string() }
}

/// Reads ahead on a thread of its own.
fn batches(mut log: QueueLog) -> mpsc::Receiver<Batch> {
    let (to, from) = mpsc::channel(4);
    tokio::task::spawn_blocking(move || {
        loop {
            let rows: Vec<_> = log.by_ref().take(BATCH).collect();
            if rows.is_empty() || to.blocking_send((log.bytes_read(), rows)).is_err() {
                return;
            }
        }
    });
    from
}

/// `callcentre.csv.gz` is the data set `callcentre`.
fn stem(file: &std::path::Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let plain = name.strip_suffix(".gz").unwrap_or(&name);
    let plain = plain.strip_suffix(".csv").unwrap_or(plain);
    if plain.is_empty() { name.into_owned() } else { plain.to_owned() }
}

fn data_set(text: &str) -> Result<String, String> {
    if text.trim().is_empty() || text.len() > 200 || text.chars().any(char::is_control) {
        return Err("a name of 1 to 200 bytes".into());
    }
    Ok(text.to_owned())
}

fn prefix(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Ok(String::new());
    }
    match BranchId::parse(text) {
        Ok(it) if text.len() <= names::LONGEST_PREFIX => Ok(it.as_str().to_owned()),
        _ => Err("at most 24 of a-z, 0-9 and -".into()),
    }
}

fn class(text: &str) -> Result<(String, ClassId), String> {
    let (priority, class) = text.split_once('=').ok_or("PRIORITY=CLASS, for example 1=privileged")?;
    let class = ClassId::parse(class.trim()).map_err(|error| error.to_string())?;
    Ok((priority.trim().to_owned(), class))
}

/// The id of the ticket that a data set knows under an external id.
#[must_use]
pub fn ticket_id(data_set: &str, external_id: &str) -> Uuid {
    ticket::id(data_set, external_id)
}
