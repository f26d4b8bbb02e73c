//! HTTP: routes, and the one shape of every error.

pub mod access;
mod account;
pub mod cookies;
pub mod demo;
pub mod graphql;
pub mod health;
pub mod kiosk;
pub mod live;
pub mod openapi;
mod own_contacts;
pub mod own_data;
pub mod panel_files;
pub mod problem;
pub mod ticket_page;
mod ways;

use std::{ops::Deref, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef, MatchedPath, Request},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};
use chrono::{DateTime, SecondsFormat, Utc};
use metrics_exporter_prometheus::PrometheusHandle;
use talon_core::{
    desk::Desk, dispatch::Done, event_store::EventStore, queue_day::DayState, time::Clock,
    waiting_time::WaitingTime,
};
use talon_projections::{board::Live, freshness::Freshness};
use talon_storage::{Db, Tail, Vault};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowOrigin, CorsLayer},
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    timeout::TimeoutLayer,
    trace::TraceLayer,
};
use uuid::Uuid;

use self::{live::BoardFrames, problem::Code};
use crate::{
    auth::Access,
    config::Config,
    doors::{admission, crowd::Crowd, headers, limits::Limits, proof::Proofs, reports::Reports},
    graphql::Executor,
    notes::Notes,
    outbox::Outbox,
    outgoing::Outgoing,
    ticket_token::TicketTokens,
    trace::Trace,
};

/// The house as its doors see it: cheap to clone.
#[derive(Clone)]
pub struct App(Arc<House>);

/// Everything behind the doors.
pub struct House {
    pub config: Config,
    pub clock: Arc<dyn Clock>,
    pub store: Arc<dyn EventStore>,
    pub tail: Tail,
    pub waiting_time: Arc<dyn WaitingTime>,
    pub desk: Arc<Desk>,
    pub live: Arc<Live>,
    pub read: Db,
    pub vault: Vault,
    pub freshness: Freshness,
    pub access: Access,
    pub tokens: TicketTokens,
    pub notes: Notes,
    pub outbox: Outbox,
    pub board_frames: BoardFrames,
    /// What devices told of themselves.
    pub reports: Reports,
    pub metrics: Option<PrometheusHandle>,
    pub outgoing: Outgoing,
    pub limits: Limits,
    pub proofs: Proofs,
    pub crowd: Crowd,
    pub demo: Option<demo::Demo>,
    pub shutdown: CancellationToken,
    pub executor: OnceCell<Executor>,
}

impl Deref for App {
    type Target = House;

    fn deref(&self) -> &House {
        &self.0
    }
}

impl App {
    /// Opens the doors of a house.
    #[must_use]
    pub fn of(house: House) -> Self {
        let limits = house.config.limits.clone();
        let app = Self(Arc::new(house));
        let executor = Executor::new(&app, &limits);
        // Nobody else holds this app yet: the cell is empty.
        let _first = app.0.executor.set(executor);
        app
    }

    /// The log's id, part of every position.
    #[must_use]
    pub fn log_id(&self) -> Uuid {
        self.store.log_id()
    }

    /// The last position this process knows of.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.tail.head()
    }

    #[must_use]
    pub fn executor(&self) -> &Executor {
        self.0.executor.get().unwrap_or_else(|| unreachable!("`App::of` sets it before anybody sees the app"))
    }
}

impl FromRef<App> for Access {
    fn from_ref(app: &App) -> Self {
        app.access.clone()
    }
}

/// Every route of the house.
pub fn router(app: App) -> Router {
    let limits = app.config.limits.clone();
    let request_id = HeaderName::from_static("x-request-id");
    let bounded = Router::new()
        .route("/graphql", post(graphql::post))
        .route("/api/v1/branches", get(kiosk::branches))
        .route("/api/v1/branches/{branch}", get(kiosk::branch))
        .route("/api/v1/branches/{branch}/tickets", post(kiosk::take))
        .route("/api/v1/me/export", get(own_data::export))
        .route("/api/v1/tickets/{token}", get(live::ticket_now))
        .route("/api/v1/devices/heartbeat", post(kiosk::heartbeat))
        .route("/openapi.json", get(openapi::document))
        .merge(access::routes())
        .merge(demo::routes())
        .layer(TimeoutLayer::with_status_code(
            axum::http::StatusCode::REQUEST_TIMEOUT,
            Duration::from_secs(limits.request_s),
        ))
        .layer(middleware::from_fn_with_state(app.clone(), admission::bounded));
    // Whoever watches over the process is always answered.
    let watched = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .layer(TimeoutLayer::with_status_code(
            axum::http::StatusCode::REQUEST_TIMEOUT,
            Duration::from_secs(limits.request_s),
        ));
    // Lines that stay open have no time limit.
    let lasting = Router::new()
        .route("/api/v1/branches/{branch}/board", get(live::poll_board))
        .route("/live/board/{branch}", get(live::board))
        .route("/live/ticket/{token}", get(live::ticket))
        .merge(access::lasting())
        .route("/graphql/ws", get(crate::graphql::socket::upgrade))
        .layer(middleware::from_fn_with_state(app.clone(), admission::lasting));
    let pages = panel_files::routes().layer(middleware::from_fn_with_state(app.clone(), admission::pages));
    bounded
        .merge(watched)
        .merge(lasting)
        .merge(pages)
        .fallback(|| async { problem::Problem::of(Code::NotFound) })
        .method_not_allowed_fallback(|| async { problem::Problem::of(Code::MethodNotAllowed) })
        .layer(DefaultBodyLimit::max(limits.body_bytes))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            axum::response::IntoResponse::into_response(problem::Problem::of(Code::Internal))
        }))
        .layer(middleware::from_fn(problem::in_words))
        .layer(middleware::from_fn(measured))
        .layer(cors(&app.config.http.cors_origins))
        .layer(middleware::from_fn_with_state(app.clone(), headers::protective))
        .layer(PropagateRequestIdLayer::new(request_id.clone()))
        .layer(TraceLayer::new_for_http().make_span_with(span).on_request(()).on_response(()).on_failure(()))
        .layer(SetRequestIdLayer::new(request_id, MakeRequestUuid))
        .with_state(app)
}

fn cors(origins: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|it| it.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::CONTENT_TYPE,
            header::AUTHORIZATION,
            header::ACCEPT_LANGUAGE,
            HeaderName::from_static("idempotency-key"),
        ])
}

/// A span names the route, never the path: a path may hold a ticket's token.
fn span(request: &Request) -> tracing::Span {
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str);
    let id = request.headers().get("x-request-id").and_then(|it| it.to_str().ok()).unwrap_or_default();
    let span =
        tracing::info_span!("http", method = %request.method(), route, id, trace = tracing::field::Empty);
    // One that began here is named after the request.
    if let Some(trace) = Trace::told(request.headers()) {
        span.record("trace", tracing::field::display(trace));
    }
    span
}

async fn measured(request: Request, next: Next) -> Response {
    let route: Arc<str> =
        request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).into();
    let started = std::time::Instant::now();
    let response = Trace::of(request.headers()).scope(next.run(request)).await;
    let status = response.status().as_u16().to_string();
    metrics::counter!("http_requests_total", "route" => route.to_string(), "status" => status).increment(1);
    metrics::histogram!("http_request_seconds", "route" => route.to_string()).record(started.elapsed());
    response
}

/// An instant as interfaces spell it: RFC 3339, UTC, milliseconds.
#[must_use]
pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The stable name of a day's state.
#[must_use]
pub fn day_state(state: &DayState) -> &'static str {
    match state {
        DayState::NotOpened => "NOT_OPENED",
        DayState::Open => "OPEN",
        DayState::IntakePaused { .. } => "INTAKE_PAUSED",
        DayState::Closed { .. } => "CLOSED",
    }
}

/// Counts presses that were carried out before: many of them tell of a bad network or an impatient finger.
pub(crate) fn count_repeat(done: &Done) {
    if done.repeat {
        metrics::counter!("command_repeats_total").increment(1);
    }
}
