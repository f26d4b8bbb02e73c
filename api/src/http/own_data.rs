//! A customer's copy of everything known of them, as one file.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use talon_core::{
    customer,
    event_store::{Recorded, StreamId},
    fact::Fact,
    ids::{CommandId, CustomerId, TicketId},
    queue_event::{Event, QueueEvent},
};
use talon_projections::{
    audit_index::read::{self as audit, HistoryFilter},
    tickets::read as tickets,
};
use uuid::Uuid;

use super::{
    App, instant,
    problem::{Code, Problem},
};
use crate::{
    auth::{Caller, Permission},
    customers::Profile,
};

const PAGE: u32 = 500;
const NOTE: &str = "ticket.note_added";

/// Everything known of a customer.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Export {
    id: String,
    registered_at: String,
    name: Option<String>,
    language: Option<String>,
    contacts: Vec<ContactLine>,
    consents: Vec<ConsentLine>,
    visits: Vec<VisitLine>,
    /// What happened to the account, the oldest first: sign-ins, consents, and who was shown what.
    history: Vec<HistoryLine>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ContactLine {
    kind: &'static str,
    value: String,
    added_at: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ConsentLine {
    purpose: String,
    text_version: u32,
    given_at: String,
    withdrawn_at: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct VisitLine {
    ticket_id: Uuid,
    branch: String,
    business_day: String,
    number: Option<String>,
    services: Vec<String>,
    state: String,
    issued_at: String,
    called_at: Option<String>,
    started_at: Option<String>,
    ended_at: Option<String>,
    notes: Vec<NoteLine>,
}

#[derive(Serialize, JsonSchema)]
struct NoteLine {
    at: String,
    text: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct HistoryLine {
    at: String,
    /// Its wire name.
    #[serde(rename = "type")]
    kind: String,
    /// Who did it, as a pseudonym.
    actor: String,
    actor_kind: Value,
    payload: Value,
}

/// `GET /api/v1/me/export`: the copy. That it was taken is a fact, too.
pub async fn export(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    let actor = caller.0.actor(Permission::ManageOwnAccount, None)?;
    let id = caller.0.customer_id().ok_or(Problem::of(Code::Forbidden))?;
    let customers = app.access.customers();
    customers.note_export(id, actor, CommandId(app.clock.new_id())).await?;
    let profile = customers.profile(id).await?.ok_or(Problem::of(Code::NotFound))?;
    let mut visits = Vec::new();
    for (ticket, _) in customers.visits(id).await? {
        visits.extend(visit(&app, ticket).await?);
    }
    let history = history(&app, id).await?;
    let headers = [
        (header::CONTENT_DISPOSITION, "attachment; filename=\"talon-my-data.json\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Json(Export::of(profile, visits, history))).into_response())
}

impl Export {
    fn of(profile: Profile, visits: Vec<VisitLine>, history: Vec<HistoryLine>) -> Self {
        let contacts = profile.contacts.into_iter().map(|it| ContactLine {
            kind: it.kind.code(),
            value: it.value,
            added_at: instant(it.added_at),
        });
        let consents = profile.consents.into_iter().map(|(purpose, it)| ConsentLine {
            purpose: purpose.to_string(),
            text_version: it.text_version,
            given_at: instant(it.given_at),
            withdrawn_at: it.withdrawn_at.map(instant),
        });
        Self {
            id: profile.id.to_string(),
            registered_at: instant(profile.registered_at),
            name: profile.name,
            language: profile.language,
            contacts: contacts.collect(),
            consents: consents.collect(),
            visits,
            history,
        }
    }
}

/// One visit with what staff wrote about it; nothing when the ticket was never given.
async fn visit(app: &App, ticket: TicketId) -> Result<Option<VisitLine>, Problem> {
    let found = tickets::one(&app.read, ticket).await.map_err(|error| unavailable(&error))?;
    let Some(row) = found else { return Ok(None) };
    let wanted = HistoryFilter { ticket: Some(ticket), types: vec![NOTE.into()], ..HistoryFilter::default() };
    let listed = audit::page(&app.read, &wanted, None, PAGE).await.map_err(|error| unavailable(&error))?;
    let mut notes = Vec::new();
    for position in listed.iter().rev().map(audit::HistoryRow::position) {
        let found = app.store.read_all(position.saturating_sub(1), 1).await;
        let found = found.map_err(|error| unavailable(&error))?;
        let Some(fact) = found.first().and_then(|raw| Fact::decode(raw).ok()) else { continue };
        let Event::Queue(QueueEvent::TicketNoteAdded(note)) = &*fact.event else { continue };
        let text = app.notes.open(&note.note, fact.meta.command_id).await;
        notes.extend(text.map(|text| NoteLine { at: instant(fact.occurred_at), text }));
    }
    Ok(Some(VisitLine {
        ticket_id: row.ticket_id,
        branch: row.branch,
        business_day: row.business_day.to_string(),
        number: row.number,
        services: row.services.0.iter().map(ToString::to_string).collect(),
        state: row.state,
        issued_at: instant(row.issued_at),
        called_at: row.called_at.map(instant),
        started_at: row.started_at.map(instant),
        ended_at: row.ended_at.map(instant),
        notes,
    }))
}

/// The customer's own stream. What is sealed in it stands in plain above, and is left out here.
async fn history(app: &App, id: &CustomerId) -> Result<Vec<HistoryLine>, Problem> {
    let stream: StreamId = customer::stream(id);
    let (mut lines, mut after) = (Vec::new(), 0);
    loop {
        let page = app.store.read_stream(&stream, after, PAGE).await.map_err(|error| unavailable(&error))?;
        let Some(last) = page.last() else { return Ok(lines) };
        after = last.version;
        lines.extend(page.iter().filter_map(line));
    }
}

fn line(raw: &Recorded) -> Option<HistoryLine> {
    let fact = Fact::decode(raw).ok()?;
    let mut payload: Value = serde_json::from_slice(&raw.data).ok()?;
    if let Some(fields) = payload.as_object_mut() {
        fields.retain(|_, value| value.get("key").is_none());
    }
    Some(HistoryLine {
        at: instant(fact.occurred_at),
        kind: raw.kind.to_string(),
        actor: fact.meta.actor.id.clone(),
        actor_kind: serde_json::to_value(fact.meta.actor.kind).ok()?,
        payload,
    })
}

fn unavailable(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(error = %super::problem::chain(error), "a copy of somebody's data could not be made");
    Problem::of(Code::Unavailable)
}
