//! The week before the demo began: past business days, lived through by the same simulated people under the real rules.
//!
//! Each day is drafted on a clock of its own and then appended to the log, recorded at its own past times. A day follows
//! from the seed alone, so a run that was interrupted goes on where it stopped; a branch with any other day is left
//! alone.

pub(crate) mod draft;
mod rules;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use talon_core::{
    dispatch::DispatchError,
    event_store::{Appended, EventStore, NewEvent, StoreError, StreamId},
    ids::BranchId,
    refusal::Refusal,
    settings::DaySettings,
};

use super::{
    door::Trouble,
    hall::{Hall, Plan, Rhythm},
    people::{People, PeopleError},
    set_up::Employed,
};
use crate::catalogue::Catalogue;
use rules::{Day, Rules};

/// How many days of the past a new demo has.
pub const DAYS: u64 = 7;
/// What is appended at once: small enough to share a batch with others.
const PORTION: usize = 500;
/// A day that closes this long after its end at the latest, seconds; service under way is waited for.
const LONGEST_SERVICE_S: i64 = 4 * 3600;

/// A business day that is to have happened.
#[derive(Debug, Clone, PartialEq)]
pub struct PastDay {
    pub date: NaiveDate,
    pub settings: DaySettings,
}

/// Whose past it is.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    pub branch: &'a BranchId,
    pub catalogue: &'a Catalogue,
    pub staff: &'a [Employed],
    pub seed: u64,
}

/// Why the past could not be written.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    #[error("nobody can be simulated")]
    People(#[from] PeopleError),
    #[error("the rules did not let the past happen")]
    Rules(#[from] DispatchError),
    #[error("the past cannot be stored")]
    Store(#[from] StoreError),
}

/// The name of a day's stream.
#[must_use]
pub fn stream_of(branch: &BranchId, date: NaiveDate) -> StreamId {
    StreamId::new(&format!("queue-{branch}~{date}"))
}

/// Writes the days that are over by `until` and not in the log yet; how many facts were written. Nothing is written
/// when the branch has a day that this seed did not make.
///
/// # Errors
/// When the store fails. What was written stands; calling again goes on.
pub async fn write(
    store: &dyn EventStore,
    scene: &Scene<'_>,
    days: &[PastDay],
    until: DateTime<Utc>,
) -> Result<usize, HistoryError> {
    let Some(last) = days.iter().map(|it| it.date).max() else { return Ok(0) };
    for date in last.iter_days().skip(1).take(2) {
        if store.head(&stream_of(scene.branch, date)).await?.version > 0 {
            return Ok(0);
        }
    }
    let mut missing = Vec::new();
    for day in days {
        let stream = stream_of(scene.branch, day.date);
        let head = store.head(&stream).await?;
        let over = ends(&day.settings) + TimeDelta::seconds(i64::from(day.settings.times.close_after_s));
        if over > until {
            continue;
        }
        let drafted = draft(scene, day).await?;
        let Some(rest) = rest_of(store, &stream, head.version, drafted).await? else { return Ok(0) };
        missing.push((stream, head.version, rest));
    }
    let mut written = 0;
    for (stream, mut version, mut rest) in missing {
        while !rest.is_empty() {
            let later = rest.split_off(rest.len().min(PORTION));
            written += rest.len();
            match store.append(&stream, version, std::mem::replace(&mut rest, later)).await? {
                Appended::At(_, head) => version = head.version,
                // Another process of the same demo was quicker.
                Appended::Duplicate(_) => version = store.head(&stream).await?.version,
            }
        }
    }
    Ok(written)
}

/// The dates of the week before the business day `today`, oldest first.
pub fn week_before(today: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (1..=DAYS).rev().filter_map(move |back| today.checked_sub_days(Days::new(back)))
}

/// One day as it would be recorded, from its seed alone.
///
/// # Errors
/// When people or rules do not let it happen.
pub async fn draft(scene: &Scene<'_>, day: &PastDay) -> Result<Vec<NewEvent>, HistoryError> {
    let Some(first) = day.settings.intervals.first() else { return Ok(Vec::new()) };
    let people = People::of(scene.catalogue, scene.seed, &format!("{} {}", scene.branch, day.date))?;
    let began = first.opens - TimeDelta::seconds(i64::from(day.settings.times.open_before_s));
    let workers: Vec<Employed> = scene.staff.iter().filter(|(_, it)| it.window.is_some()).cloned().collect();
    let windows = workers.iter().filter_map(|(_, it)| it.window.clone()).collect();
    let rules = Rules::new(
        Day {
            branch: scene.branch.clone(),
            date: day.date,
            time_zone: day.settings.time_zone.clone(),
            began,
        },
        people.draws("ids"),
        workers,
        scene.catalogue,
    );
    rules.open(&day.settings).await?;
    let zone = day.settings.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let longest = ends(&day.settings) - began
        + TimeDelta::seconds(i64::from(day.settings.times.close_after_s) + LONGEST_SERVICE_S);
    let plan = Plan {
        rhythm: Rhythm::Past { began, zone },
        speed: 1.0,
        until: Some(longest.num_milliseconds()),
        windows,
        reasons: scene.catalogue.reasons.clone(),
    };
    match Hall::new(&people, &rules, plan).run().await {
        // The day closed, and with it the door.
        Ok(()) | Err(Trouble::Stopped) => {}
        Err(Trouble::Refused(_)) => return Err(DispatchError::from(Refusal::DayClosed).into()),
    }
    rules.into_draft().await.map_err(HistoryError::from)
}

fn ends(settings: &DaySettings) -> DateTime<Utc> {
    settings.intervals.last().map_or(settings.ends_at, |it| it.closes)
}

/// What of a draft is not in the log yet; none when the log holds something else.
async fn rest_of(
    store: &dyn EventStore,
    stream: &StreamId,
    version: u64,
    mut drafted: Vec<NewEvent>,
) -> Result<Option<Vec<NewEvent>>, StoreError> {
    let there = usize::try_from(version).unwrap_or(usize::MAX);
    if there > drafted.len() {
        return Ok(None);
    }
    let rest = drafted.split_off(there);
    let mut after = 0;
    while let Some(page) = Some(store.read_stream(stream, after, 1000).await?).filter(|it| !it.is_empty()) {
        let ours = &drafted[usize::try_from(after).unwrap_or(usize::MAX).min(drafted.len())..];
        if page.iter().zip(ours).any(|(theirs, ours)| theirs.event_id != ours.event_id) {
            return Ok(None);
        }
        after += page.len() as u64;
    }
    Ok(Some(rest))
}

#[cfg(test)]
mod tests;
