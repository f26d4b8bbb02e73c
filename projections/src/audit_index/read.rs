//! The auditor's search: which events, newest first. What they say is read from the log by their positions.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use talon_core::{
    event_store::{Position, StreamId},
    ids::{BranchId, TicketId, WindowId},
};
use talon_storage::{Db, sql};
use uuid::Uuid;

use crate::{ledger::stored, question::Question};

/// Which events; what is absent or empty does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    pub branches: Vec<BranchId>,
    pub ticket: Option<TicketId>,
    pub window: Option<WindowId>,
    /// Pseudonym of who acted.
    pub actor: Option<String>,
    /// The stream of the person or device it is about.
    pub subject: Option<StreamId>,
    /// Wire names.
    pub types: Vec<String>,
    /// Time of happening, from included, to excluded.
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
}

/// One event of the index.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct HistoryRow {
    pub position: i64,
    pub event_id: Uuid,
    #[sqlx(rename = "type")]
    pub kind: String,
    pub branch: Option<String>,
    pub ticket_id: Option<Uuid>,
    pub window_id: Option<String>,
    pub actor_kind: String,
    pub actor: String,
    pub occurred_at: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
    pub subject: Option<String>,
}

impl HistoryRow {
    #[must_use]
    pub fn position(&self) -> Position {
        Position::try_from(self.position).unwrap_or_default()
    }
}

/// At most `first` events before `after`, newest first.
///
/// # Errors
/// When the read storage is away.
pub async fn page(
    db: &Db,
    filter: &HistoryFilter,
    after: Option<Position>,
    first: u32,
) -> Result<Vec<HistoryRow>, sqlx::Error> {
    let mut question = Question::new(db);
    question
        .one_of("branch", &filter.branches.iter().map(ToString::to_string).collect::<Vec<_>>())
        .when("ticket_id = ?", filter.ticket.map(|it| it.0))
        .when("window_id = ?", filter.window.as_ref().map(|it| it.as_str()))
        .when("actor = ?", filter.actor.as_deref())
        .when("subject = ?", filter.subject.as_ref().map(StreamId::as_str))
        .one_of("type", &filter.types)
        .when("occurred_at >= ?", filter.from)
        .when("occurred_at < ?", filter.to)
        .when("position < ?", after.map(stored));
    question.ask(db, sql!("audit_index/page"), first.into()).await
}
