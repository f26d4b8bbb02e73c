//! Opening hours at work: intake pauses at the start of a break and goes on at its end, stops for good shortly before
//! closing time, and the day closes when the hall is empty.
//!
//! Each boundary acts once. Whoever pauses or resumes by hand after it has the last word until the next boundary; a
//! day opened by hand after its hours knows no boundary at all. Several boundaries missed together count as the last.

use chrono::{DateTime, Utc};

use super::{
    DayState, PausedBy, QueueDay,
    command::Due,
    decide::{Decided, fact, one},
    event::{IntakePaused, IntakeResumed, Rule},
};
use crate::{
    settings::{DaySettings, Interval},
    time::seconds,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Boundary {
    StartOfBreak,
    EndOfBreak,
    EndOfIntake,
}

impl Boundary {
    pub(super) fn due(self) -> Due {
        match self {
            Self::StartOfBreak => Due::StartOfBreak,
            Self::EndOfBreak => Due::EndOfBreak,
            Self::EndOfIntake => Due::EndOfIntake,
        }
    }
}

impl QueueDay {
    /// The end of the day's hours; of a day without hours, or opened after them, the end of its date.
    #[must_use]
    pub fn closing_time(&self) -> Option<DateTime<Utc>> {
        let settings = self.settings.as_deref()?;
        Some(self.hours_of(settings).last().map_or(settings.ends_at, |it| it.closes))
    }

    /// The latest instant at which people may still be waiting.
    pub(super) fn latest_close(&self) -> Option<DateTime<Utc>> {
        let settings = self.settings.as_deref()?;
        let closes = self.hours_of(settings).last().map(|it| it.closes);
        Some(closes.map_or(settings.ends_at, |it| it + seconds(settings.times.close_after_s)))
    }

    pub(super) fn end_of_intake_by(&self, settings: &DaySettings) -> Option<DateTime<Utc>> {
        let last = self.hours_of(settings).last()?;
        Some(last.opens.max(last.closes - seconds(settings.times.intake_ends_before_close_s)))
    }

    /// The day's intervals, unless it was opened when they were over.
    fn hours_of<'a>(&self, settings: &'a DaySettings) -> &'a [Interval] {
        let all = settings.intervals.as_slice();
        let over = |last: &Interval| self.opened_at.is_some_and(|it| it >= last.closes);
        if all.last().is_some_and(over) { &[] } else { all }
    }

    /// Boundaries after the last decision about the intake, in order.
    fn boundaries(&self) -> Vec<(DateTime<Utc>, Boundary)> {
        let Some(settings) = self.settings.as_deref() else { return Vec::new() };
        let decided = self.intake_decided_at.max(self.opened_at);
        let breaks = self.hours_of(settings).windows(2).flat_map(|pair| {
            [(pair[0].closes, Boundary::StartOfBreak), (pair[1].opens, Boundary::EndOfBreak)]
        });
        let end = self.end_of_intake_by(settings).map(|at| (at, Boundary::EndOfIntake));
        breaks.chain(end).filter(|(at, _)| Some(*at) > decided).collect()
    }

    /// The boundary that counts now, and its instant.
    pub(super) fn boundary_at(&self, now: DateTime<Utc>) -> Option<(DateTime<Utc>, Boundary)> {
        self.boundaries().into_iter().rfind(|(at, it)| *at <= now && self.changes_intake(*it))
    }

    pub(super) fn next_boundary(&self) -> Option<DateTime<Utc>> {
        self.boundaries().into_iter().find(|(_, it)| self.changes_intake(*it)).map(|(at, _)| at)
    }

    fn changes_intake(&self, boundary: Boundary) -> bool {
        match (self.state, boundary) {
            (DayState::Open, Boundary::StartOfBreak | Boundary::EndOfIntake) => true,
            // Only after a start that nobody applied.
            (DayState::Open, Boundary::EndOfBreak) => self
                .boundaries()
                .iter()
                .take_while(|(_, it)| *it != Boundary::EndOfBreak)
                .any(|(_, it)| *it == Boundary::StartOfBreak),
            (DayState::IntakePaused { by: PausedBy::Rule(Rule::Break), .. }, _) => true,
            (DayState::IntakePaused { by: PausedBy::Rule(Rule::EndOfIntake), .. }, _) => false,
            (
                DayState::IntakePaused {
                    by: PausedBy::Staff | PausedBy::Rule(Rule::Quota | Rule::DayClosed),
                    ..
                },
                it,
            ) => it == Boundary::EndOfIntake,
            (DayState::NotOpened | DayState::Closed { .. }, _) => false,
        }
    }

    /// A ticket is not given although the event that stops the intake is late.
    pub(super) fn intake_should_pause(&self, now: DateTime<Utc>) -> bool {
        match self.boundary_at(now) {
            Some((_, Boundary::StartOfBreak | Boundary::EndOfIntake)) => true,
            Some((_, Boundary::EndOfBreak)) | None => false,
        }
    }

    /// A ticket is given although the event that ends the break is late.
    pub(super) fn break_is_over(&self, now: DateTime<Utc>) -> bool {
        match self.boundary_at(now) {
            Some((_, Boundary::EndOfBreak)) => true,
            Some((_, Boundary::StartOfBreak | Boundary::EndOfIntake)) | None => false,
        }
    }

    /// The facts that follow when this is the boundary that counts now; nothing when it is not.
    pub(super) fn boundary_reached(&self, now: DateTime<Utc>, boundary: Boundary) -> Decided {
        if self.boundary_at(now).map(|(_, it)| it) != Some(boundary) {
            return Ok(Vec::new());
        }
        let paused = |rule| IntakePaused { rule: Some(rule), reason: None };
        match (boundary, self.state) {
            (Boundary::StartOfBreak, _) => one(paused(Rule::Break)),
            (Boundary::EndOfIntake, _) => one(paused(Rule::EndOfIntake)),
            // The whole break passed unseen: it is recorded late, so that it does not come up again.
            (Boundary::EndOfBreak, DayState::Open) => {
                Ok(vec![fact(paused(Rule::Break)), fact(IntakeResumed {})])
            }
            (
                Boundary::EndOfBreak,
                DayState::NotOpened | DayState::IntakePaused { .. } | DayState::Closed { .. },
            ) => one(IntakeResumed {}),
        }
    }
}
