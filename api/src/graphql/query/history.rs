//! History: facts one by one, found through the audit index and read from the log itself.

use async_graphql::{
    Context, Object, Result,
    connection::{Connection, Edge, EmptyFields},
};
use chrono::{DateTime, Utc};
use talon_core::ids::TicketId;
use talon_projections::audit_index::read::{self, HistoryFilter as Wanted};
use uuid::Uuid;

use crate::{
    auth::Permission,
    graphql::{
        context::{self, Road},
        cursor,
        model::history::HistoryEntry,
        scalar::{BranchCode, Position, WindowCode},
    },
};

/// Which facts; absent fields do not narrow.
#[derive(Debug, Clone, Default, async_graphql::InputObject)]
pub struct HistoryFilter {
    pub branch: Option<BranchCode>,
    pub ticket_id: Option<Uuid>,
    pub window: Option<WindowCode>,
    pub actor: Option<String>,
    /// A wire name, for example `ticket.called`.
    #[graphql(name = "type")]
    pub kind: Option<String>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
}

#[derive(Debug, Default)]
pub struct HistoryQueries;

#[Object]
impl HistoryQueries {
    /// Facts, newest first.
    async fn history(
        &self,
        ctx: &Context<'_>,
        filter: Option<HistoryFilter>,
        #[graphql(default = 50)] first: i32,
        after: Option<String>,
        min_position: Option<Position>,
    ) -> Result<Connection<String, HistoryEntry, EmptyFields, EmptyFields>> {
        let filter = filter.unwrap_or_default();
        let branches = context::branches_within_reach(ctx, Permission::ReadHistory, filter.branch.as_ref())?;
        let first = cursor::first(ctx, first)?;
        let behind = after.as_deref().map(|it| cursor::after_position(ctx, it)).transpose()?;
        context::wait_for(ctx, "audit_index", min_position).await;
        let wanted = Wanted {
            branches,
            ticket: filter.ticket_id.map(TicketId),
            window: filter.window.map(|it| it.0),
            actor: filter.actor,
            types: filter.kind.into_iter().collect(),
            from: filter.from,
            to: filter.to,
        };
        let found = read::page(&ctx.app().read, &wanted, behind, first + 1).await;
        let mut rows = found.map_err(|error| context::failed(ctx, &error))?;
        let more = rows.len() > first as usize;
        rows.truncate(first as usize);
        let mut connection = Connection::new(after.is_some(), more);
        for position in rows.iter().map(read::HistoryRow::position) {
            let found = ctx.app().store.read_all(position.saturating_sub(1), 1).await;
            let found = found.map_err(|error| context::failed(ctx, &error))?;
            let entry = found.first().filter(|it| it.position == position);
            let entry = entry.and_then(|raw| HistoryEntry::of(raw, ctx.app().log_id()));
            connection.edges.extend(entry.map(|entry| Edge::new(position.to_string(), entry)));
        }
        Ok(connection)
    }
}
