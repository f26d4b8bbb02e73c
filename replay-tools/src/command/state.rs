use std::{fmt::Write, process::ExitCode};

use chrono::NaiveDateTime;
use talon_replay::{history::History, instant::instant, local_time, progress::Progress};

/// Fold a data set out of the log up to one instant: who waited, for what and where, who was being served.
///
/// Exit codes: 0 done; 1 the log has no such data set or cannot be read; 2 wrong usage.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The branch's wall clock: 2026-03-10T11:05:00. That second has happened.
    #[arg(long, value_name = "TIME", value_parser = wall_clock)]
    at: NaiveDateTime,
    /// The name given at import.
    #[arg(long, value_name = "NAME")]
    dataset: String,
    /// Print the state as JSON.
    #[arg(long)]
    json: bool,
}

fn wall_clock(text: &str) -> Result<NaiveDateTime, String> {
    local_time::parse(text.as_bytes()).ok_or_else(|| "a time like 2026-03-10T11:05:00".into())
}

pub(super) async fn run(args: Args, store: &str) -> anyhow::Result<ExitCode> {
    let log = super::log(store).await?;
    let history = History::read(&log, &args.dataset, &Progress::stderr()).await?;
    let state = instant(&history, args.at);
    super::print(args.json, &state, || {
        let mut text = format!(
            "{}: {} waiting, {} in service, {} tickets so far that day",
            state.at, state.waiting, state.in_service, state.issued_so_far_that_day
        );
        for (what, counts) in [("service", &state.waiting_by_service), ("branch", &state.waiting_by_branch)] {
            for (name, count) in counts {
                // Writing into a String cannot fail.
                let _ = write!(text, "\n{what} {name}: {count} waiting");
            }
        }
        if let Some(oldest) = &state.oldest_waiting_ticket {
            let _ = write!(text, "\nwaiting longest: {oldest}");
        }
        text
    })?;
    Ok(ExitCode::SUCCESS)
}
