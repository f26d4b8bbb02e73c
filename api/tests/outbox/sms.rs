//! Short messages through an HTTP provider.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    response::IntoResponse,
};
use chrono::TimeDelta;
use serde_json::Value;
use talon_api::{
    outbox::{Text, TextKind, sms},
    outgoing::Outgoing,
};
use talon_texts::Language;

use crate::support::{Node, config, new_id, now, open};

/// What came to a server, and what it answers.
#[derive(Clone, Default)]
struct Provider {
    seen: Arc<Mutex<Vec<(String, String, String)>>>,
    answers: Arc<Mutex<Vec<u16>>>,
}

async fn take(State(provider): State<Provider>, request: Request) -> impl IntoResponse {
    let (parts, body) = request.into_parts();
    let header =
        |name: &str| parts.headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default().to_owned();
    let body = axum::body::to_bytes(body, 1 << 16).await.unwrap();
    let seen =
        (header("authorization"), header("idempotency-key"), String::from_utf8(body.to_vec()).unwrap());
    provider.seen.lock().unwrap().push(seen);
    let answer = provider.answers.lock().unwrap().pop().unwrap_or(200);
    StatusCode::from_u16(answer).unwrap()
}

async fn started(answers: &[u16]) -> (Provider, String) {
    let provider = Provider::default();
    *provider.answers.lock().unwrap() = answers.iter().rev().copied().collect();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(take).with_state(provider.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (provider, format!("http://{address}/send"))
}

fn text(to: &str) -> Text<'_> {
    Text {
        cause: new_id(),
        to,
        language: Language::Ru,
        what: TextKind::SignInCode { code: "123456" },
        not_after: now() + TimeDelta::minutes(5),
        person: None,
    }
}

async fn node(url: &str) -> Node {
    let keys = [
        ("TALON_SMS__URL", url),
        ("TALON_SMS__HEADERS", "Content-Type: application/json,Authorization: Key k-1"),
    ];
    let config = config(&keys);
    let road = sms::road(&config.sms, &Outgoing::new().unwrap()).unwrap().unwrap();
    Node::start(&open("memory").await, &config, &[("sms", road)])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_reaches_the_provider_and_a_busy_provider_is_asked_again() {
    let (provider, url) = started(&[503, 200]).await;
    let node = node(&url).await;
    assert!(node.outbox.sms(text("+79001234567")).await.unwrap());
    node.until_count("sent", 1).await;
    let seen = provider.seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0], seen[1], "the same request under the same key");
    let body: Value = serde_json::from_str(&seen[0].2).unwrap();
    assert_eq!(body["to"], "+79001234567");
    assert_eq!(body["text"], "123456 — код для входа. Никому его не сообщайте.");
    assert_eq!(seen[0].0, "Key k-1");
    assert!(!seen[0].1.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_will_never_take_is_given_up() {
    let (provider, url) = started(&[400]).await;
    let node = node(&url).await;
    node.outbox.sms(text("+79001234567")).await.unwrap();
    node.until_count("dead", 1).await;
    assert_eq!(provider.seen.lock().unwrap().len(), 1);
    let refused = node.outbox.sms(text("8 900 123-45-67")).await.unwrap_err();
    assert_eq!(refused.code(), "MALFORMED");
}
