//! Who comes in, and when.

use chrono::{Datelike, TimeDelta, Timelike};
use rand::Rng;

use super::{FIRST_CROWD, Hall, Rhythm, Step};
use crate::demo::door::Trouble;

/// The longest look ahead: rates change by the hour, and a draw made in a quiet one must not outlive it.
const LOOK_AHEAD_S: f64 = 600.0;
/// From here on a crowd turns some people away at the door, and at twice as many nearly all.
const CROWDED: usize = 16;
/// Below this more people come the fewer wait: a living hall is not to run empty.
const SPARSE: usize = 7;
/// How much more for each who is missing.
const PULL: f64 = 0.12;
/// The first of the crowd comes when the first operator sits, milliseconds.
const FIRST_MS: i64 = 1_000;
/// Between two people of the first crowd, milliseconds.
const CROWD_STEP_MS: i64 = 350;

impl Hall<'_> {
    /// Fills a living hall that has too few people in it, once its operators sit, and lets the first arrival follow.
    pub(super) async fn first_crowd(&mut self) -> Result<(), Trouble> {
        let missing = match self.plan.rhythm {
            Rhythm::Living { .. } => FIRST_CROWD.saturating_sub(self.waiting().await?),
            Rhythm::Past { .. } => 0,
        };
        let mut moment = FIRST_MS;
        for _ in 0..missing {
            self.at(moment, Step::Comes);
            moment += CROWD_STEP_MS;
        }
        self.at(moment, Step::Arrival { expected: false });
        Ok(())
    }

    /// Somebody comes, if one was expected, and the next arrival is drawn.
    pub(super) async fn arrival(&mut self, expected: bool) -> Result<(), Trouble> {
        let waiting = self.waiting().await?;
        let rate = self.rate(waiting);
        let luck: f64 = self.arrivals.random_range(f64::EPSILON..1.0);
        let gap = if rate > 0.0 { -luck.ln() / rate } else { f64::INFINITY };
        // Beyond the look-ahead the draw starts afresh, as waiting for a bus of strangers has no memory.
        self.after(gap.min(LOOK_AHEAD_S), Step::Arrival { expected: gap <= LOOK_AHEAD_S });
        let turned_away = self.arrivals.random_range(CROWDED..=2 * CROWDED) < waiting;
        if expected && !turned_away { self.comes_in().await } else { Ok(()) }
    }

    pub(super) async fn comes_in(&mut self) -> Result<(), Trouble> {
        self.came += 1;
        let person = self.people.person(self.came);
        let ticket = self.door.take_ticket(&person).await?;
        self.visitors.insert(ticket.id, person);
        self.somebody_waits();
        Ok(())
    }

    async fn waiting(&self) -> Result<usize, Trouble> {
        match self.door.waiting().await {
            // A branch that cannot count yet has nobody in it.
            Err(Trouble::Refused(_)) => Ok(0),
            counted => counted,
        }
    }

    /// People per second of people's time, now.
    fn rate(&self, waiting: usize) -> f64 {
        let (weekday, hour) = self.weekday_and_hour();
        match &self.plan.rhythm {
            Rhythm::Living { busy } => {
                let seated = self.operators.iter().filter(|it| it.is_seated()).count().max(1);
                #[expect(clippy::cast_precision_loss, reason = "a handful of windows")]
                let fullest = busy * seated as f64 / self.people.mean_visit();
                let hour = 0.9 + 0.1 * self.people.fullness(weekday, hour).min(1.5);
                #[expect(clippy::cast_precision_loss, reason = "a handful of people")]
                let pull = 1.0 + PULL * SPARSE.saturating_sub(waiting) as f64;
                fullest * hour * pull
            }
            Rhythm::Past { .. } => {
                self.people.manners.past.people_per_hour / 3600.0 * self.people.fullness(weekday, hour)
            }
        }
    }

    /// By the hall's own watch: Monday is 0.
    pub(super) fn weekday_and_hour(&self) -> (usize, usize) {
        match &self.plan.rhythm {
            Rhythm::Living { .. } => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_precision_loss,
                    reason = "a watch shows hours"
                )]
                let hours = (self.now as f64 * self.plan.speed / 3_600_000.0) as usize;
                // A living hall's watch goes from ten to six and begins again: it never gets late.
                ((hours / 8) % 5, 10 + hours % 8)
            }
            Rhythm::Past { began, zone } => {
                let local = (*began + TimeDelta::milliseconds(self.now)).with_timezone(zone);
                (local.weekday().num_days_from_monday() as usize, local.hour() as usize)
            }
        }
    }
}
