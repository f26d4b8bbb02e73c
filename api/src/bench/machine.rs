//! The machine a figure was measured on, and what a stretch of work took of it. Read from `/proc`; where there is none,
//! what it would have told is left out.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use serde::Serialize;
use tokio::time::Instant;

/// `/proc` counts processor time in hundredths of a second, whatever the kernel's own tick.
const TICKS_PER_SECOND: f64 = 100.0;

/// What stays the same through a run.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Machine {
    pub(super) cores: usize,
    pub(super) processor: String,
    pub(super) memory_mib: u64,
    pub(super) kernel: String,
    /// Median time of flushing one page, in the folder of the embedded store.
    pub(super) fsync_ms: f64,
    /// Mean number of processes that wanted to run in the minute before.
    pub(super) load_before: f64,
}

impl Machine {
    pub(super) fn look(folder: &Path) -> std::io::Result<Self> {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let processor =
            value(&text("/proc/cpuinfo"), "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
        let memory =
            value(&text("/proc/meminfo"), "MemTotal").and_then(|it| first_number(&it)).unwrap_or_default();
        let kernel = text("/proc/sys/kernel/osrelease").trim().to_owned();
        let load = text("/proc/loadavg").split(' ').next().and_then(|it| it.parse().ok()).unwrap_or_default();
        Ok(Self {
            cores: cores(),
            processor,
            memory_mib: memory / 1_024,
            kernel: format!("{} {kernel}", std::env::consts::OS),
            fsync_ms: talon_storage::bench::fsync_time(folder)?.as_secs_f64() * 1_000.0,
            load_before: load,
        })
    }
}

pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Files this process may hold open.
pub(super) fn open_files() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    line.and_then(first_number).and_then(|it| usize::try_from(it).ok()).unwrap_or(1_024)
}

/// Memory a process holds, in MiB.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    /// What nobody but the process can give back.
    pub(super) own: u64,
    /// With pages of files it has mapped, which the kernel may drop at any time.
    pub(super) resident: u64,
}

impl Memory {
    pub(super) fn of(process: u32) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let of = |key| first_number(&value(&status, key)?).map(|it| it / 1_024);
        Some(Self { own: of("RssAnon")?, resident: of("VmRSS")? })
    }
}

/// Counters at one moment; two of them tell what lay between.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    at: Instant,
    own: f64,
    /// Processor seconds of the whole machine that were not idle.
    busy: f64,
    commits: Commits,
}

/// What the committers of this process have done since it began.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Commits {
    groups: f64,
    events: f64,
    seconds: f64,
}

/// What a stretch of work took.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Cost {
    pub(super) seconds: f64,
    /// Cores this process kept busy, of `cores`.
    pub(super) own_cores: f64,
    /// Cores that other processes (a database server, for one) kept busy.
    pub(super) other_cores: f64,
    pub(super) cores: usize,
    /// Share of the time a group was being written and flushed.
    pub(super) committing: f64,
    pub(super) groups: f64,
    pub(super) events_a_group: f64,
}

impl Moment {
    /// `metrics` is the text behind `/metrics`, where it is kept.
    pub(super) fn now(metrics: Option<String>) -> Self {
        let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        // The name of the process may hold spaces: fields are counted after its bracket.
        let fields: Vec<f64> = stat
            .rsplit_once(')')
            .map(|(_, rest)| rest.split_whitespace().filter_map(|it| it.parse().ok()).collect())
            .unwrap_or_default();
        // Without the letter of the state, user and system time are the 11th and 12th number.
        let own = fields.get(10..12).map_or(0.0, |it| it.iter().sum());
        let all = fs::read_to_string("/proc/stat").unwrap_or_default();
        let all: Vec<f64> = all
            .lines()
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .filter_map(|it| it.parse().ok())
            .collect();
        let busy = all.iter().take(8).sum::<f64>() - all.get(3..5).map_or(0.0, |it| it.iter().sum());
        let commits = metrics.map(|text| Commits::of(&text)).unwrap_or_default();
        Self { at: Instant::now(), own: own / TICKS_PER_SECOND, busy: busy / TICKS_PER_SECOND, commits }
    }

    pub(super) fn until(&self, later: &Self) -> Cost {
        let seconds = (later.at - self.at).max(Duration::from_millis(1)).as_secs_f64();
        let groups = later.commits.groups - self.commits.groups;
        Cost {
            seconds,
            own_cores: (later.own - self.own) / seconds,
            other_cores: ((later.busy - self.busy) - (later.own - self.own)).max(0.0) / seconds,
            cores: cores(),
            committing: (later.commits.seconds - self.commits.seconds) / seconds,
            groups,
            events_a_group: (later.commits.events - self.commits.events) / groups.max(1.0),
        }
    }
}

impl Commits {
    fn of(metrics: &str) -> Self {
        let all: BTreeMap<&str, f64> = metrics
            .lines()
            .filter_map(|line| line.rsplit_once(' '))
            .filter_map(|(name, value)| Some((name, value.parse().ok()?)))
            .collect();
        let of = |name: &str| all.get(name).copied().unwrap_or_default();
        Self {
            groups: of("append_commit_seconds_count"),
            events: of("append_batch_events_sum"),
            seconds: of("append_commit_seconds_sum"),
        }
    }
}

impl Cost {
    /// What was full, in words, from these counters alone.
    #[expect(clippy::cast_precision_loss, reason = "a handful of cores")]
    pub(super) fn bound(&self, count: u64, each: &str) -> String {
        let cores = self.cores as f64;
        let busy = self.own_cores + self.other_cores;
        let verdict = if busy >= 0.9 * cores {
            match self.other_cores {
                others if others > 0.25 * cores => "the processor is full, and not of this process alone",
                _ => "the processor is full",
            }
        } else if self.committing >= 0.8 {
            "the one committer is busy nearly all the time"
        } else {
            "neither the processor nor the committer is full: the rest is waiting for each other"
        };
        let mut text = format!(
            "{verdict}: this process (load generator included) kept {:.2} of {} cores busy, others (a database server among them) {:.2}",
            self.own_cores, self.cores, self.other_cores
        );
        if count > 0 {
            let micros = self.own_cores * self.seconds / count as f64 * 1e6;
            text += &format!("; {micros:.1} µs of processor time {each}");
        }
        if self.groups > 0.0 {
            text += &format!(
                "; {:.0} commits a second of {:.1} events, {:.0} % of the time in a commit",
                self.groups / self.seconds,
                self.events_a_group,
                self.committing * 100.0
            );
        }
        text
    }
}

fn value(text: &str, key: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with(key))?;
    line.split_once(':').map(|(_, value)| value.trim().to_owned())
}

fn first_number(text: &str) -> Option<u64> {
    text.split_whitespace().find_map(|it| it.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_are_read_from_the_metrics() {
        let text = "# TYPE append_commit_seconds histogram\nappend_commit_seconds_bucket{le=\"+Inf\"} 4\n\
                    append_commit_seconds_sum 0.5\nappend_commit_seconds_count 4\nappend_batch_events_sum 12\n";
        let commits = Commits::of(text);
        assert_eq!((commits.groups.to_bits(), commits.events.to_bits()), (4f64.to_bits(), 12f64.to_bits()));
        assert!((commits.seconds - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_full_machine_is_told_from_a_full_committer() {
        let cost = Cost {
            seconds: 10.0,
            own_cores: 1.0,
            other_cores: 0.1,
            cores: 2,
            committing: 0.9,
            groups: 100.0,
            events_a_group: 2.0,
        };
        assert!(cost.bound(10, "a request").starts_with("the one committer"));
        assert!(Cost { own_cores: 1.8, ..cost }.bound(10, "a request").starts_with("the processor"));
        assert!(Cost { committing: 0.1, ..cost }.bound(0, "").starts_with("neither"));
    }

    #[test]
    fn numbers_stand_where_proc_puts_them() {
        assert_eq!(value("MemTotal:  16 kB\n", "MemTotal").as_deref(), Some("16 kB"));
        assert_eq!(first_number("    20000    30000   files"), Some(20_000));
    }
}
