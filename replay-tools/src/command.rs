//! The commands, and how they open a store and print.

mod export;
mod figures;
mod projections;
mod state;
mod timeline;
mod verify;

use std::{
    io::{self, Write},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context;
use serde::Serialize;
use talon_core::event_store::EventStore;
use talon_storage::StoreUrl;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    Verify(verify::Args),
    Timeline(timeline::Args),
    State(state::Args),
    Figures(figures::Args),
    Export(export::Args),
    Rebuild(projections::Rebuild),
    Retry(projections::Retry),
    Skip(projections::Skip),
}

impl Command {
    pub(crate) async fn run(self, store: &str) -> anyhow::Result<ExitCode> {
        match self {
            Self::Verify(args) => verify::run(args, store).await,
            Self::Timeline(args) => timeline::run(args, store).await,
            Self::State(args) => state::run(args, store).await,
            Self::Figures(args) => figures::run(args, store).await,
            Self::Export(args) => export::run(args, store).await,
            Self::Rebuild(args) => projections::rebuild(args, store).await,
            Self::Retry(args) => projections::retry(args, store).await,
            Self::Skip(args) => projections::skip(args, store).await,
        }
    }
}

/// The log, for reading only.
async fn log(store: &str) -> anyhow::Result<Arc<dyn EventStore>> {
    let url = StoreUrl::parse(store)?;
    talon_storage::open_log(&url).await.context("cannot open the store")
}

/// Prints one value as JSON, or as the text people read. A reader who has seen enough and closed the pipe is no fault.
fn print(json: bool, value: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
    let text = if json { serde_json::to_string_pretty(value)? } else { text() };
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}
