//! `talon bench`: what this machine can do, each figure beside a yardstick of the same run.
//!
//! `house` sets branches up and serves them as `talon serve` does; `clerk` presses the buttons over `client`
//! connections at a pace that `load` keeps; `screens` follow the boards; `lag` watches the read models. `past` fills a log
//! of a million facts and `history` works on it. `machine` counts what a stretch took, `report` shows it all. Every row stands in `rows`.
//! Nothing here is used by a server.

mod bare;
mod clerk;
mod client;
mod database;
mod history;
mod house;
mod lag;
mod load;
mod machine;
mod past;
mod report;
mod rows;
mod screens;
mod server;

use std::{path::PathBuf, sync::Arc, time::Duration};

use metrics_exporter_prometheus::PrometheusHandle;
use talon_core::time::Clock;
use tokio::time::Instant;

pub(crate) use self::report::Report;
use self::{
    machine::{Cost, Machine, Moment},
    report::Row,
};

/// What to measure, and where.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// A folder that may be filled and is removed afterwards.
    pub(crate) folder: PathBuf,
    /// A superuser's address of a PostgreSQL server; a database of its own is made there and dropped.
    pub(crate) postgres: Option<String>,
    /// The folder of real queue logs.
    pub(crate) logs: Option<PathBuf>,
    /// Short stretches and small logs.
    pub(crate) quick: bool,
    pub(crate) branches: usize,
    pub(crate) connections: usize,
    /// Only these parts; empty: all.
    pub(crate) only: Vec<Part>,
}

/// Rows that are measured together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Part {
    /// Commands over HTTP, the lags behind them, and the screens that follow.
    Commands,
    /// What is done with a log of a million facts.
    History,
    Appends,
    Import,
}

/// A run under way.
struct Bench {
    plan: Plan,
    clock: Arc<dyn Clock>,
    /// The counters of this process.
    metrics: Option<PrometheusHandle>,
    rows: Vec<Row>,
    skipped: Vec<String>,
}

/// Measures everything that can be measured here.
///
/// # Errors
/// When a store, a server or a file fails. Requests that fail are no error: they are counted.
pub(crate) async fn run(plan: Plan, clock: Arc<dyn Clock>) -> anyhow::Result<Report> {
    let began = Instant::now();
    let (folder, quick) = (plan.folder.clone(), plan.quick);
    std::fs::create_dir_all(&folder)?;
    let machine = Machine::look(&folder)?;
    let date = clock.now().format("%Y-%m-%d %H:%M UTC").to_string();
    let mut bench = Bench { plan, clock, metrics: None, rows: Vec::new(), skipped: Vec::new() };
    let done = bench.measure().await;
    std::fs::remove_dir_all(&folder)?;
    done?;
    Ok(Report {
        version: env!("CARGO_PKG_VERSION"),
        date,
        quick,
        took_s: began.elapsed().as_secs_f64(),
        machine,
        rows: bench.rows,
        skipped: bench.skipped,
    })
}

impl Bench {
    async fn measure(&mut self) -> anyhow::Result<()> {
        let server = self.plan.postgres.clone();
        if server.is_none() {
            self.skip("PostgreSQL: no server (TALON_TEST_POSTGRES)");
        }
        if self.wants(Part::Commands) {
            self.embedded().await?;
            self.slow_disk().await?;
            if let Some(server) = &server {
                self.server(server).await?;
            }
        }
        if self.wants(Part::History) {
            self.history(server.as_deref()).await?;
        }
        if self.wants(Part::Appends) {
            self.appends().await?;
        }
        if self.wants(Part::Import) {
            self.import().await?;
        }
        Ok(())
    }

    fn wants(&self, part: Part) -> bool {
        self.plan.only.is_empty() || self.plan.only.contains(&part)
    }

    /// How long a stretch lasts.
    fn lasting(&self, seconds: u64) -> Duration {
        if self.plan.quick { Duration::from_millis(seconds * 125) } else { Duration::from_secs(seconds) }
    }

    fn moment(&self) -> Moment {
        Moment::now(self.metrics.as_ref().map(PrometheusHandle::render))
    }

    fn since(&self, began: &Moment) -> Cost {
        began.until(&self.moment())
    }

    fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    fn skip(&mut self, what: &str) {
        self.skipped.push(what.to_owned());
    }

    fn say(&self, what: &str) {
        eprintln!("bench: {what}");
    }
}
