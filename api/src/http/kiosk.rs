//! What a kiosk needs: the catalogue of its branch, and tickets.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use qrcode::{QrCode, render::svg};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use talon_core::{
    desk::{Ask, Press},
    fact::ActorKind,
    ids::{ClassId, CommandId, ReasonCode, ServiceId, TicketId},
    queue_day::{
        QueueDay,
        command::{Action, IssueTicket},
        event::Channel,
    },
    refusal::Refusal,
    settings::Reason,
    text::LocalText,
};
use uuid::Uuid;

use super::{
    App, instant,
    live::{branch_id, readable},
    problem::{Code, Problem},
    ticket_page::WaitTold,
};
use crate::{
    auth::{Caller, Permission, Who},
    doors::reports,
    position::WirePosition,
};

/// A branch in the list of all.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BranchLine {
    code: String,
    name: LocalText,
    address: Option<String>,
    state: &'static str,
    waiting: u32,
}

/// `GET /api/v1/branches`: the branches a caller may read.
pub async fn branches(State(app): State<App>, caller: Caller) -> Json<Vec<BranchLine>> {
    let mut lines = Vec::new();
    for branch in app.live.branches() {
        let Ok(views) = readable(&app, &caller, &branch, Permission::ReadBranch) else { continue };
        let view = views.borrow().clone();
        lines.push(BranchLine {
            code: branch.to_string(),
            name: view.name.clone(),
            address: app.live.with_settings(&branch, |it| it.address.clone()).flatten(),
            state: super::day_state(&view.state()),
            waiting: view.days().map(talon_projections::board::DayView::waiting_count).sum(),
        });
    }
    Json(lines)
}

/// The catalogue of one branch, as a kiosk draws it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Catalogue {
    code: String,
    name: LocalText,
    address: Option<String>,
    time_zone: String,
    languages: Vec<String>,
    ticker: Option<LocalText>,
    settings_version: u64,
    groups: Vec<GroupLine>,
    classes: Vec<ClassLine>,
    opens_at: Option<String>,
    closes_at: Option<String>,
    next_opening: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct GroupLine {
    code: String,
    name: LocalText,
    letter: char,
    icon: Option<String>,
    services: Vec<ServiceLine>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ServiceLine {
    code: ServiceId,
    name: LocalText,
    norm_seconds: u32,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ClassLine {
    code: ClassId,
    name: LocalText,
    reasons: Vec<Reason>,
}

/// `GET /api/v1/branches/{branch}`: what can be asked for there, and when it is open.
pub async fn branch(
    State(app): State<App>,
    caller: Caller,
    Path(branch): Path<String>,
) -> Result<Json<Catalogue>, Problem> {
    let branch = branch_id(&branch)?;
    let _views = readable(&app, &caller, &branch, Permission::ReadBranch)?;
    let now = app.clock.now();
    let known = app.desk.frame(&branch).await?;
    let settings = &known.in_force(now).ok_or(Problem::of(Code::NotFound))?.settings;
    let day = app.desk.day_settings_of(&branch, known.business_day_at(now)).await?;
    let groups = day
        .groups
        .iter()
        .map(|group| GroupLine {
            code: group.id.to_string(),
            name: group.name.clone(),
            letter: group.letter,
            icon: group.icon.clone(),
            services: day
                .services
                .iter()
                .filter(|service| service.group == group.id)
                .map(|it| ServiceLine { code: it.id.clone(), name: it.name.clone(), norm_seconds: it.norm_s })
                .collect(),
        })
        .filter(|group| !group.services.is_empty())
        .collect();
    let offered = day.classes.iter().filter(|class| class.self_service && class.id.as_str() != "standard");
    Ok(Json(Catalogue {
        code: branch.to_string(),
        name: settings.name.clone(),
        address: settings.address.clone(),
        time_zone: settings.time_zone.clone(),
        languages: settings.languages.clone(),
        ticker: settings.ticker.clone(),
        settings_version: day.version,
        groups,
        classes: offered
            .map(|it| ClassLine { code: it.id.clone(), name: it.name.clone(), reasons: it.reasons.clone() })
            .collect(),
        opens_at: day.intervals.first().map(|it| instant(it.opens)),
        closes_at: day.intervals.last().map(|it| instant(it.closes)),
        next_opening: known.next_opening(now).map(instant),
    }))
}

/// What a kiosk sends for one touch.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Wanted {
    /// In the order to be given.
    services: Vec<String>,
    class: Option<String>,
    reason_code: Option<String>,
    language: Option<String>,
    #[schemars(range(min = 1, max = 99))]
    party_size: Option<u16>,
}

/// A ticket as a kiosk shows and prints it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Given {
    ticket_id: Uuid,
    number: String,
    letter: Option<char>,
    seq: u32,
    state: &'static str,
    ahead: Option<u32>,
    quote: Option<WaitTold>,
    issued_at: String,
    token: String,
    /// The ticket's page as a picture.
    qr: String,
    url: String,
    position: String,
}

/// `POST /api/v1/branches/{branch}/tickets`: takes a ticket. The same `Idempotency-Key` is the same touch.
pub async fn take(
    State(app): State<App>,
    caller: Caller,
    Path(branch): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let branch = branch_id(&branch)?;
    let customer = caller.0.customer_id();
    let permission = if customer.is_some() { Permission::TakeTicket } else { Permission::IssueTicket };
    let actor = caller.0.actor(permission, Some(&branch))?;
    let key = headers
        .get("idempotency-key")
        .and_then(|it| it.to_str().ok())
        .and_then(|it| Uuid::try_parse(it).ok());
    let key = key.ok_or_else(|| Problem::malformed("idempotency-key"))?;
    let wanted: Wanted = serde_json::from_slice(&body).map_err(|_| Problem::malformed("body"))?;
    let device = caller.0.device_id();
    let channel = match actor.kind {
        ActorKind::Device => Channel::Kiosk,
        ActorKind::Staff => Channel::Staff,
        ActorKind::Customer | ActorKind::System | ActorKind::Import => Channel::Web,
    };
    let ticket = TicketId(app.clock.new_id());
    let mut wanted = wanted.checked(ticket, channel, device.clone())?;
    let visitor = match customer {
        Some(id) => Some(app.access.customers().visitor(id, CommandId(key)).await?),
        None => None,
    };
    let (actor, key_id) = match visitor {
        Some(visitor) => {
            wanted.ticket = visitor.ticket;
            let key_id = visitor.customer_ref.key.clone();
            wanted.customer_ref = Some(visitor.customer_ref);
            (visitor.actor, Some(key_id))
        }
        None => (actor, None),
    };
    let action = Action::IssueTicket(wanted);
    let mut sent = b"tickets".to_vec();
    sent.extend_from_slice(branch.as_str().as_bytes());
    sent.extend_from_slice(&body);
    let press = Press { command_id: CommandId(key), actor, sent, device, causation_id: None, key_id };
    let view = |day: &QueueDay, _, done: &talon_core::dispatch::Done| {
        day.tickets.get(&TicketId(done.correlation_id)).cloned()
    };
    let (done, issued) = app.desk.ask(&press, &branch, Ask::Plain(action), view).await?;
    super::count_repeat(&done);
    let issued = issued.ok_or(Problem::of(Code::Internal))?;
    let token = app.tokens.token(issued.id);
    let url = format!("/t/{token}");
    let given = Given {
        ticket_id: issued.id.0,
        number: issued.number,
        letter: issued.letter,
        seq: issued.seq,
        state: issued.state.name(),
        ahead: issued.quote.as_ref().map(|it| it.ahead),
        quote: issued.quote.as_ref().map(|it| WaitTold { p50_seconds: it.p50_s, p80_seconds: it.p80_s }),
        issued_at: instant(issued.issued_at),
        qr: qr(&format!("{}{url}", origin(&app, &headers, &uri))),
        token,
        url,
        position: WirePosition { log: app.log_id(), number: done.position }.to_string(),
    };
    let status = if done.repeat { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(given)).into_response())
}

impl Wanted {
    fn checked(
        self,
        ticket: TicketId,
        channel: Channel,
        kiosk: Option<talon_core::ids::DeviceId>,
    ) -> Result<IssueTicket, Refusal> {
        let services = self
            .services
            .iter()
            .map(|it| ServiceId::parse(it).map_err(|_| Refusal::Malformed { what: "services" }))
            .collect::<Result<_, _>>()?;
        let class = self.class.as_deref().unwrap_or("standard");
        let class = ClassId::parse(class).map_err(|_| Refusal::Malformed { what: "class" })?;
        let reason = self.reason_code.as_deref().map(ReasonCode::parse).transpose();
        let language = match self.language.as_deref() {
            None | Some("ru" | "en") => self.language,
            Some(_) => return Err(Refusal::Malformed { what: "language" }),
        };
        let party_size = self.party_size.unwrap_or(1);
        if !(1..=99).contains(&party_size) {
            return Err(Refusal::Malformed { what: "partySize" });
        }
        Ok(IssueTicket {
            ticket,
            services,
            class,
            class_reason: reason.map_err(|_| Refusal::Malformed { what: "reasonCode" })?,
            channel,
            remote: false,
            party_size,
            language,
            booking_id: None,
            slot_start: None,
            customer_ref: None,
            kiosk,
            not_before: None,
            quote: None,
        })
    }
}

/// What a phone that photographs the ticket must open: the address of the house, else the one the kiosk came by.
fn origin(app: &App, headers: &HeaderMap, uri: &Uri) -> String {
    let public = &app.config.http.public_url;
    if !public.is_empty() {
        return public.trim_end_matches('/').to_owned();
    }
    let text = |name: &str| headers.get(name).and_then(|it| it.to_str().ok());
    // HTTP/2 says the host in the request's own address.
    let host = text("host").or(uri.authority().map(http::uri::Authority::as_str));
    match (text("origin"), host) {
        (Some(origin), _) if origin != "null" => origin.to_owned(),
        (_, Some(host)) if app.access.came_securely(headers) => format!("https://{host}"),
        (_, Some(host)) => format!("http://{host}"),
        (_, None) => String::new(),
    }
}

fn qr(address: &str) -> String {
    QrCode::new(address.as_bytes())
        .map(|code| code.render::<svg::Color<'_>>().min_dimensions(200, 200).quiet_zone(true).build())
        .unwrap_or_default()
}

/// What a device tells of itself.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Heartbeat {
    build: String,
    uptime_s: u64,
    audio: Option<String>,
    heap_bytes: Option<u64>,
    /// Codes of what is wrong, in capitals: `PAPER_OUT`, `NO_NETWORK`. At most ten.
    #[serde(default)]
    problems: Vec<String>,
}

/// A page that may not speak says so in a field of its own.
const AUDIO_BLOCKED: &str = "AUDIO_BLOCKED";

/// `POST /api/v1/devices/heartbeat`: a device is alive.
pub async fn heartbeat(
    State(app): State<App>,
    caller: Caller,
    Json(mut beat): Json<Heartbeat>,
) -> Result<StatusCode, Problem> {
    caller.0.require(Permission::SendHeartbeat, caller.0.device_branch())?;
    let Who::Device { id, .. } = &caller.0.who else { return Err(Problem::of(Code::DeviceUnknown)) };
    tracing::debug!(device = %id, build = %beat.build, uptime_s = beat.uptime_s, audio = beat.audio.as_deref(),
        heap = beat.heap_bytes, "a device is alive");
    if beat.audio.as_deref() == Some("blocked") && !beat.problems.iter().any(|it| it == AUDIO_BLOCKED) {
        beat.problems.push(AUDIO_BLOCKED.to_owned());
    }
    let told = reports::report(&beat.build, &beat.problems, app.clock.now());
    app.reports.hear(id, told.ok_or_else(|| Problem::malformed("problems"))?);
    Ok(StatusCode::NO_CONTENT)
}
