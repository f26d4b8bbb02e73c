//! What a browser is told to forbid: our pages run our own files and nothing else, stand in nobody's frame, and once
//! reached by https are never asked for without it.

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderName, HeaderValue, header};

use crate::http::App;

/// For everything: a page adds its own policy, and the rest shows nothing.
const FIXED: [(HeaderName, &str); 8] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
         microphone=(), midi=(), payment=(), usb=()",
    ),
];
/// An answer to a program that somebody was led to as if it were a page: a file to keep, never one to show or to run.
const API_FILE: &str = "attachment; filename=\"api.json\"";
/// Two years, as browsers ask for.
const HSTS: &str = "max-age=63072000";

/// What pages may do. Sockets to ourselves are of `'self'`.
const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'NONCE; img-src 'self' data:; \
    font-src 'self'; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'";

/// Puts them on every answer that does not say otherwise.
pub async fn protective(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_secure = app.access.came_securely(request.headers());
    // A mistyped address gets words to read.
    let is_known = request.extensions().get::<MatchedPath>().is_some();
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if is_known && headers.get(header::CONTENT_TYPE).is_some_and(is_json) {
        headers.entry(header::CONTENT_DISPOSITION).or_insert(HeaderValue::from_static(API_FILE));
    }
    if is_secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    response
}

/// `application/json`, and whatever else is written so: `application/problem+json`.
fn is_json(kind: &HeaderValue) -> bool {
    let kind = kind.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    kind.eq_ignore_ascii_case(b"application/json") || kind.to_ascii_lowercase().ends_with(b"+json")
}

/// The policy of a page; `nonce` is the word by which its own styles made at run time are known.
#[must_use]
pub fn page_policy(nonce: Option<&str>) -> HeaderValue {
    let nonce = nonce.map(|it| format!(" 'nonce-{it}'")).unwrap_or_default();
    HeaderValue::from_str(&PAGE.replace("NONCE", &nonce))
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
}

/// A word that no page ever had.
#[must_use]
pub fn nonce() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(BASE64_STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_known_by_its_type() {
        for kind in ["application/json", "application/problem+json; charset=utf-8", "Application/JSON ;x=1"] {
            assert!(is_json(&HeaderValue::from_static(kind)), "{kind}");
        }
        for kind in ["text/html", "text/event-stream", "application/jsonp", "text/plain; x=application/json"]
        {
            assert!(!is_json(&HeaderValue::from_static(kind)), "{kind}");
        }
    }
}
