//! `talon bench`: what this machine can do.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Context;
use talon_core::time::Clock;

use super::Common;
use crate::{
    bench::{self, Part, Plan},
    clock::SystemClock,
    telemetry,
};

/// Measure what this machine can do: commands, boards, lags, appends, rebuilds, each beside its yardstick.
///
/// Exit codes: 0 measured, whatever the figures; 1 something failed.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Short stretches and small logs: shows that everything works, not how fast.
    #[arg(long)]
    quick: bool,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
    /// Write the figures as a page of the documentation.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Where the stores are made and removed. It must not exist: its disk is what is measured.
    #[arg(long, value_name = "DIR", default_value = "run/bench")]
    folder: PathBuf,
    /// A superuser's address of a PostgreSQL server to measure too.
    #[arg(long, value_name = "URL", env = "TALON_TEST_POSTGRES", hide_env_values = true)]
    postgres: Option<String>,
    /// The folder of real queue logs, for the import.
    #[arg(long, value_name = "DIR", env = "TALON_LOGS")]
    logs: Option<PathBuf>,
    /// Branches at work.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    branches: u16,
    /// Connections that send commands.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    connections: u16,
    /// Measure only these parts.
    #[arg(long, value_name = "PART")]
    only: Vec<Part>,
}

pub(super) async fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    // What the log of a server holds, a bench's holds too: lines are written, and cost what they cost.
    telemetry::start_logging(&common.load()?.log);
    anyhow::ensure!(!args.folder.exists(), "{} is there already", args.folder.display());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let plan = Plan {
        folder: args.folder,
        postgres: args.postgres,
        logs: args.logs,
        quick: args.quick,
        branches: args.branches.into(),
        connections: args.connections.into(),
        only: args.only,
    };
    let report = bench::run(plan, clock).await?;
    if let Some(page) = &args.write {
        std::fs::write(page, report.markdown())
            .with_context(|| format!("cannot write {}", page.display()))?;
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", report.text());
    }
    Ok(ExitCode::SUCCESS)
}
