//! One branch, in `branch-{id}`: its settings and their versions, and the service times it has learnt.
//!
//! Settings are published whole and take effect at an instant; the newest version whose instant was reached is in
//! force. A business day copies them (`day_settings`) and never looks here again.

pub mod command;
pub mod event;
mod hours;
pub mod valid;

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use self::{
    command::{Action, PublishSettings},
    event::{ServiceTime, ServiceTimesLearnt, SettingsPublished},
};
use crate::{
    aggregate::{Aggregate, Happened, Request},
    event_store::StreamId,
    fact::Actor,
    ids::{BranchId, CommandId, EventId, ServiceId},
    organisation::Organisation,
    queue_event::{BranchEvent, Event},
    refusal::Refusal,
    settings::{BranchSettings, DaySettings, Interval, Service, ServiceGroup},
    time::seconds,
};

/// How far ahead the next opening is looked for: a branch closed longer has none.
const LOOK_AHEAD_DAYS: u64 = 370;

/// One publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub version: u64,
    pub effective_from: DateTime<Utc>,
    pub settings: Arc<BranchSettings>,
    pub at: DateTime<Utc>,
    pub by: Actor,
    /// The fact itself: what ids of commands that follow from it derive from.
    pub event: EventId,
}

/// The folded branch. `Default` is a branch that never published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Branch {
    /// In the order of their versions.
    pub published: Vec<Published>,
    pub learnt: BTreeMap<ServiceId, ServiceTime>,
}

/// What time alone asks of the business day of a branch. An imported branch has no such days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timed {
    OpenDay { date: NaiveDate },
    AdoptSettings { date: NaiveDate, version: u64 },
}

/// The stream of a branch.
#[must_use]
pub fn stream(id: &BranchId) -> StreamId {
    StreamId::new(&format!("branch-{id}"))
}

/// Whose stream this is.
#[must_use]
pub fn of_stream(stream: &StreamId) -> Option<BranchId> {
    stream.as_str().strip_prefix("branch-").map(BranchId::trusted)
}

/// Everything that a business day decides by: the organisation's catalogue as this branch gives it, with its own
/// service times where it has learnt them, and the date's hours as instants. `None` while nothing is in force.
#[must_use]
pub fn day_settings(
    organisation: &Organisation,
    branch: &Branch,
    date: NaiveDate,
    now: DateTime<Utc>,
) -> Option<DaySettings> {
    let published = branch.in_force(now)?;
    let own = &published.settings;
    let services: Vec<Service> = organisation
        .current_services()
        .filter(|it| !own.without.contains(&it.id))
        .map(|it| branch.with_learnt_times(it))
        .collect();
    let is_used = |group: &&ServiceGroup| services.iter().any(|it| it.group == group.id);
    let zone = zone_of(own);
    let intervals = hours::intervals(own, zone, date);
    let mut times = own.times.clone();
    // A branch that does not close when its date ends takes people in until the next day does.
    let goes_on = hours::intervals(own, zone, next(date)).first().map(|it| it.opens);
    if goes_on.is_some() && goes_on == intervals.last().map(|it| it.closes) {
        times.intake_ends_before_close_s = 0;
    }
    Some(DaySettings {
        version: published.version,
        catalogue: organisation.catalogue_version,
        time_zone: own.time_zone.clone(),
        policy: own.policy,
        groups: organisation.groups.iter().filter(is_used).cloned().collect(),
        services,
        classes: organisation.classes(),
        targets: organisation.targets.clone(),
        reasons: organisation.reasons.clone(),
        windows: own.windows.clone(),
        intervals,
        ends_at: hours::start_of(own, zone, next(date)),
        calling: own.calling.clone(),
        times,
        quotas: own.quotas.clone(),
    })
}

/// The date whose business day an instant belongs to, by the clock of a branch with these settings.
#[must_use]
pub fn business_day(settings: &BranchSettings, now: DateTime<Utc>) -> NaiveDate {
    let zone = zone_of(settings);
    let date = now.with_timezone(&zone).date_naive();
    if now < hours::start_of(settings, zone, date) { previous(date) } else { date }
}

impl Branch {
    /// The newest version whose time has come.
    #[must_use]
    pub fn in_force(&self, now: DateTime<Utc>) -> Option<&Published> {
        self.published.iter().rfind(|it| it.effective_from <= now)
    }

    /// The newest version, in force or not; 0 before the first.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.published.last().map_or(0, |it| it.version)
    }

    /// The date whose business day this instant belongs to, by the branch's own clock and `day_starts_at`. Without
    /// settings, the date in UTC.
    #[must_use]
    pub fn business_day_at(&self, now: DateTime<Utc>) -> NaiveDate {
        self.in_force(now).map_or_else(|| now.date_naive(), |it| business_day(&it.settings, now))
    }

    /// Opening hours of a date as instants, by the settings in force now; empty on a day off.
    #[must_use]
    pub fn hours_on(&self, date: NaiveDate, now: DateTime<Utc>) -> Vec<Interval> {
        self.in_force(now)
            .map(|it| hours::intervals(&it.settings, zone_of(&it.settings), date))
            .unwrap_or_default()
    }

    /// When the doors open next; absent while they are open for good or stay closed for a year.
    #[must_use]
    pub fn next_opening(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.dates_from(now)
            .find_map(|date| self.hours_on(date, now).into_iter().map(|it| it.opens).find(|it| *it > now))
    }

    /// What the clock asks for at this instant. The same answer as long as it holds: ids make repeats harmless.
    #[must_use]
    pub fn due(&self, now: DateTime<Utc>) -> Vec<(CommandId, Timed)> {
        let Some(published) = self.in_force(now) else { return Vec::new() };
        let date = self.business_day_at(now);
        let mut due = Vec::new();
        // A day may open before its date begins, when its hours start right after.
        for date in [date, next(date)] {
            if self.opens_at(date, now).is_some_and(|(opens, closes)| opens <= now && now < closes) {
                due.push((published.command("open_day", date), Timed::OpenDay { date }));
            }
        }
        let zone = zone_of(&published.settings);
        if published.effective_from > hours::start_of(&published.settings, zone, date) {
            let version = published.version;
            let id = published.command("adopt_settings", date);
            due.push((id, Timed::AdoptSettings { date, version }));
        }
        due
    }

    /// The first instant after this one at which `due` changes.
    #[must_use]
    pub fn next_due(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let opening = self
            .dates_from(after)
            .find_map(|date| self.opens_at(date, after).map(|(opens, _)| opens).filter(|it| *it > after));
        let effect = self.published.iter().map(|it| it.effective_from).filter(|it| *it > after).min();
        [opening, effect].into_iter().flatten().min()
    }

    /// From when to when the clock may open a date's day: half an hour before its hours, until they end.
    fn opens_at(&self, date: NaiveDate, now: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let times = &self.in_force(now)?.settings.times;
        let hours = self.hours_on(date, now);
        Some((hours.first()?.opens - seconds(times.open_before_s), hours.last()?.closes))
    }

    fn dates_from(&self, now: DateTime<Utc>) -> impl Iterator<Item = NaiveDate> {
        let first = self.business_day_at(now);
        (0..LOOK_AHEAD_DAYS).filter_map(move |days| first.checked_add_days(Days::new(days)))
    }

    fn with_learnt_times(&self, service: &Service) -> Service {
        match self.learnt.get(&service.id) {
            Some(it) => Service { norm_s: it.mean_s, p80_s: it.p80_s, ..service.clone() },
            None => service.clone(),
        }
    }

    fn publish(&self, now: DateTime<Utc>, it: &PublishSettings) -> Result<Vec<Event>, Refusal> {
        let version = self.version();
        if it.expected_version != version {
            return Err(Refusal::SettingsMoved { version });
        }
        let faults = valid::faults(&it.settings, it.catalogue.as_ref());
        if !faults.is_empty() {
            return Err(Refusal::WrongSettings { faults });
        }
        let effective_from = it.effective_from.map_or(now, |instant| instant.max(now));
        if effective_from - now > TimeDelta::days(366) {
            return Err(Refusal::Malformed { what: "effectiveFrom" });
        }
        let settings = (*it.settings).clone();
        let published = SettingsPublished { version: version + 1, effective_from, settings };
        Ok(vec![Event::Branch(published.into())])
    }
}

impl Published {
    fn command(&self, kind: &str, date: NaiveDate) -> CommandId {
        CommandId::derived(&[&self.event.to_string(), kind, &date.to_string()])
    }
}

impl Aggregate for Branch {
    type Action = Action;

    fn decide(&self, request: &Request<Action>) -> Result<Vec<Event>, Refusal> {
        match &request.action {
            Action::PublishSettings(it) => self.publish(request.at, it),
            Action::LearnServiceTimes { times } => {
                valid::check_times(times)?;
                let known = |it: &ServiceTime| self.learnt.get(&it.service) == Some(it);
                if times.iter().all(known) {
                    return Ok(Vec::new());
                }
                Ok(vec![Event::Branch(ServiceTimesLearnt { times: times.clone() }.into())])
            }
        }
    }

    fn evolve(&mut self, happened: Happened<'_>) {
        let Event::Branch(event) = happened.event else { return };
        match event {
            BranchEvent::SettingsPublished(it) => {
                self.published.push(Published {
                    version: it.version,
                    effective_from: it.effective_from,
                    settings: Arc::new(it.settings.clone()),
                    at: happened.at,
                    by: happened.actor.clone(),
                    event: happened.event_id,
                });
                self.published.sort_by_key(|it| it.version);
            }
            BranchEvent::ServiceTimesLearnt(it) => {
                self.learnt.extend(it.times.iter().map(|time| (time.service.clone(), time.clone())));
            }
        }
    }
}

/// The branch's zone. It was checked when published; history that names none we know is read as UTC.
fn zone_of(settings: &BranchSettings) -> Tz {
    settings.time_zone.parse().unwrap_or(Tz::UTC)
}

fn next(date: NaiveDate) -> NaiveDate {
    date.checked_add_days(Days::new(1)).unwrap_or(date)
}

fn previous(date: NaiveDate) -> NaiveDate {
    date.checked_sub_days(Days::new(1)).unwrap_or(date)
}

/// Monday is 0.
fn weekday(date: NaiveDate) -> usize {
    usize::try_from(date.weekday().num_days_from_monday()).unwrap_or_default()
}
