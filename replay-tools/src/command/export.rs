use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context;
use serde::Serialize;
use talon_core::event_store::StreamId;
use talon_replay::{
    export::{ExportError, Selection, export},
    progress::Progress,
};

/// Write the log as lines of JSON, one an event, with everything its seal covers.
///
/// Exit codes: 0 done; 1 the log cannot be read or the lines not written; 2 wrong usage.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to write; without it to stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Only events after this position.
    #[arg(long, value_name = "POSITION", default_value_t = 0)]
    after: u64,
    /// Only this stream: `organisation`, `queue-BRANCH~DATE`.
    #[arg(long)]
    stream: Option<String>,
    /// Print a summary as JSON; needs --out.
    #[arg(long, requires = "out")]
    json: bool,
}

#[derive(Serialize)]
struct Summary {
    events: u64,
}

pub(super) async fn run(args: Args, store: &str) -> anyhow::Result<ExitCode> {
    let log = super::log(store).await?;
    let selection = Selection { after: args.after, stream: args.stream.as_deref().map(StreamId::new) };
    let mut to: Box<dyn Write + Send> = match &args.out {
        Some(path) => {
            let file = File::create(path).with_context(|| format!("cannot create {}", path.display()))?;
            Box::new(BufWriter::with_capacity(1 << 20, file))
        }
        None => Box::new(BufWriter::with_capacity(1 << 16, io::stdout())),
    };
    let events = match export(&log, &selection, &mut *to, &Progress::stderr()).await {
        Err(ExportError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe && args.out.is_none() => {
            return Ok(ExitCode::SUCCESS);
        }
        other => other?,
    };
    if args.out.is_some() {
        super::print(args.json, &Summary { events }, || format!("{events} events"))?;
    }
    Ok(ExitCode::SUCCESS)
}
