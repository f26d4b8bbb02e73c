//! `talon migrate`: brings a store to this version without opening the doors.

use std::process::ExitCode;

use anyhow::Context;
use talon_storage::{Access, Storage, StoreUrl};

use super::Common;
use crate::{compose::master_key, telemetry};

pub(super) async fn run(common: &Common) -> anyhow::Result<ExitCode> {
    let config = common.load()?;
    telemetry::start_logging(&config.log);
    let url = StoreUrl::parse(config.store.url.reveal())?;
    let storage =
        Storage::open(&url, Access::Owner, master_key(&config)?).await.context("cannot migrate the store")?;
    println!("log {} at position {}: up to date", storage.events.log_id().simple(), storage.tail.head());
    storage.close().await;
    Ok(ExitCode::SUCCESS)
}
