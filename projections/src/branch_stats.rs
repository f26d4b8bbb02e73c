//! What a branch did, per day and per hour, by service and operator: counts, sums and histograms.
//!
//! Each ticket's row says what the ticket contributes, wholly and at any time (`contributions`); a fact changes the
//! figures by the difference between the row after it and the row before it. So a step that is undone takes back
//! exactly what it had added, and a fact met twice adds nothing. Idle times come from the windows (`window`).
//! The tables are written by the projection `tickets`, in its transaction.

pub mod read;
pub(crate) mod row;
pub(crate) mod window;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;

use self::row::{Count, Figures, Measure};
use crate::tickets::row::{GivenEnd, TicketRow};

/// Which row a figure belongs to. What is not known, or does not apply, is the empty text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) branch: String,
    pub(crate) business_day: NaiveDate,
    /// Local hour of the event; absent in the day's own row.
    pub(crate) hour: Option<i64>,
    pub(crate) service: String,
    pub(crate) operator: String,
}

/// Changes of figures, by row. A change that cancels itself out is no change.
#[derive(Debug, Default)]
pub(crate) struct Changes(BTreeMap<Key, Figures>);

/// Where and when something happened: both the row of its hour and the row of its day are concerned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) branch: &'a str,
    pub(crate) business_day: NaiveDate,
    pub(crate) time_zone: &'a str,
}

impl Changes {
    pub(crate) fn count(&mut self, place: Place<'_>, of: Of<'_>, count: Count, times: i64) {
        self.change(place, of, |figures| figures.counts[count as usize] += times);
    }

    pub(crate) fn measure(&mut self, place: Place<'_>, of: Of<'_>, measure: Measure, ms: i64, times: i64) {
        self.change(place, of, |figures| figures.measures[measure as usize].add(ms, times));
    }

    fn change(&mut self, place: Place<'_>, of: Of<'_>, change: impl Fn(&mut Figures)) {
        for hour in [None, Some(local_hour(place.time_zone, of.at))] {
            let key = Key {
                branch: place.branch.into(),
                business_day: place.business_day,
                hour,
                service: of.service.unwrap_or_default().into(),
                operator: of.operator.unwrap_or_default().into(),
            };
            change(self.0.entry(key).or_default());
        }
    }

    /// Takes in the difference a fact made to a ticket.
    pub(crate) fn ticket(&mut self, before: Option<&TicketRow>, after: &TicketRow) {
        if let Some(before) = before {
            contribute(self, before, -1);
        }
        contribute(self, after, 1);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The branches' days that are concerned.
    pub(crate) fn halls(&self) -> impl Iterator<Item = (String, NaiveDate)> {
        let mut keys = self.0.keys().peekable();
        std::iter::from_fn(move || {
            let key = keys.next()?;
            while keys.next_if(|it| it.branch == key.branch && it.business_day == key.business_day).is_some()
            {
            }
            Some((key.branch.clone(), key.business_day))
        })
    }

    /// Takes out what concerns one day of one branch.
    pub(crate) fn take(&mut self, (branch, date): &(String, NaiveDate)) -> Self {
        let first = Key {
            branch: branch.clone(),
            business_day: *date,
            hour: None,
            service: String::new(),
            operator: String::new(),
        };
        let of_hall = |key: &&Key| key.branch == *branch && key.business_day == *date;
        let keys: Vec<Key> = self.0.range(first..).map(|(key, _)| key).take_while(of_hall).cloned().collect();
        let taken = keys.into_iter().filter_map(|key| self.0.remove_entry(&key)).collect();
        Self(taken)
    }

    /// Takes in changes of other rows.
    pub(crate) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// The rows that really change.
    pub(crate) fn into_real(self) -> impl Iterator<Item = (Key, Figures)> {
        self.0.into_iter().filter(|(_, figures)| !figures.is_nothing())
    }
}

/// Of which service, by whom, at what time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Of<'a> {
    pub(crate) service: Option<&'a str>,
    pub(crate) operator: Option<&'a str>,
    pub(crate) at: DateTime<Utc>,
}

/// Everything a ticket adds to the figures of its branch as it stands.
fn contribute(changes: &mut Changes, row: &TicketRow, times: i64) {
    let place = Place { branch: &row.branch, business_day: row.business_day, time_zone: &row.time_zone };
    let asked = row.services.0.first().map(String::as_str);
    changes.count(place, Of { service: asked, operator: None, at: row.issued_at }, Count::Issued, times);
    if let Some(at) = row.called_at {
        let of = Of { service: row.called_service.as_deref(), operator: row.called_operator.as_deref(), at };
        changes.count(place, of, Count::Called, times);
        changes.measure(place, of, Measure::Wait, row.wait_ms.unwrap_or_default(), times);
    }
    for given in &row.given.0 {
        let at = DateTime::from_timestamp_micros(given.ended_at).unwrap_or_default();
        let of = Of { service: Some(&given.service), operator: given.operator.as_deref(), at };
        if given.end == GivenEnd::Completed {
            changes.count(place, of, Count::Given, times);
            changes.measure(place, of, Measure::Service, given.ms(), times);
        }
        if let Some(called_at) = given.called_at {
            changes.measure(place, of, Measure::Way, (given.started_at - called_at) / 1_000, times);
        }
    }
    if let (Some(count), Some(at)) = (row.outcome.as_deref().and_then(Count::of_outcome), row.ended_at) {
        // Nobody is answerable for those who were never called.
        let operator = row.called_at.and(row.operator_id.as_deref());
        changes.count(place, Of { service: Some(&row.service), operator, at }, count, times);
    }
}

/// 0 to 23, on the wall of the branch.
fn local_hour(time_zone: &str, at: DateTime<Utc>) -> i64 {
    let zone: Tz = time_zone.parse().unwrap_or(Tz::UTC);
    at.with_timezone(&zone).hour().into()
}
