//! Cursors of connections: opaque to clients, the key of the last row to us.

use async_graphql::{Context, Error};
use talon_core::{event_store::Position, ids::TicketId, time::from_micros};
use talon_projections::tickets::read::After;
use uuid::Uuid;

use super::context::Road;

/// At most so many rows in one answer.
const MOST_ROWS: i32 = 200;

/// How many rows were asked for.
///
/// # Errors
/// `MALFORMED` outside 1 to 200.
pub(super) fn first(ctx: &Context<'_>, first: i32) -> Result<u32, Error> {
    if (1..=MOST_ROWS).contains(&first) { Ok(first.unsigned_abs()) } else { Err(ctx.failure("MALFORMED")) }
}

pub(super) fn of_ticket(after: After) -> String {
    format!("{}.{}", after.issued_at.timestamp_micros(), after.ticket.0.simple())
}

/// # Errors
/// `MALFORMED` for what `of_ticket` never made.
pub(super) fn after_ticket(ctx: &Context<'_>, cursor: &str) -> Result<After, Error> {
    let parts = cursor.split_once('.').and_then(|(at, ticket)| {
        let ticket = TicketId(Uuid::try_parse(ticket).ok()?);
        Some(After { issued_at: from_micros(at.parse().ok()?), ticket })
    });
    parts.ok_or_else(|| ctx.failure("MALFORMED"))
}

/// # Errors
/// `MALFORMED` for what is no number.
pub(super) fn after_position(ctx: &Context<'_>, cursor: &str) -> Result<Position, Error> {
    cursor.parse().map_err(|_| ctx.failure("MALFORMED"))
}
