//! The board as JSON, exactly as the pages of the hall read it. No names of people, no parked tickets.

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use serde_json::json;
use talon_core::{
    ids::{BranchId, EventId, ServiceId, TicketId, WindowId},
    queue_day::{
        DayState,
        ticket::{Ticket, TicketState},
    },
    settings::Service,
    text::LocalText,
};

use super::{
    call::{CALLS_KEPT, CallKind},
    view::{BranchView, DayView},
};

/// How many rows a board shows.
const ROWS: usize = 8;

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Board<'a> {
    position: String,
    branch: &'a BranchId,
    name: &'a LocalText,
    business_day: Option<NaiveDate>,
    state: &'static str,
    waiting: u32,
    quote: Option<Seconds>,
    settings_version: u64,
    /// Of the catalogue as the open day decides by it; 0 while none is open.
    catalogue_version: u64,
    rows: Vec<Row<'a>>,
    calls: Vec<Spoken<'a>>,
    services: Vec<Line<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "LongestQuote")]
struct Seconds {
    p50_seconds: u32,
    p80_seconds: u32,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    ticket_id: TicketId,
    number: &'a str,
    window: &'a WindowId,
    window_label: &'a str,
    state: &'static str,
    attempt: u8,
    #[serde(serialize_with = "instant")]
    called_at: DateTime<Utc>,
    #[serde(serialize_with = "optional_instant")]
    started_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    newest: DateTime<Utc>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Call")]
struct Spoken<'a> {
    event_id: EventId,
    ticket_id: TicketId,
    number: &'a str,
    letter: Option<char>,
    seq: u32,
    window_label: &'a str,
    kind: CallKind,
    past_due: bool,
    #[serde(serialize_with = "instant")]
    at: DateTime<Utc>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Service")]
struct Line<'a> {
    code: &'a ServiceId,
    waiting: u32,
    p50_seconds: Option<u32>,
    p80_seconds: Option<u32>,
    /// Some open window gives it now, and people are taken in.
    open: bool,
}

/// The schema of a board as it is sent, with the server's time that is added last.
pub(super) fn schema(generator: &mut SchemaGenerator) -> Schema {
    let board = generator.subschema_for::<Board<'static>>();
    if let Some(shape) = generator.definitions_mut().get_mut("Board") {
        shape["properties"]["serverTime"] = json!({ "type": "string", "format": "date-time" });
        if let Some(required) = shape["required"].as_array_mut() {
            required.push("serverTime".into());
        }
    }
    board
}

impl<'a> Board<'a> {
    pub(super) fn of(view: &'a BranchView) -> Self {
        let mut rows: Vec<_> =
            view.days().flat_map(|day| day.open.iter().filter_map(|ticket| Row::of(day, ticket))).collect();
        rows.sort_by(|a, b| b.newest.cmp(&a.newest).then(b.ticket_id.cmp(&a.ticket_id)));
        rows.truncate(ROWS);
        let mut calls: Vec<_> =
            view.days().flat_map(|day| day.calls.iter().map(move |call| (day, call))).collect();
        calls.sort_by_key(|(_, call)| std::cmp::Reverse(call.position));
        calls.truncate(CALLS_KEPT);
        Self {
            position: view.position_text(),
            branch: &view.branch,
            name: &view.name,
            business_day: view
                .today
                .as_ref()
                .filter(|day| day.state != DayState::NotOpened)
                .map(|day| day.date),
            state: state_name(view.state()),
            waiting: view.days().map(DayView::waiting_count).sum(),
            quote: view
                .today
                .as_ref()
                .and_then(|day| day.quotes.longest())
                .map(|it| Seconds { p50_seconds: it.p50_s, p80_seconds: it.p80_s }),
            settings_version: view.settings_version,
            catalogue_version: view
                .today
                .as_ref()
                .and_then(|day| day.settings.as_ref())
                .map_or(0, |it| it.catalogue),
            rows,
            calls: calls
                .into_iter()
                .map(|(day, call)| Spoken {
                    event_id: call.event_id,
                    ticket_id: call.ticket,
                    number: &call.number,
                    letter: call.letter,
                    seq: call.seq,
                    window_label: day.label(&call.window),
                    kind: call.kind,
                    past_due: call.past_due,
                    at: call.at,
                })
                .collect(),
            services: lines(view),
        }
    }

    /// The bytes, and how many of them are there before the server's time.
    pub(super) fn render(&self, now: DateTime<Utc>) -> (Bytes, usize) {
        // Plain structs with string keys: serialising them cannot fail.
        let mut body = serde_json::to_vec(self).unwrap_or_default();
        body.pop();
        let stem = body.len();
        (Self::with_server_time(&body, now), stem)
    }

    pub(super) fn with_server_time(stem: &[u8], now: DateTime<Utc>) -> Bytes {
        let mut whole = Vec::with_capacity(stem.len() + 48);
        whole.extend_from_slice(stem);
        whole.extend_from_slice(b",\"serverTime\":\"");
        whole.extend_from_slice(millis(now).as_bytes());
        whole.extend_from_slice(b"\"}");
        whole.into()
    }
}

fn lines(view: &BranchView) -> Vec<Line<'_>> {
    let Some(today) = &view.today else { return Vec::new() };
    let Some(settings) = &today.settings else { return Vec::new() };
    let intake = today.state == DayState::Open;
    // A window may still work for people of the day before, and is there for today's after them.
    let is_given = |service: &ServiceId| {
        let mut windows = view.days().flat_map(|day| &day.windows);
        windows.any(|window| window.pause.is_none() && window.gives(service))
    };
    let line = |service: &'_ Service| {
        let quote = today.quotes.for_service(&service.id);
        (quote.map(|it| (it.p50_s, it.p80_s)), intake && is_given(&service.id))
    };
    settings
        .services
        .iter()
        .map(|service| {
            let (quote, open) = line(service);
            Line {
                code: &service.id,
                waiting: view.days().map(|day| day.waiting_for(&service.id)).sum(),
                p50_seconds: quote.map(|(p50, _)| p50),
                p80_seconds: quote.map(|(_, p80)| p80),
                open,
            }
        })
        .collect()
}

impl<'a> Row<'a> {
    fn of(day: &'a DayView, ticket: &'a Ticket) -> Option<Self> {
        let (window, state, called_at, newest, started_at) = match &ticket.state {
            TicketState::Called { window, called_at, last_call_at } => {
                (window, "CALLED", *called_at, *last_call_at, None)
            }
            TicketState::Serving { window, called_at, started_at } => {
                (window, "SERVING", *called_at, *called_at, Some(*started_at))
            }
            _ => return None,
        };
        Some(Self {
            ticket_id: ticket.id,
            number: &ticket.number,
            window,
            window_label: day.label(window),
            state,
            attempt: ticket.attempts,
            called_at,
            started_at,
            newest,
        })
    }
}

pub(super) fn state_name(state: DayState) -> &'static str {
    match state {
        DayState::NotOpened => "NOT_OPENED",
        DayState::Open => "OPEN",
        DayState::IntakePaused { .. } => "INTAKE_PAUSED",
        DayState::Closed { .. } => "CLOSED",
    }
}

fn millis(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn instant<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&millis(*at))
}

fn optional_instant<S: Serializer>(at: &Option<DateTime<Utc>>, to: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => instant(at, to),
        None => to.serialize_none(),
    }
}
