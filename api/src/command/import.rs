//! `talon import`: a catalogue for the branches of this installation, or the history of another system.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context;
use clap::Subcommand;
use talon_core::{branch::Branch, dispatch::Dispatch, fact::Actor, organisation::Organisation, time::Clock};
use talon_replay::progress::Progress;
use talon_storage::{Access, Storage, StoreUrl};

use super::Common;
use crate::{catalogue::Catalogue, clock::SystemClock, compose::master_key};

/// Bring something in from a file.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The log of a queue system: one row a ticket, CSV, also gzipped.
    QueueLog(talon_replay::import::Args),
    /// Services, classes, reasons, branches and their settings (TOML). Importing the same file again changes nothing.
    Catalogue {
        /// The file.
        file: PathBuf,
    },
}

pub(super) async fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let config = common.load()?;
    crate::telemetry::start_logging(&config.log);
    let url = StoreUrl::parse(config.store.url.reveal())?;
    let storage =
        Storage::open(&url, Access::Owner, master_key(&config)?).await.context("cannot open the store")?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let done = match args.what {
        What::QueueLog(args) => queue_log(&storage, clock, &args).await,
        What::Catalogue { file } => catalogue(&storage, &clock, &file).await,
    };
    storage.close().await;
    done
}

async fn queue_log(
    storage: &Storage,
    clock: Arc<dyn Clock>,
    args: &talon_replay::import::Args,
) -> anyhow::Result<ExitCode> {
    let progress = Progress::stderr();
    let summary = talon_replay::import::run(args, storage.events.clone(), clock, &progress).await?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&summary)?);
    } else {
        println!("{summary}");
    }
    Ok(ExitCode::from(summary.exit_code()))
}

async fn catalogue(storage: &Storage, clock: &Arc<dyn Clock>, file: &Path) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let catalogue = Catalogue::parse(&text)?;
    let store = &storage.events;
    let organisation = Dispatch::<Organisation>::new(store.clone(), clock.clone());
    let branches = Dispatch::<Branch>::new(store.clone(), clock.clone());
    let applied = catalogue.apply(store.as_ref(), &organisation, &branches, &Actor::system()).await?;
    match applied.changes {
        0 => println!("everything was so already"),
        changes => println!("{changes} changes"),
    }
    Ok(ExitCode::SUCCESS)
}
