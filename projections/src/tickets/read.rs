//! Questions about tickets of any day.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::AssertSqlSafe;
use talon_core::ids::{BranchId, OperatorId, ServiceId, TicketId};
use talon_storage::{Db, ask, sql};
use uuid::Uuid;

use super::row::TicketRow;
use crate::question::Question;

/// Which tickets; what is absent or empty does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TicketFilter {
    pub branches: Vec<BranchId>,
    /// Business days, both included.
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub service: Option<ServiceId>,
    /// As the column spells them: `WAITING`, `COMPLETED`…
    pub states: Vec<String>,
    pub number: Option<String>,
    pub operator: Option<OperatorId>,
    pub data_set: Option<String>,
}

/// The last ticket of the page before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    pub issued_at: DateTime<Utc>,
    pub ticket: TicketId,
}

impl From<&TicketRow> for After {
    fn from(row: &TicketRow) -> Self {
        Self { issued_at: row.issued_at, ticket: TicketId(row.ticket_id) }
    }
}

/// At most `first` tickets behind `after`, newest issue first.
///
/// # Errors
/// When the read storage is away.
pub async fn page(
    db: &Db,
    filter: &TicketFilter,
    after: Option<After>,
    first: u32,
) -> Result<Vec<TicketRow>, sqlx::Error> {
    let mut question = Question::new(db);
    question
        .one_of("branch", &filter.branches.iter().map(ToString::to_string).collect::<Vec<_>>())
        .when("business_day >= ?", filter.from)
        .when("business_day <= ?", filter.to)
        .when("service = ?", filter.service.as_ref().map(|it| it.as_str()))
        .one_of("state", &filter.states)
        .when("number = ?", filter.number.as_deref())
        .when("operator_id = ?", filter.operator.as_ref().map(|it| it.as_str()))
        .when("data_set = ?", filter.data_set.as_deref())
        .before(("issued_at", "ticket_id"), after.map(|it| (it.issued_at, it.ticket.0)));
    question.ask(db, sql!("tickets/page"), first.into()).await
}

/// One ticket.
///
/// # Errors
/// When the read storage is away.
pub async fn one(db: &Db, ticket: TicketId) -> Result<Option<TicketRow>, sqlx::Error> {
    let mut question = Question::new(db);
    question.when("ticket_id = ?", Some(ticket.0));
    Ok(question.ask(db, sql!("tickets/page"), 1).await?.into_iter().next())
}

/// A duration that a ticket's row tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    Wait,
    Way,
    Service,
}

/// An exact quantile, linear between order statistics.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantile {
    pub service: String,
    pub tickets: i64,
    pub ms: f64,
}

/// Quantiles of a branch's day over the tickets that were called, by the service they waited for at their first call.
/// `per_mille` 900 is the duration that nine of ten do not exceed.
///
/// # Errors
/// When the read storage is away.
pub async fn quantiles(
    db: &Db,
    branch: &BranchId,
    day: NaiveDate,
    measured: Measured,
    per_mille: u16,
) -> Result<Vec<Quantile>, sqlx::Error> {
    let per_mille = i64::from(per_mille.min(1_000));
    let column = match measured {
        Measured::Wait => "wait_ms",
        Measured::Way => "way_ms",
        Measured::Service => "service_ms",
    };
    let text: Arc<str> = sql!("tickets/quantiles").replace("{measure}", column).into();
    let sql = AssertSqlSafe(text);
    let rows = ask!(db, (String, i64, i64, i64), sql, day, branch.as_str(), per_mille)?;
    let mut found: Vec<Quantile> = Vec::new();
    for (service, total, place, ms) in rows {
        let exact = (total - 1) * per_mille;
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a day")]
        match found.last_mut() {
            Some(last) if last.service == service => {
                let share = (exact % 1_000) as f64 / 1_000.0;
                last.ms += (ms as f64 - last.ms) * share;
            }
            _ => {
                debug_assert_eq!(place, exact / 1_000, "the lower order statistic comes first");
                found.push(Quantile { service, tickets: total, ms: ms as f64 });
            }
        }
    }
    Ok(found)
}

/// The ticket an import made of something, by its name in the data set.
///
/// # Errors
/// When the read storage is away.
pub async fn imported(db: &Db, data_set: &str, external_id: &str) -> Result<Option<Uuid>, sqlx::Error> {
    let mut question = Question::new(db);
    question.when("data_set = ?", Some(data_set)).when("external_id = ?", Some(external_id));
    let rows: Vec<TicketRow> = question.ask(db, sql!("tickets/page"), 1).await?;
    Ok(rows.first().map(|it| it.ticket_id))
}
