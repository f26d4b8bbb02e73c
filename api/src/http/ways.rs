//! Ways in beside the password: codes by phone and mail, QR codes, the organisation's own sign-in, and the way back for
//! whoever forgot the password.

use std::convert::Infallible;

use axum::{
    Router,
    extract::{FromRef, Json, Path, Query, State},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::{get, post},
};
use chrono::TimeDelta;
use futures_util::{Stream, stream};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use talon_core::customer::event::ContactKind;

use super::{
    access::{Form, instant, private, welcome, with_refresh},
    cookies,
    problem::{Code, Problem, language},
};
use crate::auth::{self, Access, AccessDenied, Caller, Denied, Permission, Principal, QrState, Visitor, Who};
use crate::doors::proof::Proof;

/// Shows the secret of a QR code for whoever keeps no cookies.
const QR_HEADER: &str = "talon-qr-secret";

pub(super) fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Access: FromRef<S>,
{
    Router::new()
        .route("/auth/ways", get(ways))
        .route("/auth/recovery", post(recovery))
        .route("/auth/code", post(code))
        .route("/auth/code/confirm", post(confirm_code))
        .route("/auth/qr", post(qr))
        .route("/auth/qr/{id}", get(qr_asked))
        .route("/auth/qr/{id}/take", post(take_qr))
        .route("/auth/qr/{id}/confirm", post(confirm_qr))
        .route("/auth/qr/{id}/refuse", post(refuse_qr))
        .route("/auth/oidc/start", get(start_oidc))
        .route("/auth/oidc/callback", get(finish_oidc))
}

/// Lines that stay open.
pub(super) fn lasting<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Access: FromRef<S>,
{
    Router::new().route("/auth/qr/{id}/events", get(qr_events))
}

/// How one may sign in here.
#[derive(Serialize, JsonSchema)]
pub(super) struct Ways<'a> {
    password: bool,
    phone: bool,
    email: bool,
    qr: bool,
    oidc: Option<OidcWay<'a>>,
    telegram: bool,
}

#[derive(Serialize, JsonSchema)]
struct OidcWay<'a> {
    /// What the organisation calls it.
    name: &'a str,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Recovery {
    email: String,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct CodeWanted {
    pub(super) kind: CodeKind,
    pub(super) value: String,
    /// With what solves it, after an answer `PROOF_REQUIRED`.
    pub(super) proof: Option<Proof>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum CodeKind {
    Phone,
    Email,
}

impl CodeKind {
    pub(super) fn contact(&self) -> ContactKind {
        match self {
            Self::Phone => ContactKind::Phone,
            Self::Email => ContactKind::Email,
        }
    }
}

/// A code is on its way.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CodeSent {
    challenge: String,
    expires_at: String,
    resend_after_s: u32,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct CodeShown {
    pub(super) challenge: String,
    pub(super) code: String,
}

impl From<auth::CodeSent> for CodeSent {
    fn from(sent: auth::CodeSent) -> Self {
        Self {
            challenge: sent.challenge,
            expires_at: instant(sent.expires_at),
            resend_after_s: sent.resend_after_s,
        }
    }
}

/// A QR code to show.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct QrOffer {
    id: String,
    /// Stays with this screen; also in a cookie.
    secret: String,
    url: String,
    svg: String,
    expires_at: String,
}

/// What asks to be signed in.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct QrAsked {
    /// Browser and system of the other screen, where it said so.
    label: String,
    asked_at: String,
    expires_at: String,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct QrCodeShown {
    /// From the fragment of the address in the QR code.
    code: String,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct QrTaken {
    secret: String,
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    to: String,
}

#[derive(Deserialize)]
struct Returned {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

async fn ways(State(access): State<Access>) -> Response {
    let ways = Ways {
        password: true,
        phone: access.outbox().has_sms(),
        email: access.outbox().has_mail(),
        qr: true,
        oidc: access.oidc_name().map(|name| OidcWay { name }),
        telegram: false,
    };
    private(Json(ways).into_response())
}

/// Answers before anybody has looked whether there is such an account.
async fn recovery(
    State(access): State<Access>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(form): Form<Recovery>,
) -> Result<StatusCode, Problem> {
    access.begin_recovery(&form.email, language(&headers), visitor).await?;
    Ok(StatusCode::ACCEPTED)
}

async fn code(
    State(access): State<Access>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(form): Form<CodeWanted>,
) -> Result<Response, Problem> {
    let kind = form.kind.contact();
    let sent = access.send_code(kind, &form.value, language(&headers), form.proof.as_ref(), visitor).await?;
    Ok(private((StatusCode::ACCEPTED, Json(CodeSent::from(sent))).into_response()))
}

async fn confirm_code(
    State(access): State<Access>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(form): Form<CodeShown>,
) -> Result<Response, Problem> {
    let signed_in = access.confirm_code(&form.challenge, &form.code, visitor).await?;
    Ok(welcome(&access, &headers, &signed_in))
}

async fn qr(State(access): State<Access>, visitor: Visitor, headers: HeaderMap) -> Result<Response, Problem> {
    let offer = access.offer_qr(visitor).await?;
    let life = offer.expires_at - access.now();
    let kept = offer.secret.clone();
    let body = QrOffer {
        id: offer.id,
        secret: offer.secret,
        url: offer.url,
        svg: offer.svg,
        expires_at: instant(offer.expires_at),
    };
    Ok(cookies::QR.give(&access, &headers, private(Json(body).into_response()), &kept, life))
}

async fn qr_events(
    State(access): State<Access>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let told = headers.get(QR_HEADER).and_then(|it| it.to_str().ok()).map(str::to_owned);
    let secret = told.or_else(|| cookies::QR.read(&access, &headers));
    let secret = secret.ok_or(Code::NotFound)?;
    let first = access.qr_state(&id, &secret).await?;
    let changes = stream::unfold(Some((access, id, secret, None)), move |at| async move {
        let (access, id, secret, last) = at?;
        let state = match last {
            None => first,
            // The line ends when the vault does not answer: a browser opens it again by itself.
            Some(last) => access.qr_changed(&id, &secret, last).await.ok()?,
        };
        let goes_on = matches!(state, QrState::Waiting).then_some((access, id, secret, Some(state)));
        Some((Ok(Event::default().event(state.code()).data("{}")), goes_on))
    });
    Ok(Sse::new(changes).keep_alive(KeepAlive::default()))
}

async fn take_qr(
    State(access): State<Access>,
    Path(id): Path<String>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(form): Form<QrTaken>,
) -> Result<Response, Problem> {
    let signed_in = access.take_qr(&id, &form.secret, visitor).await?;
    Ok(cookies::QR.take(&access, &headers, welcome(&access, &headers, &signed_in)))
}

/// Whoever may let another screen in: in their own name.
fn confirmer(principal: &Principal) -> Result<(), Problem> {
    match principal.who {
        Who::Staff { .. } | Who::Customer { .. } => Ok(()),
        Who::Nobody => Err(Denied::Unauthenticated(Permission::OwnAccount).into()),
        Who::Device { .. } => Err(Denied::Forbidden(Permission::OwnAccount).into()),
    }
}

async fn qr_asked(
    State(access): State<Access>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    confirmer(&caller)?;
    let asked = access.qr_asked(&id).await?;
    let body = QrAsked {
        label: asked.label,
        asked_at: instant(asked.asked_at),
        expires_at: instant(asked.expires_at),
    };
    Ok(private(Json(body).into_response()))
}

async fn confirm_qr(
    State(access): State<Access>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    Form(form): Form<QrCodeShown>,
) -> Result<StatusCode, Problem> {
    confirmer(&caller)?;
    access.answer_qr(&id, &form.code, &caller, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn refuse_qr(
    State(access): State<Access>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    Form(form): Form<QrCodeShown>,
) -> Result<StatusCode, Problem> {
    confirmer(&caller)?;
    access.answer_qr(&id, &form.code, &caller, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn start_oidc(
    State(access): State<Access>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let start = match access.begin_oidc(&wanted.to, visitor).await {
        Ok(start) => start,
        Err(AccessDenied::WayOff) => return Err(Code::WayOff.into()),
        Err(denied) => return Ok(back_to_login(denied)),
    };
    Ok(cookies::OIDC.give(&access, &headers, found(&start.to), &start.cookie, TimeDelta::minutes(10)))
}

async fn finish_oidc(
    State(access): State<Access>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(returned): Query<Returned>,
) -> Response {
    let cookie = cookies::OIDC.read(&access, &headers).unwrap_or_default();
    let answer = match access.finish_oidc(&cookie, &returned.state, &returned.code, visitor).await {
        Ok(done) => with_refresh(&access, &headers, found(&done.to), &done.signed_in),
        Err(denied) => back_to_login(denied),
    };
    cookies::OIDC.take(&access, &headers, answer)
}

/// A person sits before this answer: the sign-in page says what was wrong.
fn back_to_login(denied: AccessDenied) -> Response {
    found(&format!("/login#problem={}", Problem::from(denied).code()))
}

fn found(to: &str) -> Response {
    let mut response = StatusCode::FOUND.into_response();
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    private(response)
}
