//! Questions about what branches did.

use chrono::NaiveDate;
use talon_core::ids::{BranchId, OperatorId, ServiceId};
use talon_storage::{Db, sql};

use super::row::{Durations, Figures, Held};
use crate::{projector::ProjectionError, question::Question};

/// Rows of any span a report asks for; a wider span is asked in parts.
const MOST_ROWS: i64 = 100_000;

/// Which rows; what is absent or empty does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatsFilter {
    pub branches: Vec<BranchId>,
    /// Business days, both included.
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub service: Option<ServiceId>,
    pub operator: Option<OperatorId>,
}

/// Figures of one branch and day (and hour), one service and one operator. Rows add up with `merge`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BranchFigures {
    pub branch: String,
    pub business_day: NaiveDate,
    pub hour: Option<i64>,
    /// Empty for idle times.
    pub service: String,
    /// Empty where none is known.
    pub operator: String,
    pub issued: i64,
    pub called: i64,
    /// Visits that ended served.
    pub served: i64,
    /// Services completed; a visit may have several.
    pub given: i64,
    pub no_show: i64,
    pub abandoned: i64,
    pub cancelled: i64,
    pub refused: i64,
    pub expired: i64,
    pub wait: Durations,
    pub way: Durations,
    pub service_time: Durations,
    pub idle: Durations,
}

impl BranchFigures {
    /// Adds the figures of another row; what the row is about stays.
    pub fn merge(&mut self, other: &Self) {
        self.issued += other.issued;
        self.called += other.called;
        self.served += other.served;
        self.given += other.given;
        self.no_show += other.no_show;
        self.abandoned += other.abandoned;
        self.cancelled += other.cancelled;
        self.refused += other.refused;
        self.expired += other.expired;
        self.wait.merge(&other.wait);
        self.way.merge(&other.way);
        self.service_time.merge(&other.service_time);
        self.idle.merge(&other.idle);
    }

    fn open(held: Held) -> Result<Self, ProjectionError> {
        let (key, Figures { counts, measures }) = held.open()?;
        let [issued, called, served, given, no_show, abandoned, cancelled, refused, expired] = counts;
        let [wait, way, service_time, idle] = measures;
        Ok(Self {
            branch: key.branch,
            business_day: key.business_day,
            hour: key.hour,
            service: key.service,
            operator: key.operator,
            issued,
            called,
            served,
            given,
            no_show,
            abandoned,
            cancelled,
            refused,
            expired,
            wait,
            way,
            service_time,
            idle,
        })
    }
}

/// Rows of `branch_days`, in order.
///
/// # Errors
/// When the read storage is away, or a row is spoilt.
pub async fn days(db: &Db, filter: &StatsFilter) -> Result<Vec<BranchFigures>, ProjectionError> {
    asked(db, filter, sql!("branch_stats/days")).await
}

/// Rows of `branch_hours`, in order.
///
/// # Errors
/// When the read storage is away, or a row is spoilt.
pub async fn hours(db: &Db, filter: &StatsFilter) -> Result<Vec<BranchFigures>, ProjectionError> {
    asked(db, filter, sql!("branch_stats/hours")).await
}

async fn asked(
    db: &Db,
    filter: &StatsFilter,
    text: &'static str,
) -> Result<Vec<BranchFigures>, ProjectionError> {
    let mut question = Question::new(db);
    question
        .one_of("branch", &filter.branches.iter().map(ToString::to_string).collect::<Vec<_>>())
        .when("business_day >= ?", filter.from)
        .when("business_day <= ?", filter.to)
        .when("service = ?", filter.service.as_ref().map(|it| it.as_str()))
        .when("operator_id = ?", filter.operator.as_ref().map(|it| it.as_str()));
    let rows: Vec<Held> = question.ask(db, text, MOST_ROWS).await?;
    rows.into_iter().map(BranchFigures::open).collect()
}
