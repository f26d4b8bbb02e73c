//! The demo's own two routes: who may sign in, and a kiosk or board without a code. Outside the demo they do not exist.

use axum::{
    Json, Router,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use talon_core::{fact::Actor, ids::BranchId};

use super::{
    App, access, cookies,
    problem::{Code, Problem},
};
use crate::auth::{NewDevice, kind_of};

/// What a visitor of the demo is told.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Demo {
    pub demo: bool,
    pub branch: BranchId,
    pub sign_ins: Vec<SignIn>,
}

/// Somebody a visitor may be.
#[derive(Debug, Clone, Serialize)]
pub struct SignIn {
    pub email: String,
    pub password: String,
    pub role: String,
    pub name: String,
}

#[derive(Debug, Deserialize)]
struct Wanted {
    kind: String,
    branch: String,
}

pub(super) fn routes() -> Router<App> {
    Router::new().route("/demo", get(shown)).route("/demo/pair", post(pair))
}

/// `GET /demo`: the branch that lives, and whom a visitor may sign in as.
async fn shown(State(app): State<App>) -> Result<Json<Demo>, Problem> {
    app.demo.clone().map(Json).ok_or(Problem::of(Code::NotFound))
}

/// `POST /demo/pair`: makes this browser a kiosk or a board; one that is such already stays the device it is.
async fn pair(
    State(app): State<App>,
    headers: HeaderMap,
    Json(wanted): Json<Wanted>,
) -> Result<Response, Problem> {
    let demo = app.demo.as_ref().ok_or(Problem::of(Code::NotFound))?;
    if wanted.branch != demo.branch.as_str() {
        return Err(Problem::malformed("branch"));
    }
    let kind = kind_of(&wanted.kind).ok_or_else(|| Problem::malformed("kind"))?;
    if let Some(cookie) = cookies::DEVICE.read(&app.access, &headers)
        && let Some(device) = app.access.device(&cookie).await?
        && device.kind == kind
        && device.branch == demo.branch
    {
        return Ok(access::device_welcome(&app.access, &headers, &device, &cookie));
    }
    let name = format!("demo {}", wanted.kind);
    let new = NewDevice { branch: demo.branch.clone(), kind, name, window: None };
    let paired = app.access.pair_directly(new, &Actor::system()).await?;
    Ok(access::device_welcome(&app.access, &headers, &paired.device, &paired.cookie).into_response())
}
