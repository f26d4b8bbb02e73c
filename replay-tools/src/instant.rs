//! The hall at one instant of the past: who waited, for what, where, and who was being served.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use serde::Serialize;

use crate::{
    history::{History, Visit},
    local_time,
    order::Step,
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Instant {
    /// The branch's wall clock. What happened in that second has happened.
    pub at: NaiveDateTime,
    pub waiting: u64,
    pub waiting_by_service: BTreeMap<String, u64>,
    pub waiting_by_branch: BTreeMap<String, u64>,
    /// The external id of who waits longest; the smaller id of those who came in the same second.
    pub oldest_waiting_ticket: Option<String>,
    pub in_service: u64,
    pub issued_so_far_that_day: u64,
}

/// Folds a data set up to an instant, and that instant's second included.
#[must_use]
pub fn instant(history: &History, at: NaiveDateTime) -> Instant {
    let mut last: Vec<Option<Step>> = vec![None; history.visits.len()];
    // Every branch has a clock of its own; a data set usually has one zone.
    let mut clock = None;
    for moment in &history.moments {
        let zone = history.visits[moment.visit].zone;
        let until = match clock {
            Some((known, until)) if known == zone => until,
            _ => local_time::instant(zone, at),
        };
        clock = Some((zone, until));
        if moment.at <= until {
            last[moment.visit] = Some(moment.step);
        }
    }
    let happened = || history.visits.iter().zip(&last).filter_map(|(visit, last)| last.map(|it| (visit, it)));
    let waiting = || happened().filter(|(_, last)| *last == Step::Issued).map(|(visit, _)| visit);
    let count = |it: usize| u64::try_from(it).unwrap_or(u64::MAX);
    let by = |word: &dyn Fn(&Visit) -> String| {
        waiting().fold(BTreeMap::new(), |mut counts, visit| {
            *counts.entry(word(visit)).or_default() += 1;
            counts
        })
    };
    Instant {
        at,
        waiting: count(waiting().count()),
        waiting_by_service: by(&|visit| history.names.word(visit.service).to_owned()),
        waiting_by_branch: by(&|visit| history.names.word(visit.branch).to_owned()),
        oldest_waiting_ticket: waiting()
            .min_by_key(|visit| (visit.issued_at, &visit.external_id))
            .map(|visit| visit.external_id.to_string()),
        in_service: count(happened().filter(|(_, last)| *last == Step::Started).count()),
        issued_so_far_that_day: count(
            happened().filter(|(visit, _)| visit.business_day == at.date()).count(),
        ),
    }
}
