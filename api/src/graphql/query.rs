//! Queries: live halls from memory, everything older from the read models.

pub mod branch;
pub mod customer;
pub mod history;
pub mod integration;
pub mod queue;
pub mod setup;
pub mod staff;
pub mod ticket;

use async_graphql::MergedObject;

/// All of them.
#[derive(Debug, Default, MergedObject)]
#[graphql(name = "Query")]
pub struct Query(
    branch::BranchQueries,
    queue::QueueQueries,
    ticket::TicketQueries,
    history::HistoryQueries,
    integration::IntegrationQueries,
    customer::CustomerQueries,
    staff::StaffQueries,
    setup::SetupQueries,
);
