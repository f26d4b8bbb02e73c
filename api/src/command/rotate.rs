//! `talon rotate-master-key`: everything in the vault under another key.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context, bail};
use talon_replay::progress::Progress;
use talon_storage::{Access, MasterKey, Storage, StoreUrl};

use super::Common;
use crate::{
    compose::{master_key, next_master_key},
    reactor, telemetry,
};

/// How long a server that is running has to show itself.
const NOBODY_LEADS: Duration = Duration::from_secs(4);

/// Wrap the vault under another master key. Stop every server of this store first. An embedded store makes the key
/// itself and keeps it in master.key; otherwise give the new one as `store.next_master_key`, or in a file.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A file with the new key, 32 bytes in base64.
    #[arg(long, value_name = "FILE")]
    new_key: Option<PathBuf>,
    /// Print what was done as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(common: &Common, args: &Args) -> anyhow::Result<ExitCode> {
    let config = common.load()?;
    telemetry::start_logging(&config.log);
    let url = StoreUrl::parse(config.store.url.reveal())?;
    let present = master_key(&config)?;
    let new = match &args.new_key {
        Some(file) => Some(
            MasterKey::read(file)
                .with_context(|| format!("cannot use {}", file.display()))?
                .with_context(|| format!("there is no {}", file.display()))?,
        ),
        None => next_master_key(&config)?,
    };
    if new.is_none() && present.is_some() {
        bail!(
            "the key comes from the configuration: give the new one as store.next_master_key or by --new-key"
        );
    }
    let storage = Storage::open(&url, Access::Owner, present).await.context("cannot open the store")?;
    // Held until the end: a server that starts meanwhile does nothing that needs it.
    let alone = tokio::time::timeout(NOBODY_LEADS, storage.leadership.lead(reactor::NAME)).await;
    let Ok(_term) = alone else {
        storage.close().await;
        bail!("a server has this store open: stop every one of them first");
    };
    let before = storage.vault.master_key_fingerprint();
    if new.as_ref().is_some_and(|it| it.fingerprint() == before) {
        storage.close().await;
        println!("the vault is under this key already");
        return Ok(ExitCode::SUCCESS);
    }
    let progress = Progress::stderr();
    progress.begin("rotate", None);
    let done = storage.rotate_master_key(new.clone(), &|done| progress.reach(done)).await;
    progress.end();
    storage.close().await;
    let count = done?;
    if args.json {
        println!("{}", serde_json::json!({ "keys": count, "formerKey": before }));
    } else {
        println!("{count} keys are under the new master key; the former one was {before}");
        if new.is_some() {
            println!("Now make the new key store.master_key, and take store.next_master_key away.");
        }
        println!("Backups made before open with the former key only: keep it as long as you keep them.");
    }
    Ok(ExitCode::SUCCESS)
}
