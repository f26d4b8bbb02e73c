//! Whether the process lives, whether it can serve, and its figures.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{
    App,
    problem::{Code, Problem},
};
use crate::{
    auth::{Caller, ClientAddress, Permission},
    readiness,
};

/// `GET /healthz`: the process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the store answers and the projections follow; `degraded` when a branch is parked.
pub async fn ready(State(app): State<App>) -> Response {
    let report = readiness::report(&app).await;
    let status = if report.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(report)).into_response()
}

/// `GET /metrics`: Prometheus text. From this machine freely, from elsewhere for the chief administrator.
pub async fn metrics(State(app): State<App>, from: ClientAddress, caller: Caller) -> Result<String, Problem> {
    if !from.0.is_loopback() {
        caller.0.require(Permission::ReadMetrics, None)?;
    }
    app.metrics
        .as_ref()
        .map(metrics_exporter_prometheus::PrometheusHandle::render)
        .ok_or(Problem::of(Code::NotFound))
}
