//! `talon erased`: who was erased, as pseudonyms, and how that is made to hold in a restored store.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, Utc};
use talon_core::{
    customer::{
        self, Customer,
        event::{EraseReason, ErasedBy},
    },
    dispatch::{Dispatch, Envelope},
    fact::Actor,
    ids::{CommandId, CustomerId},
    time::Clock,
};
use talon_storage::{Access, Storage, StoreUrl, open_log};

use super::Common;
use crate::{clock::SystemClock, compose::master_key, erasures, telemetry};

/// List everybody who was erased, one pseudonym and time in a line. The server may go on running. Keep the list apart
/// from the backups: `restore --erased` applies it to an older one.
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
            let listed = read(file)?;
            let storage = Storage::open(&url, Access::Owner, master_key(&config)?).await;
            let storage = storage.context("cannot open the store")?;
            let done = apply(&storage, &listed).await;
            storage.close().await;
            println!("{} of {} had to be erased again", done?, listed.len());
        }
        None => {
            let log = open_log(&url).await.context("cannot open the log")?;
            let mut lines = String::new();
            for (id, at) in erasures::with_times(&log).await? {
                writeln!(lines, "{id} {}", at.to_rfc3339_opts(SecondsFormat::Secs, true))?;
            }
            print!("{lines}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The pseudonyms of a list as `talon erased` prints it.
///
/// # Errors
/// When the file cannot be read or a line is no pseudonym: half a list would leave somebody known.
pub(super) fn read(file: &Path) -> anyhow::Result<Vec<CustomerId>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut listed = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut words = line.split_whitespace();
        let id = words.next().and_then(|it| CustomerId::parse(it).ok());
        let time = words.next().map(str::parse::<DateTime<Utc>>);
        match (id, time, words.next()) {
            (Some(id), None | Some(Ok(_)), None) => listed.push(id),
            _ => anyhow::bail!("{}:{}: not a line of `talon erased`", file.display(), number + 1),
        }
    }
    Ok(listed)
}

/// Erases everybody listed, and everybody whose erasure the log holds already. How many of the list had to be.
pub(super) async fn apply(storage: &Storage, listed: &[CustomerId]) -> anyhow::Result<usize> {
    for id in erasures::since(&storage.events, 0).await? {
        storage.vault.erase_person(id.as_str()).await?;
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let streams = Dispatch::<Customer>::new(storage.events.clone(), clock);
    let mut count = 0;
    for id in listed {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> anyhow::Result<Vec<CustomerId>> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("erased.txt");
        std::fs::write(&file, text)?;
        read(&file)
    }

    #[test]
    fn a_list_is_read_whole_or_not_at_all() {
        let listed = written("# of Tuesday\nc-1 2026-11-20T12:00:00Z\n\nc-2\n").unwrap();
        assert_eq!(listed, [CustomerId::trusted("c-1"), CustomerId::trusted("c-2")]);
        for text in ["c-1 yesterday\n", "c 1 2 3\n", "Анна Иванова\n"] {
            let error = written(text).unwrap_err().to_string();
            assert!(error.contains("erased.txt:1"), "{error}");
        }
    }
}
