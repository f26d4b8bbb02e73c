//! Lets requests in, one by one: not too often from anybody, and when it is crowded strangers wait first, then devices,
//! and the staff last of all. Also finds out who asks, once for all of a request.

use std::time::Duration;

use axum::{
    body::{Body, HttpBody},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use http::request::Parts;

use super::{
    body,
    crowd::{Errand, Load, Standing},
    limits::{Kind, TooMany},
};
use crate::{
    auth::{AccessDenied, ClientAddress, Principal},
    http::{
        App, cookies,
        problem::{Code, Problem},
    },
};

/// Who asks, as it was found out at the door; handlers find it in the request's extensions.
#[derive(Debug, Clone)]
pub(crate) struct Known(pub(crate) Result<Principal, AccessDenied>);

/// Requests that are answered and over.
pub async fn bounded(State(app): State<App>, request: Request, next: Next) -> Response {
    match with_body(&app, request).await {
        Ok((request, standing, _load)) => match app.crowd.place(&standing) {
            Some(_place) => next.run(request).await,
            None => busy(),
        },
        Err(problem) => problem.into_response(),
    }
}

/// Whoever asks, with all they have to say: a body is read before its request takes a place.
async fn with_body(app: &App, request: Request) -> Result<(Request, Standing, Load), Problem> {
    let (request, standing) = enter(app, request).await?;
    let mut load = app.crowd.load(&standing);
    if request.body().is_end_stream() {
        return Ok((request, standing, load));
    }
    let (parts, body) = request.into_parts();
    let limits = &app.config.limits;
    let patience = Duration::from_secs(limits.body_s);
    let body = body::whole(body, limits.body_bytes, patience, &mut load).await?;
    Ok((Request::from_parts(parts, Body::from(body)), standing, load))
}

/// Lines that stay open: they take no place among the requests, but nobody may hold very many.
pub async fn lasting(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut request, standing) = match enter(&app, request).await {
        Ok(entered) => entered,
        Err(problem) => return problem.into_response(),
    };
    if app.crowd.place(&standing).is_none() {
        return busy();
    }
    let Some(line) = app.crowd.line(&standing) else {
        metrics::counter!("limited_requests_total", "kind" => "lines").increment(1);
        return Problem::too_soon(Code::TooManyRequests, 30).into_response();
    };
    // A socket outlives its request and takes the line along.
    request.extensions_mut().insert(line.clone());
    let response = next.run(request).await;
    let (head, body) = response.into_parts();
    let held = body.into_data_stream().map(move |chunk| {
        let _held = &line;
        chunk
    });
    Response::from_parts(head, Body::from_stream(held))
}

/// The files of the pages: the same for everybody.
pub async fn pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let from = ClientAddress::of(&parts, app.access.config().trust_proxy);
    match app.limits.check_address(Kind::Pages, from.0) {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(too_many) => Problem::from(too_many).into_response(),
    }
}

async fn enter(app: &App, request: Request) -> Result<(Request, Standing), Problem> {
    let (mut parts, body) = request.into_parts();
    let ClientAddress(from) = ClientAddress::of(&parts, app.access.config().trust_proxy);
    if parts.uri.path().starts_with("/auth/") {
        app.limits.check_address(Kind::SignIn, from)?;
    }
    // Whoever would have us ask the vault is a stranger until it has answered: it is not asked for those who must wait.
    let is_paid = !app.access.has_seen(&parts.headers);
    if is_paid {
        app.limits.check_address(Kind::Address, from)?;
    }
    let known = app.access.caller(&parts.headers).await;
    let errand = errand(app, &parts);
    let standing = match &known {
        Ok(principal) => {
            let standing = Standing::of(principal, from, errand);
            if !(is_paid && matches!(standing, Standing::Stranger(..))) {
                app.limits.charge(principal, from)?;
            }
            standing
        }
        // A token that is no good is no reason to look elsewhere than at the address.
        Err(_) => {
            if !is_paid {
                app.limits.check_address(Kind::Address, from)?;
            }
            Standing::Stranger(from, errand)
        }
    };
    parts.extensions.insert(Known(known));
    Ok((Request::from_parts(parts, body), standing))
}

fn errand(app: &App, parts: &Parts) -> Errand {
    match parts.uri.path() {
        "/auth/login" => Errand::SigningIn,
        "/auth/refresh" if cookies::REFRESH.read(&app.access, &parts.headers).is_some() => Errand::Renewing,
        _ => Errand::Other,
    }
}

fn busy() -> Response {
    overloaded().into_response()
}

/// Nothing was done, and a moment later there may be room.
pub(super) fn overloaded() -> Problem {
    metrics::counter!("limited_requests_total", "kind" => "crowd").increment(1);
    Problem::too_soon(Code::Overloaded, 1)
}

impl From<TooMany> for Problem {
    fn from(too_many: TooMany) -> Self {
        Self::too_soon(Code::TooManyRequests, too_many.seconds)
    }
}
