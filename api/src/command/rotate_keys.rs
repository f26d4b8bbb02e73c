//! `talon rotate-keys`: another key signs access tokens from now on.

use std::process::ExitCode;

use anyhow::Context;
use talon_storage::{StoreUrl, open_vault};

use super::Common;
use crate::{auth::rotate_keys, clock::SystemClock, compose::master_key, telemetry};

/// Works beside a running server: every process looks for new keys once a minute, and at once when it is shown a token of
/// one it does not know.
pub(super) async fn run(common: &Common) -> anyhow::Result<ExitCode> {
    let config = common.load()?;
    telemetry::start_logging(&config.log);
    let url = StoreUrl::parse(config.store.url.reveal())?;
    let vault = open_vault(&url, master_key(&config)?).await.context("cannot open the vault")?;
    let done = rotate_keys(&vault, &SystemClock).await;
    vault.db().close().await;
    let kid = done.context("the key was not replaced")?;
    println!(
        "access tokens are signed by key {kid} from now on; those of the old one are good until they run out"
    );
    Ok(ExitCode::SUCCESS)
}
