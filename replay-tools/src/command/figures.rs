use std::{fmt::Write, process::ExitCode};

use talon_replay::{
    figures::{Figures, figures},
    history::History,
    progress::Progress,
};

/// Fold a data set out of the log into its figures: by day, service and operator.
///
/// Exit codes: 0 done; 1 the log has no such data set or cannot be read; 2 wrong usage.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The name given at import.
    #[arg(long, value_name = "NAME")]
    dataset: String,
    /// Print everything, as JSON; without it a table of days.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args, store: &str) -> anyhow::Result<ExitCode> {
    let log = super::log(store).await?;
    let history = History::read(&log, &args.dataset, &Progress::stderr()).await?;
    let found = figures(&history);
    super::print(args.json, &found, || table(&found))?;
    Ok(ExitCode::SUCCESS)
}

fn table(found: &Figures) -> String {
    let seconds = |it: Option<f64>| it.map_or_else(|| "–".to_owned(), |it| format!("{it:.1} s"));
    let mut text = format!(
        "{} tickets, {} branches, {} services, {} operators; mean wait {}, p90 {}, mean service {}\n\n\
         day         issued  served  left  no-show  other  most waiting\n",
        found.tickets,
        found.branches,
        found.services.len(),
        found.operators,
        seconds(found.overall.mean_wait_called_s),
        seconds(found.overall.p90_wait_called_s),
        seconds(found.overall.mean_service_s),
    );
    for (date, day) in &found.days {
        let outcomes = day.outcomes;
        // Writing into a String cannot fail.
        let _ = writeln!(
            text,
            "{date}  {:>6}  {:>6}  {:>4}  {:>7}  {:>5}  {:>12}",
            day.issued,
            outcomes.served,
            outcomes.abandoned,
            outcomes.no_show,
            outcomes.other,
            day.max_waiting_all_branches
        );
    }
    text.truncate(text.trim_end().len());
    text
}
