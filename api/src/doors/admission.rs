//! Lets requests in, one by one: not too often from anybody, and when it is crowded strangers wait first, then devices,
//! and the staff last of all. Also finds out who asks, once for all of a request.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;

use super::limits::{Kind, TooMany, household};
use crate::{
    auth::{AccessDenied, ClientAddress, Principal},
    http::{
        App,
        problem::{Code, Problem},
    },
};

/// Who asks, as it was found out at the door; handlers find it in the request's extensions.
#[derive(Debug, Clone)]
pub(crate) struct Known(pub(crate) Result<Principal, AccessDenied>);

/// Requests that are answered and over.
pub async fn bounded(State(app): State<App>, request: Request, next: Next) -> Response {
    let (request, asks) = match enter(&app, request).await {
        Ok(entered) => entered,
        Err(problem) => return problem.into_response(),
    };
    let Some(_place) = app.crowd.place(&asks) else { return busy() };
    next.run(request).await
}

/// Lines that stay open: they take no place among the requests, but nobody may hold very many.
pub async fn lasting(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut request, asks) = match enter(&app, request).await {
        Ok(entered) => entered,
        Err(problem) => return problem.into_response(),
    };
    if app.crowd.place(&asks).is_none() {
        return busy();
    }
    let Some(line) = app.crowd.line(&asks) else {
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

/// Somebody who was let in.
struct Asks {
    standing: Standing,
    from: IpAddr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Stranger,
    Device,
    /// Whoever is signed in.
    Account,
}

async fn enter(app: &App, request: Request) -> Result<(Request, Asks), Problem> {
    let (mut parts, body) = request.into_parts();
    let ClientAddress(from) = ClientAddress::of(&parts, app.access.config().trust_proxy);
    if parts.uri.path().starts_with("/auth/") {
        app.limits.check_address(Kind::SignIn, from)?;
    }
    let known = app.access.caller(&parts.headers).await;
    let standing = match &known {
        Ok(principal) => {
            app.limits.charge(principal, from)?;
            Standing::of(principal)
        }
        // A token that is no good is no reason to look elsewhere than at the address.
        Err(_) => {
            app.limits.check_address(Kind::Address, from)?;
            Standing::Stranger
        }
    };
    parts.extensions.insert(Known(known));
    Ok((Request::from_parts(parts, body), Asks { standing, from }))
}

impl Standing {
    fn of(principal: &Principal) -> Self {
        match (principal.device_id(), principal.is_signed_in()) {
            (Some(_), _) => Self::Device,
            (None, true) => Self::Account,
            (None, false) => Self::Stranger,
        }
    }
}

fn busy() -> Response {
    metrics::counter!("limited_requests_total", "kind" => "crowd").increment(1);
    Problem::too_soon(Code::Overloaded, 1).into_response()
}

impl From<TooMany> for Problem {
    fn from(too_many: TooMany) -> Self {
        Self::too_soon(Code::TooManyRequests, too_many.seconds)
    }
}

/// How many are inside.
#[derive(Debug, Clone)]
pub struct Crowd {
    places: usize,
    lines_each: u32,
    inside: Arc<AtomicUsize>,
    lines: Arc<Mutex<HashMap<u128, u32>>>,
}

/// One request inside, until it is dropped.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One open line, until the last of its holders drops it.
#[derive(Debug, Clone)]
pub struct Line(#[expect(dead_code, reason = "held for its end")] Option<Arc<Held>>);

#[derive(Debug)]
struct Held {
    home: u128,
    lines: Arc<Mutex<HashMap<u128, u32>>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = lines.get_mut(&self.home) {
            *count -= 1;
            if *count == 0 {
                lines.remove(&self.home);
            }
        }
    }
}

impl Crowd {
    /// `places` for requests at once, `lines_each` open lines of strangers for each address; 0 is no limit.
    #[must_use]
    pub fn new(places: usize, lines_each: u32) -> Self {
        Self { places, lines_each, inside: Arc::default(), lines: Arc::default() }
    }

    /// Requests inside at this moment.
    #[must_use]
    pub fn inside(&self) -> usize {
        self.inside.load(Ordering::Relaxed)
    }

    /// Strangers may take half of the places, devices three quarters, whoever is signed in all.
    fn place(&self, asks: &Asks) -> Option<Place> {
        let place = Place(self.inside.clone());
        let before = self.inside.fetch_add(1, Ordering::Relaxed);
        let open = match asks.standing {
            Standing::Stranger => self.places / 2,
            Standing::Device => self.places / 4 * 3,
            Standing::Account => self.places,
        };
        (self.places == 0 || before < open).then_some(place)
    }

    /// Devices and staff are known, and few.
    fn line(&self, asks: &Asks) -> Option<Line> {
        if self.lines_each == 0 || asks.standing != Standing::Stranger {
            return Some(Line(None));
        }
        let home = household(asks.from);
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let count = lines.entry(home).or_default();
        if *count >= self.lines_each {
            return None;
        }
        *count += 1;
        Some(Line(Some(Arc::new(Held { home, lines: self.lines.clone() }))))
    }
}
