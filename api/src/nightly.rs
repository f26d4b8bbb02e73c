//! The daily copy: log and vault into their folders, the list of erasures beside the log's, at one time of day, by one
//! node of a cluster.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::{DateTime, Days, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use talon_core::time::Clock;
use talon_storage::{Storage, backup};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::{config, erasures::list};

const JOB: &str = "nightly backup";
/// When no time of day is configured.
const AT: NaiveTime = match NaiveTime::from_hms_opt(3, 30, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

/// Makes a copy each day until told to stop. Without a folder it has nothing to do.
pub async fn run(
    storage: Arc<Storage>,
    config: config::Backup,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) {
    if config.folder.is_empty() {
        return;
    }
    for warning in config.warnings() {
        warn!("{warning}");
    }
    let at = NaiveTime::parse_from_str(&config.at, "%H:%M").unwrap_or(AT);
    loop {
        let term = tokio::select! {
            () = stop.cancelled() => return,
            term = storage.leadership.lead(JOB) => term,
        };
        let next = next_at(clock.now(), at);
        tokio::select! {
            () = stop.cancelled() => return,
            () = term.over() => continue,
            () = clock.sleep_until(next) => {}
        }
        copy(&storage, &config, clock.now()).await;
        metrics::gauge!("backup_last_run_seconds")
            .set(f64::from(u32::try_from(clock.now().timestamp()).unwrap_or(0)));
    }
}

/// One day's copies and the list beside them; what fails is told and tried again tomorrow.
async fn copy(storage: &Storage, config: &config::Backup, now: DateTime<Utc>) {
    let folder = Path::new(&config.folder);
    let vault_folder = if config.vault_folder.is_empty() { folder } else { Path::new(&config.vault_folder) };
    match backup::backup_apart(storage, folder, vault_folder, now, &|_, _| {}).await {
        Ok(made) => {
            info!(log = %made.log.display(), vault = %made.vault.display(), "daily backup");
            if let Err(error) = keep(folder, config.keep)
                .and_then(|()| keep_vaults(vault_folder, config.keep_vault_days, now))
                // Those made before the vault had a folder of its own.
                .and_then(|()| keep_vaults(folder, config.keep_vault_days, now))
            {
                error!(%error, "old backups could not be removed");
            }
        }
        Err(failed) => error!(error = %crate::http::problem::chain(&failed), "daily backup failed"),
    }
    // After the copy, so that whoever is erased meanwhile is on it; and without it too.
    match list::keep(&storage.events, folder).await {
        Ok(list) => info!(list = %list.display(), "list of erasures"),
        Err(failed) => error!(error = %crate::http::problem::chain(&failed), "the list of erasures is old"),
    }
}

/// The next time it is so late, UTC.
pub(crate) fn next_at(now: DateTime<Utc>, at: NaiveTime) -> DateTime<Utc> {
    let today = now.date_naive().and_time(at).and_utc();
    let tomorrow = now.date_naive().checked_add_days(Days::new(1)).map(|it| it.and_time(at).and_utc());
    if today > now { today } else { tomorrow.unwrap_or(now + TimeDelta::days(1)) }
}

/// Removes all but the newest copies of the log; their names sort by time.
fn keep(folder: &Path, newest: u32) -> std::io::Result<()> {
    if newest == 0 {
        return Ok(());
    }
    let found = copies(folder, LOG)?;
    let surplus = found.len().saturating_sub(newest as usize);
    found[..surplus].iter().try_for_each(std::fs::remove_file)
}

/// Removes copies of the vault that are older than so many days: by what their names say, which no copying changes.
fn keep_vaults(folder: &Path, days: u32, now: DateTime<Utc>) -> std::io::Result<()> {
    if days == 0 {
        return Ok(());
    }
    let oldest = now - TimeDelta::days(days.into());
    let made_at = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?.strip_prefix("talon-")?.strip_suffix(VAULT)?;
        Some(NaiveDateTime::parse_from_str(name, "%Y%m%dT%H%M%SZ").ok()?.and_utc())
    };
    let found = copies(folder, VAULT)?;
    found.iter().filter(|path| made_at(path).is_some_and(|at| at < oldest)).try_for_each(std::fs::remove_file)
}

const LOG: &str = ".log.tar.gz";
const VAULT: &str = ".vault.tar.gz";

fn copies(folder: &Path, ending: &str) -> std::io::Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
            name.starts_with("talon-") && name.ends_with(ending)
        })
        .collect();
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_copy_is_today_or_tomorrow() {
        let at = NaiveTime::from_hms_opt(3, 30, 0).unwrap();
        let before: DateTime<Utc> = "2026-11-20T02:00:00Z".parse().unwrap();
        let after: DateTime<Utc> = "2026-11-20T03:30:00Z".parse().unwrap();
        assert_eq!(next_at(before, at).to_rfc3339(), "2026-11-20T03:30:00+00:00");
        assert_eq!(next_at(after, at).to_rfc3339(), "2026-11-21T03:30:00+00:00");
    }

    #[tokio::test]
    async fn a_night_leaves_two_archives_and_the_list_of_erasures() {
        use talon_storage::{Access, StoreUrl};
        let place = tempfile::tempdir().unwrap();
        let url = StoreUrl::Sqlite(place.path().join("store"));
        let storage = Storage::open(&url, Access::Owner, None).await.unwrap();
        let (folder, vaults) = (place.path().join("copies"), place.path().join("vaults"));
        let config = config::Backup {
            folder: folder.display().to_string(),
            vault_folder: vaults.display().to_string(),
            keep: 1,
            keep_vault_days: 1,
            ..config::Backup::default()
        };
        let names = |folder: &Path| {
            let found = std::fs::read_dir(folder).unwrap();
            let mut names: Vec<_> = found.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        };
        for (day, at) in [("20", "2026-11-20T03:30:00Z"), ("22", "2026-11-22T03:30:00Z")] {
            copy(&storage, &config, at.parse().unwrap()).await;
            let stem = format!("talon-202611{day}T033000Z");
            let kept = [list::NAME.into(), format!("{stem}.log.tar.gz")];
            assert_eq!(names(&folder), kept, "the list is not one of the old copies");
            assert_eq!(names(&vaults), [format!("{stem}.vault.tar.gz")]);
        }
        storage.close().await;
    }

    #[test]
    fn of_the_log_the_newest_copies_stay_and_of_the_vault_those_of_the_last_days() {
        let folder = tempfile::tempdir().unwrap();
        for day in 1..=4 {
            for ending in ["log", "vault"] {
                let name = format!("talon-2026110{day}T033000Z.{ending}.tar.gz");
                std::fs::write(folder.path().join(name), "x").unwrap();
            }
        }
        for name in ["something else.tar.gz", "talon-by-hand.vault.tar.gz"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let now = "2026-11-04T03:31:00Z".parse().unwrap();
        keep(folder.path(), 3).unwrap();
        keep_vaults(folder.path(), 0, now).unwrap();
        keep_vaults(folder.path(), 2, now).unwrap();
        let mut left: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(
            left,
            [
                "something else.tar.gz",
                "talon-20261102T033000Z.log.tar.gz",
                "talon-20261103T033000Z.log.tar.gz",
                "talon-20261103T033000Z.vault.tar.gz",
                "talon-20261104T033000Z.log.tar.gz",
                "talon-20261104T033000Z.vault.tar.gz",
                "talon-by-hand.vault.tar.gz",
            ]
        );
    }
}
