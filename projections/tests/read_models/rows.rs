//! The rows of every table, to be held against those of another time or another way. Shared with the tests of the binary.

use chrono::{DateTime, NaiveDate, Utc};
use talon_projections::{
    audit_index::read::{self as audit, HistoryFilter, HistoryRow},
    branch_stats::read::{self as stats, BranchFigures, StatsFilter},
    tickets::{
        read::{self as tickets, TicketFilter},
        row::TicketRow,
    },
};
use talon_storage::{Storage, ask};
use uuid::Uuid;

type WindowRow = (
    String,
    NaiveDate,
    String,
    String,
    bool,
    bool,
    Option<Uuid>,
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
    i64,
);

/// The rows of every table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tables {
    pub(crate) tickets: Vec<TicketRow>,
    pub(crate) days: Vec<BranchFigures>,
    pub(crate) hours: Vec<BranchFigures>,
    pub(crate) windows: Vec<WindowRow>,
    pub(crate) audit: Vec<HistoryRow>,
}

impl Tables {
    pub(crate) async fn of(storage: &Storage) -> Self {
        let db = &storage.read;
        let windows = "select branch, business_day, window_id, operator_id, is_open, is_paused, ticket_id, free_since, \
             rested_from, rested_to, position from window_days order by branch, business_day, window_id";
        Self {
            tickets: tickets::page(db, &TicketFilter::default(), None, 1_000_000).await.unwrap(),
            days: stats::days(db, &StatsFilter::default()).await.unwrap(),
            hours: stats::hours(db, &StatsFilter::default()).await.unwrap(),
            windows: ask!(db, WindowRow, windows).unwrap(),
            audit: audit::page(db, &HistoryFilter::default(), None, 1_000_000).await.unwrap(),
        }
    }

    /// The same rows, or the first that differs.
    #[track_caller]
    pub(crate) fn assert_same(&self, other: &Self, what: &str) {
        first_difference(&self.tickets, &other.tickets, what);
        first_difference(&self.windows, &other.windows, what);
        first_difference(&self.days, &other.days, what);
        first_difference(&self.hours, &other.hours, what);
        first_difference(&self.audit, &other.audit, what);
    }
}

#[track_caller]
fn first_difference<T: PartialEq + std::fmt::Debug>(mine: &[T], other: &[T], what: &str) {
    for (a, b) in mine.iter().zip(other) {
        assert!(a == b, "{what}:\n{a:#?}\n{b:#?}");
    }
    assert_eq!(mine.len(), other.len(), "{what}: rows");
}
