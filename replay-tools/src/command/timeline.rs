use std::{fmt::Write, process::ExitCode};

use chrono::NaiveDate;
use talon_core::ids::{BranchId, TicketId};
use talon_replay::{
    progress::Progress,
    timeline::{Which, timeline},
};
use uuid::Uuid;

/// Tell one ticket's life, fact by fact.
///
/// Exit codes: 0 done; 1 the log has no such ticket or cannot be read; 2 wrong usage.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The ticket's id.
    #[arg(long, value_name = "ID", required_unless_present = "number")]
    ticket: Option<Uuid>,
    /// The ticket's number on its day; letters may be typed in Latin.
    #[arg(long, value_name = "N", requires_all = ["branch", "date"], conflicts_with = "ticket")]
    number: Option<String>,
    /// The branch the number was given in.
    #[arg(long, value_parser = branch)]
    branch: Option<BranchId>,
    /// The business day the number was given on.
    #[arg(long)]
    date: Option<NaiveDate>,
    /// Print the facts as JSON.
    #[arg(long)]
    json: bool,
}

fn branch(text: &str) -> Result<BranchId, String> {
    BranchId::parse(text).map_err(|error| error.to_string())
}

pub(super) async fn run(args: Args, store: &str) -> anyhow::Result<ExitCode> {
    let which = match (args.ticket, args.number, args.branch, args.date) {
        (Some(id), ..) => Which::Id(TicketId(id)),
        (None, Some(number), Some(branch), Some(date)) => Which::Number { number, branch, date },
        // The rules of the arguments above leave nothing else.
        _ => anyhow::bail!("name a ticket, or a number with branch and date"),
    };
    let log = super::log(store).await?;
    let told = timeline(&log, &which, &Progress::stderr()).await?;
    super::print(args.json, &told, || {
        let mut text = format!("ticket {} in {}", told.ticket, told.stream);
        for it in &told.moments {
            let at = it.local_time.map_or_else(|| it.occurred_at.to_rfc3339(), |at| at.to_string());
            // Writing into a String cannot fail.
            let _ = write!(text, "\n{at}  {:<22} {} {}  {}", it.kind, it.actor.role, it.actor.id, it.data);
        }
        text
    })?;
    Ok(ExitCode::SUCCESS)
}
