//! History: facts one by one, found through the audit index and read from the log itself.

use async_graphql::{
    Context, Json, Object, Result,
    connection::{Connection, Edge, EmptyFields},
};
use chrono::{DateTime, Utc};
use talon_core::{branch::Branch, event_store::StreamId, ids::TicketId};
use talon_projections::audit_index::read::{self, HistoryFilter as Wanted};
use uuid::Uuid;

use crate::{
    auth::Permission,
    graphql::{
        context::{self, Road},
        cursor,
        model::history::HistoryEntry,
        scalar::{BranchCode, OperatorId, Position, WindowCode},
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
    /// One of these wire names.
    pub types: Option<Vec<String>>,
    /// What was done to a member of staff, whoever did it.
    pub staff: Option<OperatorId>,
    /// What was done to a customer, by their pseudonym.
    pub customer: Option<String>,
    pub device: Option<String>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
}

/// Settings are published whole: what they were is the publication before.
const PUBLISHED: &str = "branch.settings_published";

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
        let mut subjects = [
            ("staff", filter.staff.map(|it| it.0.to_string())),
            ("customer", filter.customer),
            ("device", filter.device),
        ]
        .into_iter()
        .filter_map(|(kind, id)| id.map(|id| StreamId::new(&format!("{kind}-{id}"))));
        let subject = subjects.next();
        if subjects.next().is_some() {
            // A fact is about one of them.
            return Err(ctx.failure("MALFORMED"));
        }
        let wanted = Wanted {
            branches,
            subject,
            ticket: filter.ticket_id.map(TicketId),
            window: filter.window.map(|it| it.0),
            actor: filter.actor,
            types: filter.types.unwrap_or_default().into_iter().chain(filter.kind).collect(),
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
            let mut entry = entry.and_then(|raw| HistoryEntry::of(raw, ctx.app().log_id()));
            if let Some(entry) = entry.as_mut().filter(|it| it.kind == PUBLISHED) {
                entry.was = Box::pin(former_settings(ctx, entry)).await?;
            }
            connection.edges.extend(entry.map(|entry| Edge::new(position.to_string(), entry)));
        }
        Ok(connection)
    }
}

async fn former_settings(ctx: &Context<'_>, entry: &HistoryEntry) -> Result<Option<Json<serde_json::Value>>> {
    let version = entry.payload.0.get("version").and_then(serde_json::Value::as_u64).unwrap_or_default();
    let stream = StreamId::new(&entry.stream);
    let former = |branch: &Branch| {
        branch.published.iter().find(|it| it.version + 1 == version).map(|it| it.settings.clone())
    };
    let former = ctx.app().desk.branches.read(&stream, former).await;
    let former = former.map_err(|error| context::failed(ctx, &error))?;
    Ok(former.and_then(|it| serde_json::to_value(&*it).ok()).map(Json))
}
