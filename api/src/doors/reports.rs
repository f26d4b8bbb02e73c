//! What paired devices tell of themselves: that they live, which page they run, what is wrong. The newest is kept in
//! memory and goes to the vault every few seconds, all together, so that every node can show it and none writes for
//! each heartbeat.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use talon_core::{ids::DeviceId, time::Clock};
use talon_storage::{
    Vault,
    vault::{Device, Report},
};
use tokio_util::sync::CancellationToken;

/// How often reports go to the vault.
const ROUND: TimeDelta = TimeDelta::seconds(5);
/// A device that was silent for three heartbeats is away.
const AWAY_AFTER: TimeDelta = TimeDelta::seconds(90);
const MOST_PROBLEMS: usize = 10;
const LONGEST_CODE: usize = 40;
const LONGEST_BUILD: usize = 60;

/// Reports that came to this process and are not in the vault yet; one for each paired device at most.
#[derive(Debug, Clone, Default)]
pub struct Reports {
    fresh: Arc<Mutex<BTreeMap<DeviceId, Report>>>,
}

impl Reports {
    /// Takes in what a device told.
    pub fn hear(&self, device: &DeviceId, report: Report) {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner).insert(device.clone(), report);
    }

    /// The newest report of a device of the vault's list, wherever it was heard.
    #[must_use]
    pub fn newest(&self, kept: &Device) -> Option<Report> {
        let fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        fresh.get(&DeviceId::trusted(&kept.device)).or(kept.report.as_ref()).cloned()
    }

    /// Takes reports to the vault until told to stop. While the vault is away they wait, and newer ones take their place.
    pub async fn keep(self, vault: Vault, clock: Arc<dyn Clock>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = clock.sleep_until(clock.now() + ROUND) => {}
            }
            self.put_down(&vault).await;
        }
    }

    /// Takes what is fresh to the vault once.
    pub async fn put_down(&self, vault: &Vault) {
        let all = mem::take(&mut *self.fresh.lock().unwrap_or_else(PoisonError::into_inner));
        if all.is_empty() {
            return;
        }
        let rows: Vec<_> = all.iter().map(|(id, report)| (id.to_string(), report.clone())).collect();
        if let Err(error) = vault.put_device_reports(&rows).await {
            tracing::warn!(error = %crate::http::problem::chain(&error), "reports of devices wait for the vault");
            let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
            for (device, report) in all {
                fresh.entry(device).or_insert(report);
            }
        }
    }
}

/// A report out of what a device sent; nothing when it has not the form of one.
#[must_use]
pub fn report(build: &str, problems: &[String], seen_at: DateTime<Utc>) -> Option<Report> {
    let is_code = |it: &String| {
        (1..=LONGEST_CODE).contains(&it.len())
            && it.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_')
    };
    let is_build = build.chars().count() <= LONGEST_BUILD && !build.contains(char::is_control);
    let is_report = is_build && problems.len() <= MOST_PROBLEMS && problems.iter().all(is_code);
    is_report.then(|| Report { seen_at, build: build.to_owned(), problems: problems.to_vec() })
}

/// Whether a device with this report lives.
#[must_use]
pub fn is_online(report: Option<&Report>, now: DateTime<Utc>) -> bool {
    report.is_some_and(|it| now - it.seen_at < AWAY_AFTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    #[test]
    fn a_report_has_few_short_codes_and_a_short_build() {
        let of = |build: &str, problems: &[&str]| {
            let problems: Vec<_> = problems.iter().map(|it| (*it).to_owned()).collect();
            report(build, &problems, at(0)).is_some()
        };
        assert!(of("production", &["AUDIO_BLOCKED", "PAPER_LOW"]));
        assert!(of("", &[]));
        assert!(!of(&"x".repeat(61), &[]));
        assert!(!of("a\nb", &[]));
        for odd in ["", "paper,low", "низко", "x"] {
            assert!(!of("1", &[odd]), "{odd}");
        }
        assert!(!of("1", &["A"; 11]));
    }

    #[test]
    fn three_silent_heartbeats_are_away() {
        let heard = report("1", &[], at(0)).unwrap();
        assert!(is_online(Some(&heard), at(89)));
        assert!(!is_online(Some(&heard), at(90)));
        assert!(!is_online(None, at(0)));
    }
}
