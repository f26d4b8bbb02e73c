//! How far the read models are behind the log, in time. The head of the log is noted whenever it grows; a note is
//! settled when a read model has come so far. Boards tell when they do, tables are looked at once a millisecond.

use std::{collections::VecDeque, time::Duration};

use hdrhistogram::Histogram;
use tokio::{
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use super::load::{histogram, micros};
use crate::http::App;

const TICK: Duration = Duration::from_millis(1);

/// Lags of boards and tables, microseconds.
#[derive(Debug)]
pub(super) struct Lags {
    pub(super) boards: Histogram<u64>,
    pub(super) tables: Histogram<u64>,
}

/// Watches until it is stopped.
pub(super) struct LagWatch {
    stop: CancellationToken,
    watching: JoinHandle<Lags>,
}

impl LagWatch {
    pub(super) fn start(app: App) -> Self {
        let stop = CancellationToken::new();
        let watching = tokio::spawn(watch(app, stop.clone()));
        Self { stop, watching }
    }

    pub(super) async fn stop(self) -> anyhow::Result<Lags> {
        self.stop.cancel();
        Ok(self.watching.await?)
    }
}

struct Follower {
    open: VecDeque<(u64, Instant)>,
    lags: Histogram<u64>,
}

impl Follower {
    fn new() -> Self {
        Self { open: VecDeque::new(), lags: histogram() }
    }

    fn note(&mut self, head: u64, now: Instant) {
        if self.open.back().is_none_or(|(noted, _)| *noted < head) {
            self.open.push_back((head, now));
        }
    }

    fn settle(&mut self, reached: u64, now: Instant) {
        while let Some((_, noted)) = self.open.front().filter(|(head, _)| *head <= reached) {
            self.lags.saturating_record(micros(now - *noted));
            self.open.pop_front();
        }
    }

    /// What never came counts as long as it was waited for.
    fn end(mut self, now: Instant) -> Histogram<u64> {
        self.settle(u64::MAX, now);
        self.lags
    }
}

async fn watch(app: App, stop: CancellationToken) -> Lags {
    let (mut boards, mut tables) = (Follower::new(), Follower::new());
    let (mut head, mut reached) = (app.tail.watch(), app.live.reached());
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !stop.is_cancelled() {
        tokio::select! {
            _ = ticks.tick() => {}
            Ok(()) = head.changed() => {}
            Ok(()) = reached.changed() => {}
        }
        let now = Instant::now();
        let newest = *head.borrow_and_update();
        boards.note(newest, now);
        tables.note(newest, now);
        boards.settle(*reached.borrow_and_update(), now);
        let known = talon_projections::projector::ALL.iter().map(|it| app.freshness.known(it.name)).min();
        tables.settle(known.unwrap_or_default(), now);
    }
    let now = Instant::now();
    Lags { boards: boards.end(now), tables: tables.end(now) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_settled_when_its_position_is_reached_and_not_before() {
        let began = Instant::now();
        let at = |millis| began + Duration::from_millis(millis);
        let mut follower = Follower::new();
        follower.note(10, at(0));
        follower.note(10, at(1));
        follower.note(20, at(2));
        follower.settle(9, at(3));
        assert_eq!(follower.lags.len(), 0);
        follower.settle(10, at(5));
        // Kept to three digits.
        assert_eq!((follower.lags.len(), follower.lags.max() / 10), (1, 500));
        let lags = follower.end(at(102));
        assert_eq!((lags.len(), lags.max() / 1_000), (2, 100));
    }
}
