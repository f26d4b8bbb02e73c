//! Rows of `branch_days` and `branch_hours`: the same figures, the hour apart.

use sqlx::FromRow;

use super::Key;
use crate::{
    bulk::{Binds, Bound},
    histogram::Histogram,
    projector::ProjectionError,
};

pub(crate) const DAY_COLUMNS: usize = 25;
pub(crate) const HOUR_COLUMNS: usize = 26;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Count {
    Issued,
    Called,
    Served,
    Given,
    NoShow,
    Abandoned,
    Cancelled,
    Refused,
    Expired,
}

impl Count {
    pub(crate) fn of_outcome(outcome: &str) -> Option<Self> {
        Some(match outcome {
            "served" => Self::Served,
            "no_show" => Self::NoShow,
            "abandoned" => Self::Abandoned,
            "cancelled" => Self::Cancelled,
            "refused" => Self::Refused,
            "expired" => Self::Expired,
            _ => return None,
        })
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Measure {
    Wait,
    Way,
    Service,
    Idle,
}

/// Durations of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Durations {
    pub count: i64,
    pub ms: i64,
    pub histogram: Histogram,
}

impl Durations {
    pub(crate) fn add(&mut self, ms: i64, times: i64) {
        self.count += times;
        self.ms += ms * times;
        self.histogram.add(ms, times);
    }

    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.ms += other.ms;
        self.histogram.merge(&other.histogram);
    }
}

/// All figures of one row; as a change, they may be negative.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Figures {
    pub(crate) counts: [i64; 9],
    pub(crate) measures: [Durations; 4],
}

impl Figures {
    pub(crate) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        for (mine, theirs) in self.measures.iter_mut().zip(&other.measures) {
            mine.merge(theirs);
        }
    }

    pub(crate) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// A row to be written.
pub(crate) struct Saved<'a>(pub(crate) &'a Key, pub(crate) &'a Figures);

impl Bound for &Key {
    fn bind(&self, to: &mut Binds) {
        to.add(self.branch.as_str()).add(self.business_day);
        if let Some(hour) = self.hour {
            to.add(hour);
        }
        to.add(self.service.as_str()).add(self.operator.as_str());
    }
}

impl Bound for Saved<'_> {
    fn bind(&self, to: &mut Binds) {
        self.0.bind(to);
        self.1.counts.iter().for_each(|count| {
            to.add(*count);
        });
        for measure in &self.1.measures {
            to.add(measure.count).add(measure.ms).add(measure.histogram.to_json());
        }
    }
}

/// A row as either table holds it; `branch_days` has no hour.
#[derive(Debug, FromRow)]
pub(crate) struct Held {
    branch: String,
    business_day: chrono::NaiveDate,
    #[sqlx(default)]
    hour: Option<i64>,
    service: String,
    operator_id: String,
    issued: i64,
    called: i64,
    served: i64,
    given: i64,
    no_show: i64,
    abandoned: i64,
    cancelled: i64,
    refused: i64,
    expired: i64,
    wait_count: i64,
    wait_ms: i64,
    wait_histogram: String,
    way_count: i64,
    way_ms: i64,
    way_histogram: String,
    service_count: i64,
    service_ms: i64,
    service_histogram: String,
    idle_count: i64,
    idle_ms: i64,
    idle_histogram: String,
}

impl Held {
    pub(crate) fn open(self) -> Result<(Key, Figures), ProjectionError> {
        let durations = |count, ms, histogram: &str| {
            Histogram::from_json(histogram)
                .map(|histogram| Durations { count, ms, histogram })
                .map_err(|source| ProjectionError::Spoilt { table: "branch_days or branch_hours", source })
        };
        let figures = Figures {
            counts: [
                self.issued,
                self.called,
                self.served,
                self.given,
                self.no_show,
                self.abandoned,
                self.cancelled,
                self.refused,
                self.expired,
            ],
            measures: [
                durations(self.wait_count, self.wait_ms, &self.wait_histogram)?,
                durations(self.way_count, self.way_ms, &self.way_histogram)?,
                durations(self.service_count, self.service_ms, &self.service_histogram)?,
                durations(self.idle_count, self.idle_ms, &self.idle_histogram)?,
            ],
        };
        let key = Key {
            branch: self.branch,
            business_day: self.business_day,
            hour: self.hour,
            service: self.service,
            operator: self.operator_id,
        };
        Ok((key, figures))
    }
}
