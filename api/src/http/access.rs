//! Signing in and out, the first administrator, pairing: `/auth/…`.

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, FromRef, FromRequest, Json, Request, State, rejection::JsonRejection},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tower_http::csrf::{CsrfLayer, ProtectionError};

use super::{
    account, cookies, own_contacts,
    problem::{Code, Problem},
    ways,
};
use crate::auth::{
    Access, AccessDenied, ClientAddress, DevicePrincipal, Kind, LONGEST_PASSWORD, Me, SHORTEST_PASSWORD,
    SignedIn, Visitor, kind_name,
};

/// A form with an e-mail, a name and a password.
const LONGEST_BODY: usize = 16 * 1024;
/// Devices keep their cookie as long as browsers keep any.
const DEVICE_COOKIE_DAYS: i64 = 400;

/// The routes of getting in. Requests from pages of other sites are refused.
pub fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Access: FromRef<S>,
{
    let other_site = |_: ProtectionError| -> Response { Problem::of(Code::CrossSite).into_response() };
    Router::new()
        .route("/auth/login", post(login))
        .route("/auth/refresh", post(refresh))
        .route("/auth/logout", post(logout))
        .route("/auth/setup", post(setup))
        .route("/auth/pair", post(pair))
        .route("/auth/device", get(device))
        .merge(account::routes())
        .merge(ways::routes())
        .merge(own_contacts::routes())
        .method_not_allowed_fallback(async || Problem::of(Code::MethodNotAllowed))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(CsrfLayer::new().with_rejection_response(other_site))
}

/// Lines of signing in that stay open.
pub fn lasting<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Access: FromRef<S>,
{
    ways::lasting()
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Login {
    email: String,
    password: String,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Setup {
    token: String,
    email: String,
    name: String,
    #[schemars(length(min = SHORTEST_PASSWORD, max = LONGEST_PASSWORD))]
    password: String,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Pair {
    code: String,
}

/// Somebody has signed in; the token that renews this one went into a cookie.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Welcome<'a> {
    access_token: &'a str,
    expires_at: String,
    me: Greeting<'a>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Greeting<'a> {
    id: &'a str,
    kind: Kind,
    name: Option<&'a str>,
    role: &'a str,
    branches: Vec<&'a str>,
    /// Until they have set it up, they may do nothing but that.
    must_set_up_second_factor: bool,
}

/// The password is right and not enough.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NextStep {
    /// `TOTP`: answer the challenge at `/auth/login/totp`.
    step: &'static str,
    challenge: String,
    expires_at: String,
}

/// A device that is known by its cookie.
#[derive(Serialize, JsonSchema)]
pub(super) struct Paired<'a> {
    device: Shown<'a>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Device")]
struct Shown<'a> {
    id: &'a str,
    kind: &'a str,
    branch: &'a str,
    name: &'a str,
}

/// A JSON body whose faults are problems.
pub(super) struct Form<T>(pub(super) T);

impl<S, T> FromRequest<S> for Form<T>
where
    S: Send + Sync,
    Json<T>: FromRequest<S, Rejection = JsonRejection>,
{
    type Rejection = Problem;

    async fn from_request(request: Request<Body>, state: &S) -> Result<Self, Problem> {
        Ok(Self(Json::<T>::from_request(request, state).await?.0))
    }
}

async fn login(
    State(access): State<Access>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(form): Form<Login>,
) -> Result<Response, Problem> {
    welcome_or_step(&access, &headers, access.login(&form.email, &form.password, visitor).await)
}

/// Somebody is in, or is asked for the second factor first.
pub(super) fn welcome_or_step(
    access: &Access,
    headers: &HeaderMap,
    entered: Result<SignedIn, AccessDenied>,
) -> Result<Response, Problem> {
    match entered {
        Ok(signed_in) => Ok(welcome(access, headers, &signed_in)),
        Err(AccessDenied::SecondFactor(it)) => {
            let step = NextStep { step: "TOTP", challenge: it.challenge, expires_at: instant(it.expires_at) };
            Ok(private(Json(step).into_response()))
        }
        Err(denied) => Err(denied.into()),
    }
}

async fn setup(
    State(access): State<Access>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(form): Form<Setup>,
) -> Result<Response, Problem> {
    let signed_in =
        access.complete_setup(&form.token, &form.email, &form.name, &form.password, visitor).await?;
    Ok(welcome(&access, &headers, &signed_in))
}

async fn refresh(State(access): State<Access>, headers: HeaderMap) -> Response {
    let Some(cookie) = cookies::REFRESH.read(&access, &headers) else {
        return Problem::of(Code::SessionEnded).into_response();
    };
    match access.refresh(&cookie).await {
        Ok(signed_in) => welcome(&access, &headers, &signed_in),
        Err(AccessDenied::SessionEnded) => {
            let problem = Problem::of(Code::SessionEnded).into_response();
            cookies::REFRESH.take(&access, &headers, problem)
        }
        Err(other) => Problem::from(other).into_response(),
    }
}

async fn logout(State(access): State<Access>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(cookie) = cookies::REFRESH.read(&access, &headers) {
        access.logout(&cookie).await?;
    }
    Ok(gone(&access, &headers))
}

/// Signed out: the cookie is taken away.
pub(super) fn gone(access: &Access, headers: &HeaderMap) -> Response {
    cookies::REFRESH.take(access, headers, StatusCode::NO_CONTENT.into_response())
}

async fn pair(
    State(access): State<Access>,
    ClientAddress(from): ClientAddress,
    headers: HeaderMap,
    Form(form): Form<Pair>,
) -> Result<Response, Problem> {
    let paired = access.pair(&form.code, from).await?;
    Ok(device_welcome(&access, &headers, &paired.device, &paired.cookie))
}

async fn device(State(access): State<Access>, headers: HeaderMap) -> Result<Response, Problem> {
    let cookie = cookies::DEVICE.read(&access, &headers).ok_or(Code::DeviceUnknown)?;
    let device = access.device(&cookie).await?.ok_or(Code::DeviceUnknown)?;
    if cookies::DEVICE.is_former(&access, &headers) {
        // Paired long ago: a device signs in only once, so its cookie is renamed where it asks who it is.
        return Ok(device_welcome(&access, &headers, &device, &cookie));
    }
    Ok(private(Json(shown(&device)).into_response()))
}

/// The answer to a device that has just been paired, with its cookie.
pub fn device_welcome(
    access: &Access,
    headers: &HeaderMap,
    device: &DevicePrincipal,
    cookie: &str,
) -> Response {
    let life = TimeDelta::days(DEVICE_COOKIE_DAYS);
    let answer = private(Json(shown(device)).into_response());
    cookies::DEVICE.give(access, headers, answer, cookie, life)
}

fn shown(device: &DevicePrincipal) -> Paired<'_> {
    Paired {
        device: Shown {
            id: device.id.as_str(),
            kind: kind_name(device.kind),
            branch: device.branch.as_str(),
            name: &device.name,
        },
    }
}

pub(super) fn welcome(access: &Access, headers: &HeaderMap, signed_in: &SignedIn) -> Response {
    let answer = Json(Welcome {
        access_token: &signed_in.access_token,
        expires_at: instant(signed_in.expires_at),
        me: greeting(&signed_in.me),
    });
    with_refresh(access, headers, private(answer.into_response()), signed_in)
}

/// Gives the browser what renews the session.
pub(super) fn with_refresh(
    access: &Access,
    headers: &HeaderMap,
    answer: Response,
    signed_in: &SignedIn,
) -> Response {
    let rest = signed_in.refresh_until - access.now();
    cookies::REFRESH.give(access, headers, answer, &signed_in.refresh_token, rest)
}

fn greeting(me: &Me) -> Greeting<'_> {
    Greeting {
        id: &me.id,
        kind: me.kind,
        name: me.name.as_deref(),
        role: me.role.code(),
        branches: me.branches.iter().map(|it| it.as_str()).collect(),
        must_set_up_second_factor: me.must_set_up_second_factor,
    }
}

/// Tokens and names stay out of every cache.
pub(super) fn private(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
