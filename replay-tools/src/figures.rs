//! The figures of a data set: how many came, waited, were served, by day, service, branch and operator.
//!
//! Seconds and counts are exact integers until the last division. A wait ends with the call, or for who was never
//! called with leaving; "called" figures are over tickets with a call.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;

use crate::{
    history::{History, Name, Visit},
    local_time::wall_clock,
    order::Step,
};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    pub tickets: u64,
    pub branches: usize,
    pub services: Vec<String>,
    pub operators: usize,
    /// Wall clock of the branch, as all local times here.
    pub first_issued: Option<NaiveDateTime>,
    pub last_issued: Option<NaiveDateTime>,
    /// By kind, with their `total`.
    pub events: BTreeMap<&'static str, u64>,
    pub outcomes: Outcomes,
    pub overall: Overall,
    pub days: BTreeMap<NaiveDate, DayFigures>,
    /// Every operator seen.
    pub service_total_s_by_operator: BTreeMap<String, i64>,
    /// Only those who served.
    pub served_by_operator: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Outcomes {
    pub served: u64,
    pub abandoned: u64,
    pub no_show: u64,
    pub other: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Overall {
    pub mean_wait_called_s: Option<f64>,
    pub p90_wait_called_s: Option<f64>,
    pub mean_wait_served_s: Option<f64>,
    pub mean_service_s: Option<f64>,
    pub served_without_waiting: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DayFigures {
    pub issued: u64,
    #[serde(flatten)]
    pub outcomes: Outcomes,
    pub operators_seen: usize,
    pub max_waiting_all_branches: u64,
    pub max_waiting_first_at: Option<NaiveDateTime>,
    /// Branches where somebody waited.
    pub max_waiting_by_branch: BTreeMap<String, u64>,
    pub by_service: BTreeMap<String, ServiceFigures>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServiceFigures {
    pub issued: u64,
    pub served: u64,
    pub called: u64,
    pub mean_wait_called_s: Option<f64>,
    pub p90_wait_called_s: Option<f64>,
    pub mean_service_s: Option<f64>,
}

/// Folds a data set into its figures.
#[must_use]
pub fn figures(history: &History) -> Figures {
    let word = |name: Name| history.names.word(name).to_owned();
    let mut whole = Sums::default();
    let mut days: BTreeMap<NaiveDate, DaySums> = BTreeMap::new();
    let mut issued_at: Vec<NaiveDateTime> = Vec::new();
    let mut busy: BTreeMap<Name, (i64, u64)> = BTreeMap::new();
    for visit in &history.visits {
        whole.add(visit);
        let day = days.entry(visit.business_day).or_default();
        day.sums.add(visit);
        day.by_service.entry(visit.service).or_default().add(visit);
        day.operators.extend(visit.operator);
        issued_at.extend(visit.issued_at.map(|at| wall_clock(visit.zone, at)));
        if let Some(operator) = visit.operator {
            let (seconds, served) = busy.entry(operator).or_default();
            *seconds += visit.service_s().unwrap_or_default();
            *served += u64::from(visit.service_s().is_some());
        }
    }
    let mut peaks = peaks(history);
    let branches: BTreeSet<_> = history.visits.iter().map(|visit| visit.branch).collect();
    let services: BTreeSet<_> = history.visits.iter().map(|visit| word(visit.service)).collect();
    Figures {
        tickets: whole.issued,
        branches: branches.len(),
        services: services.into_iter().collect(),
        operators: busy.len(),
        first_issued: issued_at.iter().min().copied(),
        last_issued: issued_at.iter().max().copied(),
        events: events(history),
        outcomes: whole.outcomes,
        overall: whole.overall(),
        days: days
            .into_iter()
            .map(|(date, day)| (date, day.figures(peaks.remove(&date).unwrap_or_default(), history)))
            .collect(),
        service_total_s_by_operator: busy
            .iter()
            .map(|(&name, &(seconds, _))| (word(name), seconds))
            .collect(),
        served_by_operator: busy
            .iter()
            .filter(|(_, (_, served))| *served > 0)
            .map(|(&name, &(_, served))| (word(name), served))
            .collect(),
    }
}

fn events(history: &History) -> BTreeMap<&'static str, u64> {
    let mut events: BTreeMap<_, _> = Step::ALL.map(|step| (step.name(), 0)).into();
    for moment in &history.moments {
        *events.entry(moment.step.name()).or_default() += 1;
    }
    let total = events.values().sum();
    events.insert("total", total);
    events
}

/// Sums over any set of visits.
#[derive(Default)]
struct Sums {
    issued: u64,
    outcomes: Outcomes,
    waits_called: Vec<i64>,
    waits_served: Vec<i64>,
    services: Vec<i64>,
}

impl Sums {
    fn add(&mut self, visit: &Visit) {
        self.issued += u64::from(visit.issued_at.is_some());
        match visit.outcome {
            Some(Step::Completed) => self.outcomes.served += 1,
            Some(Step::Abandoned) => self.outcomes.abandoned += 1,
            Some(Step::NoShow) => self.outcomes.no_show += 1,
            Some(Step::Refused) => self.outcomes.other += 1,
            _ => {}
        }
        let wait =
            visit.called_at.zip(visit.issued_at).map(|(called, issued)| (called - issued).num_seconds());
        self.waits_called.extend(wait);
        if visit.outcome == Some(Step::Completed) {
            self.waits_served.extend(wait);
        }
        self.services.extend(visit.service_s());
    }

    fn overall(mut self) -> Overall {
        let zeros = self.waits_served.iter().filter(|&&wait| wait == 0).count();
        Overall {
            mean_wait_called_s: mean(&self.waits_called),
            p90_wait_called_s: p90(&mut self.waits_called),
            mean_wait_served_s: mean(&self.waits_served),
            mean_service_s: mean(&self.services),
            served_without_waiting: u64::try_from(zeros).unwrap_or_default(),
        }
    }

    fn figures(mut self) -> ServiceFigures {
        ServiceFigures {
            issued: self.issued,
            served: self.outcomes.served,
            called: u64::try_from(self.waits_called.len()).unwrap_or_default(),
            mean_wait_called_s: mean(&self.waits_called),
            p90_wait_called_s: p90(&mut self.waits_called),
            mean_service_s: mean(&self.services),
        }
    }
}

#[derive(Default)]
struct DaySums {
    sums: Sums,
    by_service: HashMap<Name, Sums>,
    operators: BTreeSet<Name>,
}

impl DaySums {
    fn figures(self, peaks: DayPeaks, history: &History) -> DayFigures {
        let word = |name: Name| history.names.word(name).to_owned();
        DayFigures {
            issued: self.sums.issued,
            outcomes: self.sums.outcomes,
            operators_seen: self.operators.len(),
            max_waiting_all_branches: peaks.all.most,
            max_waiting_first_at: peaks.all.first_at,
            max_waiting_by_branch: peaks
                .branches
                .iter()
                .filter(|(_, peak)| peak.most > 0)
                .map(|(&branch, peak)| (word(branch), peak.most))
                .collect(),
            by_service: self
                .by_service
                .into_iter()
                .map(|(name, sums)| (word(name), sums.figures()))
                .collect(),
        }
    }
}

/// The largest number waiting, and when it was reached first.
#[derive(Default)]
struct Peak {
    waiting: u64,
    most: u64,
    first_at: Option<NaiveDateTime>,
}

#[derive(Default)]
struct DayPeaks {
    all: Peak,
    branches: HashMap<Name, Peak>,
}

impl Peak {
    fn look(&mut self, at: NaiveDateTime) {
        if self.waiting > self.most {
            self.most = self.waiting;
            self.first_at = Some(at);
        }
    }
}

/// Counts who waits while time passes, over the tickets issued each day, and looks at the end of every second.
fn peaks(history: &History) -> HashMap<NaiveDate, DayPeaks> {
    let mut days: HashMap<NaiveDate, DayPeaks> = HashMap::new();
    let mut waiting = vec![false; history.visits.len()];
    for second in history.moments.chunk_by(|one, next| one.at == next.at) {
        for moment in second {
            let now = moment.step == Step::Issued;
            if std::mem::replace(&mut waiting[moment.visit], now) == now {
                continue;
            }
            let visit = &history.visits[moment.visit];
            let day = days.entry(visit.business_day).or_default();
            for peak in [&mut day.all, day.branches.entry(visit.branch).or_default()] {
                peak.waiting = if now { peak.waiting + 1 } else { peak.waiting.saturating_sub(1) };
            }
        }
        for moment in second {
            let visit = &history.visits[moment.visit];
            let at = wall_clock(visit.zone, moment.at);
            let day = days.entry(visit.business_day).or_default();
            day.all.look(at);
            day.branches.entry(visit.branch).or_default().look(at);
        }
    }
    days
}

impl Visit {
    /// Seconds of service given.
    fn service_s(&self) -> Option<i64> {
        self.completed_at.zip(self.started_at).map(|(completed, started)| (completed - started).num_seconds())
    }
}

fn mean(seconds: &[i64]) -> Option<f64> {
    (!seconds.is_empty()).then(|| as_f64(seconds.iter().sum()) / as_f64(seconds.len() as i64))
}

/// The 0.9 quantile, linear between order statistics.
fn p90(seconds: &mut [i64]) -> Option<f64> {
    seconds.sort_unstable();
    // Ninths of the way from the first to the last, in tenths of a step: no fraction is lost.
    let tenths = 9 * seconds.len().checked_sub(1)?;
    let low = seconds[tenths / 10];
    let high = seconds[(tenths / 10 + 1).min(seconds.len() - 1)];
    Some(as_f64(low * 10 + (high - low) * (tenths % 10) as i64) / 10.0)
}

#[expect(clippy::cast_precision_loss, reason = "sums of seconds stay far below 2^53")]
fn as_f64(number: i64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantile_is_linear_between_order_statistics() {
        assert_eq!(p90(&mut []), None);
        assert_eq!(p90(&mut [7]), Some(7.0));
        assert_eq!(p90(&mut [10, 0]), Some(9.0));
        assert_eq!(p90(&mut [3, 1, 2, 0]), Some(2.7));
        assert_eq!(p90(&mut (0..=10).collect::<Vec<_>>()), Some(9.0));
    }
}
