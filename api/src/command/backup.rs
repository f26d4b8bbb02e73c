//! `talon backup` and `talon restore`: the log and the vault as two archives, made beside a running server.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use talon_core::time::Clock;
use talon_replay::progress::Progress;
use talon_storage::{
    Access, Storage, StoreUrl, VaultError,
    backup::{self, BackupError},
};

use super::{Common, erased};
use crate::{clock::SystemClock, compose::master_key, erasures::list, telemetry};

/// Copy log and vault into two archives, and bring the list of erasures beside them up to date. The server may go on running.
#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// The folder to put them into.
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
    /// Print what was made as JSON.
    #[arg(long)]
    json: bool,
}

/// Bring archives back into an empty store. The restored log has a new id: clients and read models start over.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// The archive of the log.
    log: PathBuf,
    /// The archive of the vault. Without it sealed values stay closed for ever, and everybody is admitted anew.
    #[arg(long, value_name = "FILE")]
    vault: Option<PathBuf>,
    /// A list of `talon erased` or the newest `erased.txt` of a backup folder, newer than the archives: everybody on it is erased before anybody is answered.
    #[arg(long, value_name = "FILE")]
    erased: Option<PathBuf>,
    /// Print what was restored as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn back_up(common: &Common, args: &BackupArgs) -> anyhow::Result<ExitCode> {
    let config = common.load()?;
    telemetry::start_logging(&config.log);
    let url = StoreUrl::parse(config.store.url.reveal())?;
    let storage =
        Storage::open(&url, Access::ReadOnly, master_key(&config)?).await.context("cannot open the store")?;
    let progress = Progress::stderr();
    progress.begin("backup", None);
    let made = backup::backup(&storage, &args.into, SystemClock.now(), &|done, _| progress.reach(done)).await;
    progress.end();
    // After the copy: whoever is erased meanwhile is on it.
    let erased = list::keep(&storage.events, &args.into).await;
    storage.close().await;
    let (made, erased) = (made?, erased.context("the archives are made, the list of erasures is not")?);
    if args.json {
        let shown = serde_json::json!({ "log": made.log, "vault": made.vault, "erased": erased, "manifest": made.log_manifest });
        println!("{}", serde_json::to_string_pretty(&shown)?);
    } else {
        println!("log    {}", made.log.display());
        println!("vault  {}", made.vault.display());
        println!("erased {}", erased.display());
        println!(
            "Keep the vault's archive and the master key apart from the log's: together they open every name."
        );
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn restore(common: &Common, args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    let config = common.load()?;
    telemetry::start_logging(&config.log);
    let url = StoreUrl::parse(config.store.url.reveal())?;
    // Read first: a list that cannot be used must not come out when everything is back already.
    let listed = args.erased.as_deref().map(list::read).transpose()?;
    let progress = Progress::stderr();
    progress.begin("restore", None);
    let reach = |done, _| progress.reach(done);
    let done = backup::restore(&args.log, args.vault.as_deref(), &url, master_key(&config)?, &reach).await;
    progress.end();
    let done = done.map_err(|error| match error {
        BackupError::Vault(VaultError::WrongMasterKey | VaultError::MasterKey(_)) => anyhow::Error::from(
            error,
        )
        .context(
            "the vault was made with another master key: copy its master.key into the new directory, or give \
             store.master_key",
        ),
        other => other.into(),
    })?;
    if let (Some(listed), Some(file)) = (&listed, &args.erased) {
        let again = async {
            let storage = Storage::open(&url, Access::Owner, master_key(&config)?).await?;
            let count = erased::apply(&storage, listed).await;
            storage.close().await;
            count
        };
        let count = again.await.with_context(|| {
            format!(
                "restored, but not everybody was erased again. Before any server is started: talon erased --apply {}",
                file.display()
            )
        })?;
        if !args.json {
            println!("{count} of {} had to be erased again", listed.len());
        }
    }
    if args.json {
        let shown = serde_json::json!({
            "logId": done.log_id, "withVault": done.with_vault, "manifest": done.manifest,
        });
        println!("{}", serde_json::to_string_pretty(&shown)?);
    } else {
        println!("restored as log {}; its chain verifies", done.log_id);
        if !done.with_vault {
            println!("without a vault: `talon serve` will print a new link for the administrator");
        }
    }
    Ok(ExitCode::SUCCESS)
}
