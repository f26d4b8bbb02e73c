//! The alarm clock: sends what time alone brings about. It stores nothing. What is due follows from the folded days,
//! so a restart forgets nothing, and several nodes that fire at once write it once.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use talon_core::{
    branch::Timed,
    desk::{Desk, Press},
    dispatch::DispatchError,
    ids::BranchId,
    queue_day::{DayState, QueueDay},
    time::Clock,
};
use talon_projections::board::Live;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// No branch is left alone longer than this: its settings may have changed on another node.
const LONGEST_NAP: TimeDelta = TimeDelta::seconds(30);
/// How soon the next look is after a change: a busy hall changes many times between two instants that matter.
const SHORTEST_NAP: TimeDelta = TimeDelta::milliseconds(200);
/// After a failure of the store.
const AFTER_FAILURE: TimeDelta = TimeDelta::seconds(1);
/// How often it is asked whether branches were added.
const NEW_BRANCHES: TimeDelta = TimeDelta::seconds(1);
/// A folded stream nobody asked for so long leaves memory.
const IDLE: TimeDelta = TimeDelta::hours(1);

/// What the alarm clock works with.
#[derive(Clone)]
pub struct Scheduler {
    pub desk: Arc<Desk>,
    pub live: Arc<Live>,
    pub clock: Arc<dyn Clock>,
    pub stop: CancellationToken,
}

impl Scheduler {
    /// Looks after every live branch until told to stop.
    pub async fn run(self) {
        let mut tasks = BTreeMap::new();
        loop {
            for branch in self.live.branches() {
                tasks.entry(branch.clone()).or_insert_with(|| tokio::spawn(self.clone().look_after(branch)));
            }
            self.desk.forget_idle(self.clock.now() - IDLE);
            tokio::select! {
                () = self.stop.cancelled() => break,
                () = self.clock.sleep_until(self.clock.now() + NEW_BRANCHES) => {}
            }
        }
        for (branch, task) in tasks {
            if let Err(error) = task.await {
                warn!(%branch, %error, "a branch's alarm clock ended badly");
            }
        }
    }

    /// One branch: does what is due, then sleeps until the next instant or the next change. It looks at the branch's
    /// position and does not follow its views: a hall nobody looks at makes none.
    async fn look_after(self, branch: BranchId) {
        loop {
            let seen = self.live.position_of(&branch);
            let now = self.clock.now();
            let next = match self.ring(&branch, now).await {
                Ok(next) => next.unwrap_or(now + LONGEST_NAP).clamp(now + SHORTEST_NAP, now + LONGEST_NAP),
                Err(error) => {
                    warn!(%branch, error = %crate::http::problem::chain(&error), "what is due waits for the store");
                    now + AFTER_FAILURE
                }
            };
            loop {
                let nap = next.min(self.clock.now() + SHORTEST_NAP);
                tokio::select! {
                    () = self.stop.cancelled() => return,
                    () = self.clock.sleep_until(nap) => {}
                }
                if self.clock.now() >= next || self.live.position_of(&branch) != seen {
                    break;
                }
            }
        }
    }

    /// Sends what is due at `now`, and tells when to look again.
    async fn ring(
        &self,
        branch: &BranchId,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, DispatchError> {
        let known = self.desk.frame(branch).await?;
        for (id, timed) in known.due(now) {
            match timed {
                Timed::OpenDay { date }
                    if self
                        .live
                        .with_day(branch, date, |day| day.state)
                        .is_none_or(|it| it == DayState::NotOpened) =>
                {
                    self.desk.open_day(id, branch, date).await?;
                }
                Timed::AdoptSettings { date, version } if self.decides_by_less(branch, date, version) => {
                    let press = Press::system(id, None);
                    match self.desk.adopt_settings(&press, branch).await {
                        Ok(()) | Err(DispatchError::Refused(_)) => {}
                        Err(error) => return Err(error),
                    }
                }
                Timed::OpenDay { .. } | Timed::AdoptSettings { .. } => {}
            }
        }
        let mut next = known.next_due(now);
        let today = known.business_day_at(now);
        if self.yesterday_is_at_work(branch, today) {
            next = [next, self.desk.carry_over(branch).await?].into_iter().flatten().min();
        }
        for date in [today.pred_opt(), Some(today), today.succ_opt()].into_iter().flatten() {
            let found = self.live.with_day(branch, date, |day| (day.due(now), day.next_due()));
            let Some((due, later)) = found else { continue };
            for (id, action) in due {
                self.desk.send_due(branch, date, id, action).await?;
            }
            next = [next, later].into_iter().flatten().min();
        }
        Ok(next)
    }

    /// Whether windows of the day before are still open: they go on in today before that day closes.
    fn yesterday_is_at_work(&self, branch: &BranchId, today: NaiveDate) -> bool {
        let at_work = |day: &QueueDay| day.is_open() && !day.windows.is_empty();
        today.pred_opt().and_then(|date| self.live.with_day(branch, date, at_work)).unwrap_or(false)
    }

    /// Whether an open day still decides by older settings.
    fn decides_by_less(&self, branch: &BranchId, date: NaiveDate, version: u64) -> bool {
        let older =
            |day: &QueueDay| day.is_open() && day.settings.as_ref().is_some_and(|it| it.version < version);
        self.live.with_day(branch, date, older).unwrap_or(false)
    }
}
