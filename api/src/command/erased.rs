//! `talon erased`: who was erased, as pseudonyms, and how that is made to hold in a restored store.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Context;
use talon_core::{
    customer::{
        self, Customer,
        event::{EraseReason, ErasedBy},
    },
    dispatch::{Dispatch, Envelope},
    fact::Actor,
    ids::CommandId,
    time::Clock,
};
use talon_storage::{Access, Storage, StoreUrl, open_log};

use super::Common;
use crate::{clock::SystemClock, compose::master_key, erasures, erasures::list, telemetry};

/// List everybody who was erased, one pseudonym and time in a line. The server may go on running. `restore --erased`
/// applies the list to an older backup; each backup writes one beside itself too.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Erase everybody of this list in the store instead, which no server may have open.
    #[arg(long, value_name = "FILE")]
    apply: Option<PathBuf>,
}

pub(super) async fn run(common: &Common, args: &Args) -> anyhow::Result<ExitCode> {
    let config = common.load()?;
    telemetry::start_logging(&config.log);
    let url = StoreUrl::parse(config.store.url.reveal())?;
    match &args.apply {
        Some(file) => {
            let listed = list::read(file)?;
            let storage = Storage::open(&url, Access::Owner, master_key(&config)?).await;
            let storage = storage.context("cannot open the store")?;
            let done = apply(&storage, &listed).await;
            storage.close().await;
            println!("{} of {} had to be erased again", done?, listed.len());
        }
        None => {
            let log = open_log(&url).await.context("cannot open the log")?;
            let erased = erasures::with_times(&log).await?;
            let erased: Vec<_> = erased.into_iter().map(|(id, at)| (id, Some(at))).collect();
            print!("{}", list::written(&erased));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Erases everybody listed, and everybody whose erasure the log holds already. How many of the list had to be.
pub(super) async fn apply(storage: &Storage, listed: &[list::Erased]) -> anyhow::Result<usize> {
    for id in erasures::since(&storage.events, 0).await? {
        storage.vault.erase_person(id.as_str()).await?;
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let streams = Dispatch::<Customer>::new(storage.events.clone(), clock);
    let mut count = 0;
    for (id, _) in listed {
        let stream = customer::stream(id);
        if streams.read(&stream, Customer::is_known).await? {
            let command = CommandId::derived(&[id.as_str(), "erased before the restore"]);
            let about = Envelope::new(command, Actor::system(), id.as_str().as_bytes());
            let action = customer::Action::Erase { by: ErasedBy::Restore, reason: EraseReason::Restore };
            streams.send(&stream, about, action, |_, _| ()).await?;
            count += 1;
        }
        storage.vault.erase_person(id.as_str()).await?;
    }
    Ok(count)
}
