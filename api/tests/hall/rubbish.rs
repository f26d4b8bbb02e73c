//! Anything at all, sent to every door that takes JSON: never a fault of ours, always a stable code.

use axum::body::Body;
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use serde_json::{Map, Value, json};
use talon_core::{device::event::DeviceKind, staff::event::Role};

use crate::house::{Answer, House, Pass, new_id, request};

/// Bodies that make sense, for rubbish to be put into.
const SENSIBLE: [(&str, &str); 8] = [
    (
        "/api/v1/branches/centre/tickets",
        r#"{"services":["letter-send"],"class":"standard","partySize":1,"language":"ru"}"#,
    ),
    ("/api/v1/devices/heartbeat", r#"{"build":"1","uptimeS":1,"audio":"ok","heapBytes":1}"#),
    ("/auth/login", r#"{"email":"nobody@example.org","password":"a wrong password"}"#),
    ("/auth/pair", r#"{"code":"000000"}"#),
    ("/auth/setup", r#"{"token":"x","email":"a@example.org","name":"A","password":"long enough"}"#),
    ("/demo/pair", r#"{"kind":"kiosk","branch":"centre"}"#),
    (
        "/graphql",
        r#"{"query":"query q($b: BranchCode!) { queue(branch: $b) { position } }","variables":{"b":"centre"}}"#,
    ),
    (
        "/graphql",
        r#"{"query":"mutation m($i: ParkTicketInput!) { parkTicket(input: $i) { refusal { code } } }","variables":{"i":{"commandId":"0194f2b8-7d1e-7aaa-8000-000000000001","branch":"centre","ticketId":"0194f2b8-7d1e-7aaa-8000-000000000002","reasonCode":"x","pool":"WINDOW","minutes":5}}}"#,
    ),
];

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|it| json!(it)),
        ".{0,40}".prop_map(Value::from),
        "[a-z-]{1,50}".prop_map(Value::from),
        Just(json!("\u{0}")),
        Just(json!("x".repeat(5_000))),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z]{0,12}", inner, 0..6)
                .prop_map(|it| Value::Object(Map::from_iter(it))),
        ]
    })
}

/// A body: any bytes, any JSON, or a sensible one with one field replaced or taken away.
fn any_body(sensible: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let spoilt =
        (any::<prop::sample::Index>(), prop::option::of(any_value())).prop_map(move |(at, value)| {
            let mut body: Value = serde_json::from_str(sensible).unwrap();
            let at = at.index(leaves(&body));
            spoil(&mut body, at, value.as_ref());
            body.to_string().into_bytes()
        });
    prop_oneof![
        1 => prop::collection::vec(any::<u8>(), 0..200),
        1 => any_value().prop_map(|it| it.to_string().into_bytes()),
        4 => spoilt,
    ]
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields.values().map(leaves).sum::<usize>().max(1),
        _ => 1,
    }
}

/// Replaces the leaf with this number, or takes its field away.
fn spoil(value: &mut Value, at: usize, by: Option<&Value>) {
    let Value::Object(fields) = value else {
        *value = by.cloned().unwrap_or_default();
        return;
    };
    let mut passed = 0;
    for key in fields.keys().cloned().collect::<Vec<_>>() {
        let inner = &mut fields[&key];
        let count = leaves(inner);
        if at < passed + count {
            match (inner.is_object(), by) {
                (false, None) => drop(fields.remove(&key)),
                _ => spoil(inner, at - passed, by),
            }
            return;
        }
        passed += count;
    }
}

fn is_civil(answer: &Answer) -> Result<(), TestCaseError> {
    prop_assert!(!answer.status.is_server_error(), "{} {}", answer.status, answer.text);
    let code = answer.code();
    let is_fault = code.as_deref().is_some_and(|it| matches!(it, "INTERNAL" | "UNAVAILABLE"));
    prop_assert!(!is_fault, "{}", answer.text);
    if answer.status.is_client_error() {
        prop_assert_eq!(&answer.headers["content-type"], "application/problem+json; charset=utf-8");
        let is_code = |it: &str| !it.is_empty() && it.chars().all(|it| it.is_ascii_uppercase() || it == '_');
        prop_assert!(code.as_deref().is_some_and(is_code), "{}", answer.text);
    }
    let body: Value = serde_json::from_str(&answer.text).unwrap_or_default();
    for error in body["errors"].as_array().into_iter().flatten() {
        prop_assert!(error["extensions"]["code"].is_string(), "{}", answer.text);
    }
    Ok(())
}

#[test]
fn rubbish_is_answered_civilly() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (house, passes) = runtime.block_on(async {
        let house = House::open().await;
        let passes =
            [house.staff(Role::Admin, None).await, house.device(DeviceKind::Kiosk).await, Pass::Nobody];
        house.at_window(&passes[0], "w6").await;
        (house, passes)
    });
    for (path, sensible) in SENSIBLE {
        let config = Config { cases: 96, failure_persistence: None, ..Config::default() };
        let rubbish = (any_body(sensible), 0..passes.len(), prop::option::of("[ -~]{0,40}"));
        let outcome = TestRunner::new(config).run(&rubbish, |(body, who, key)| {
            let key = key.unwrap_or_else(|| new_id().to_string());
            let headers = [("idempotency-key", key.as_str())];
            let request = request("POST", path, &passes[who], &headers, Body::from(body));
            is_civil(&runtime.block_on(house.send(request)))
        });
        if let Err(failure) = outcome {
            panic!("POST {path}: {failure}");
        }
    }
    let alive = runtime.block_on(house.graphql(&passes[0], "{ position }", json!({})));
    assert_eq!(alive.code(), None, "{}", alive.text);
}
