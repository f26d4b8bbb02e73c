//! One's own account, and the steps of signing in after the first: `/auth/…` beside `access`.

use axum::{
    Router,
    extract::{FromRef, Json, Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use talon_core::ids::OperatorId;
use uuid::Uuid;

use super::{
    access::{Form, gone, instant, private, welcome, welcome_or_step},
    problem::{Code, Problem},
};
use crate::auth::{
    Access, Caller, Denied, LONGEST_PASSWORD, Permission, Principal, SHORTEST_PASSWORD, Visitor, Who,
};

pub(super) fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Access: FromRef<S>,
{
    Router::new()
        .route("/auth/login/totp", post(second_factor))
        .route("/auth/sessions", get(sessions))
        .route("/auth/sessions/{id}/revoke", post(revoke_session))
        .route("/auth/logout-everywhere", post(logout_everywhere))
        .route("/auth/password", post(password))
        .route("/auth/totp", get(totp))
        .route("/auth/totp/begin", post(begin_totp))
        .route("/auth/totp/confirm", post(confirm_totp))
        .route("/auth/totp/remove", post(remove_totp))
        .route("/auth/recovery/complete", post(complete_recovery))
        .route("/auth/invitation/complete", post(complete_invitation))
        .route("/.well-known/jwks.json", get(keys))
}

/// The second step of signing in.
#[derive(Deserialize, JsonSchema)]
pub(super) struct SecondStep {
    challenge: String,
    /// Six digits of the authenticator, or a recovery code.
    code: String,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct NewPassword {
    current: String,
    #[schemars(length(min = SHORTEST_PASSWORD, max = LONGEST_PASSWORD))]
    password: String,
}

/// A link's secret and the password to set.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ByLink {
    token: String,
    #[schemars(length(min = SHORTEST_PASSWORD, max = LONGEST_PASSWORD))]
    password: String,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct BeginTotp {
    password: String,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct ConfirmTotp {
    code: String,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct RemoveTotp {
    password: String,
    code: String,
}

/// Everywhere one is signed in.
#[derive(Serialize, JsonSchema)]
pub(super) struct Sessions {
    sessions: Vec<Session>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Session {
    id: Uuid,
    /// The one that asks.
    current: bool,
    /// Browser and system, where they said so.
    label: String,
    started_at: String,
    last_used_at: String,
}

/// What an authenticator takes in.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SecondFactorOffer")]
pub(super) struct Offer {
    secret: String,
    uri: String,
    /// The same as a picture: SVG text.
    qr: String,
}

/// Shown once.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SecondFactor")]
pub(super) struct Totp {
    enabled: bool,
    /// It cannot be taken away.
    required: bool,
    recovery_codes_left: u32,
}

/// Public keys (RFC 7517).
#[derive(Serialize, JsonSchema)]
pub(super) struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Serialize, JsonSchema)]
struct Jwk {
    kty: &'static str,
    crv: &'static str,
    alg: &'static str,
    #[serde(rename = "use")]
    usage: &'static str,
    kid: String,
    x: String,
}

/// A member of staff in their own name. Everybody on the staff may do this, whatever their roles.
fn own(principal: &Principal) -> Result<(&OperatorId, &str), Problem> {
    match &principal.who {
        Who::Staff { id, session, .. } => Ok((id, session)),
        Who::Nobody => Err(Denied::Unauthenticated(Permission::OwnAccount).into()),
        Who::Customer { .. } | Who::Device { .. } => Err(Denied::Forbidden(Permission::OwnAccount).into()),
    }
}

/// Whoever is signed in, in their own name: their pseudonym and the session that asks.
fn person(principal: &Principal) -> Result<(&str, &str), Problem> {
    match &principal.who {
        Who::Customer { id, session, .. } => Ok((id.as_str(), session)),
        _ => own(principal).map(|(id, session)| (id.as_str(), session)),
    }
}

async fn second_factor(
    State(access): State<Access>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(form): Form<SecondStep>,
) -> Result<Response, Problem> {
    let signed_in = access.answer_challenge(&form.challenge, &form.code, visitor).await?;
    Ok(welcome(&access, &headers, &signed_in))
}

async fn sessions(State(access): State<Access>, Caller(caller): Caller) -> Result<Response, Problem> {
    let (person, session) = person(&caller)?;
    let found = access.own_sessions(person, session).await?;
    let sessions = found
        .into_iter()
        .map(|it| Session {
            id: it.id,
            current: it.current,
            label: it.label,
            started_at: instant(it.started_at),
            last_used_at: instant(it.last_used_at),
        })
        .collect();
    Ok(private(Json(Sessions { sessions }).into_response()))
}

async fn revoke_session(
    State(access): State<Access>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let (person, _) = person(&caller)?;
    let id = Uuid::parse_str(&id).map_err(|_| Problem::of(Code::NotFound))?;
    access.end_own_session(person, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn logout_everywhere(
    State(access): State<Access>,
    Caller(caller): Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (person, _) = person(&caller)?;
    access.end_sessions_of(person, None, "signed_out_everywhere").await?;
    Ok(gone(&access, &headers))
}

async fn password(
    State(access): State<Access>,
    Caller(caller): Caller,
    Form(form): Form<NewPassword>,
) -> Result<StatusCode, Problem> {
    let (staff, session) = own(&caller)?;
    let by = access.own_actor(staff, Some(session.to_owned()));
    access.change_own_password(staff, session, &form.current, &form.password, by).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn totp(State(access): State<Access>, Caller(caller): Caller) -> Result<Response, Problem> {
    let (staff, _) = own(&caller)?;
    let state = access.second_factor_state(staff).await?;
    let shown = Totp {
        enabled: state.enabled,
        required: state.required,
        recovery_codes_left: state.recovery_codes_left,
    };
    Ok(private(Json(shown).into_response()))
}

async fn begin_totp(
    State(access): State<Access>,
    Caller(caller): Caller,
    Form(form): Form<BeginTotp>,
) -> Result<Response, Problem> {
    let (staff, _) = own(&caller)?;
    let offer = access.offer_second_factor(staff, &form.password).await?;
    let shown = Offer { secret: offer.secret, uri: offer.uri, qr: offer.qr };
    Ok(private(Json(shown).into_response()))
}

async fn confirm_totp(
    State(access): State<Access>,
    Caller(caller): Caller,
    Form(form): Form<ConfirmTotp>,
) -> Result<Response, Problem> {
    let (staff, session) = own(&caller)?;
    let by = access.own_actor(staff, Some(session.to_owned()));
    let recovery_codes = access.confirm_second_factor(staff, &form.code, by).await?;
    Ok(private(Json(RecoveryCodes { recovery_codes }).into_response()))
}

async fn remove_totp(
    State(access): State<Access>,
    Caller(caller): Caller,
    Form(form): Form<RemoveTotp>,
) -> Result<StatusCode, Problem> {
    let (staff, session) = own(&caller)?;
    let by = access.own_actor(staff, Some(session.to_owned()));
    access.remove_second_factor(staff, &form.password, &form.code, by).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn complete_recovery(
    State(access): State<Access>,
    visitor: Visitor,
    Form(form): Form<ByLink>,
) -> Result<StatusCode, Problem> {
    access.complete_recovery(&form.token, &form.password, visitor).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn complete_invitation(
    State(access): State<Access>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(form): Form<ByLink>,
) -> Result<Response, Problem> {
    let entered = access.complete_invitation(&form.token, &form.password, visitor).await;
    welcome_or_step(&access, &headers, entered)
}

/// Others check our tokens with these; a key stays here until the last token it signed has run out.
async fn keys(State(access): State<Access>) -> Response {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let keys = access
        .public_keys()
        .into_iter()
        .map(|key| Jwk {
            kty: "OKP",
            crv: "Ed25519",
            alg: "EdDSA",
            usage: "sig",
            kid: key.kid,
            x: BASE64_URL_SAFE_NO_PAD.encode(key.bytes),
        })
        .collect();
    let mut response = Json(Jwks { keys }).into_response();
    let kept = HeaderValue::from_static("public, max-age=60");
    response.headers_mut().insert(header::CACHE_CONTROL, kept);
    response
}
