use std::process::ExitCode;

use talon_replay::{progress::Progress, verify::verify};

/// Recompute the seal of every event and follow every link.
///
/// Exit codes: 0 the log is what was written; 1 it is not, and the first broken event is named; 2 wrong usage.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args, store: &str) -> anyhow::Result<ExitCode> {
    let log = super::log(store).await?;
    let report = verify(&log, &Progress::stderr()).await?;
    super::print(args.json, &report, || {
        let walked = format!("{} events in {} streams", report.events, report.streams);
        match &report.broken {
            None => format!("{walked}: every seal holds"),
            Some(broken) => format!("broken after {walked}: {broken}"),
        }
    })?;
    Ok(ExitCode::from(u8::from(report.broken.is_some())))
}
