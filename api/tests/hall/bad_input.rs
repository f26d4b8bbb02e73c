//! What the doors say to requests that make no sense, or no sense now: a stable code, and nothing is written.

use axum::{body::Body, http::StatusCode};
use serde_json::{Value, json};
use talon_core::{device::event::DeviceKind, staff::event::Role};

use crate::house::{Answer, House, Pass, SERVICE, new_id, request};

/// Method, path, who, headers and body of a request; status and code of its answer.
type Case<'a> = (&'a str, &'a str, &'a Pass, &'a [(&'a str, &'a str)], &'a str, u16, &'a str);

/// The status and the code of a problem in its one shape.
fn problem(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.headers["content-type"], "application/problem+json; charset=utf-8", "{}", answer.text);
    let body = answer.json();
    assert_eq!(body["status"], answer.status.as_u16());
    assert!(body["detail"].as_str().is_some_and(|it| !it.is_empty()));
    assert!(body["requestId"].as_str().is_some_and(|it| !it.is_empty()));
    (answer.status.as_u16(), body["code"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn senseless_requests_get_a_problem_and_write_nothing() {
    let house = House::open().await;
    let admin = house.staff(Role::Admin, None).await;
    let kiosk = house.device(DeviceKind::Kiosk).await;
    house.at_window(&admin, "w6").await;
    let before = house.log_length().await;
    let key = new_id().to_string();
    let keyed = [("idempotency-key", key.as_str())];
    let tickets = "/api/v1/branches/centre/tickets";
    let bad_token = Pass::Bearer("not.a.token".into());
    let large = format!(r#"{{"services":["{}"]}}"#, "x".repeat(300_000));
    let cases: Vec<Case<'_>> = vec![
        ("GET", "/api/v1/branches/CENTRE", &Pass::Nobody, &[], "", 422, "MALFORMED"),
        ("GET", "/api/v1/branches/%D0%9D%D0%B5%D1%82", &Pass::Nobody, &[], "", 422, "MALFORMED"),
        ("GET", "/api/v1/branches/%FF", &Pass::Nobody, &[], "", 400, "MALFORMED"),
        ("GET", "/api/v1/branches/nowhere", &Pass::Nobody, &[], "", 404, "NOT_FOUND"),
        ("GET", "/api/v1/branches/nowhere/board", &Pass::Nobody, &[], "", 404, "NOT_FOUND"),
        ("GET", "/live/board/nowhere", &Pass::Nobody, &[], "", 404, "NOT_FOUND"),
        ("GET", "/api/v1/branches/centre/board?after=yesterday", &Pass::Nobody, &[], "", 422, "MALFORMED"),
        ("GET", "/api/v1/branches/centre/board?wait=long", &Pass::Nobody, &[], "", 400, "MALFORMED"),
        ("GET", "/api/v1/tickets/x", &Pass::Nobody, &[], "", 404, "TICKET_UNKNOWN"),
        ("GET", "/live/ticket/%F0%9F%8E%AB", &Pass::Nobody, &[], "", 404, "TICKET_UNKNOWN"),
        ("POST", tickets, &kiosk, &[], r#"{"services":["letter-send"]}"#, 422, "MALFORMED"),
        ("POST", tickets, &kiosk, &[("idempotency-key", "1")], "{}", 422, "MALFORMED"),
        ("POST", tickets, &kiosk, &keyed, "", 422, "MALFORMED"),
        ("POST", tickets, &kiosk, &keyed, "[]", 422, "MALFORMED"),
        ("POST", tickets, &kiosk, &keyed, r#"{"services":["letter-send"],"number":"А1"}"#, 422, "MALFORMED"),
        ("POST", tickets, &kiosk, &keyed, r#"{"services":["Письмо"]}"#, 422, "MALFORMED"),
        ("POST", tickets, &kiosk, &keyed, r#"{"services":["letter-send"],"partySize":0}"#, 422, "MALFORMED"),
        ("POST", tickets, &kiosk, &keyed, r#"{"services":["letter-send"],"partySize":-1}"#, 422, "MALFORMED"),
        (
            "POST",
            tickets,
            &kiosk,
            &keyed,
            r#"{"services":["letter-send"],"language":"de"}"#,
            422,
            "MALFORMED",
        ),
        ("POST", tickets, &kiosk, &keyed, r#"{"services":[]}"#, 422, "NO_SERVICE"),
        ("POST", tickets, &kiosk, &keyed, r#"{"services":["teleport"]}"#, 422, "UNKNOWN_SERVICE"),
        (
            "POST",
            tickets,
            &kiosk,
            &keyed,
            r#"{"services":["letter-send"],"class":"royal"}"#,
            422,
            "UNKNOWN_CLASS",
        ),
        ("POST", tickets, &kiosk, &keyed, &large, 413, "TOO_LARGE"),
        ("POST", tickets, &bad_token, &keyed, "{}", 401, "UNAUTHENTICATED"),
        ("POST", "/api/v1/devices/heartbeat", &kiosk, &[], "{}", 422, "MALFORMED"),
        ("POST", "/api/v1/devices/heartbeat", &kiosk, &[], "{", 400, "MALFORMED"),
        (
            "POST",
            "/api/v1/devices/heartbeat",
            &kiosk,
            &[("content-type", "text/plain")],
            "{}",
            415,
            "MALFORMED",
        ),
        ("POST", "/demo/pair", &Pass::Nobody, &[], "{", 400, "MALFORMED"),
        ("POST", "/auth/login", &Pass::Nobody, &[], r#"{"email":1}"#, 422, "MALFORMED"),
        ("POST", "/auth/login", &Pass::Nobody, &[], &large, 413, "TOO_LARGE"),
        ("POST", "/auth/setup", &Pass::Nobody, &[], "null", 422, "MALFORMED"),
        ("POST", "/graphql", &admin, &[], "{", 400, "MALFORMED"),
        ("POST", "/graphql", &admin, &[], r#"{"query":1}"#, 400, "MALFORMED"),
        ("POST", "/graphql", &admin, &[], &large, 413, "TOO_LARGE"),
        ("POST", "/graphql", &admin, &[("content-type", "text/plain")], "{}", 415, "MALFORMED"),
        ("POST", "/graphql", &bad_token, &[], r#"{"query":"{ position }"}"#, 401, "UNAUTHENTICATED"),
        ("GET", "/graphql/ws", &Pass::Nobody, &[], "", 400, "MALFORMED"),
        ("GET", "/graphql", &admin, &[], "", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "/auth/login", &Pass::Nobody, &[], "", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/api/v2/branches", &Pass::Nobody, &[], "", 404, "NOT_FOUND"),
        ("GET", "/api/v1/branches/../../etc/passwd", &Pass::Nobody, &[], "", 404, "NOT_FOUND"),
    ];
    let mut wrong = Vec::new();
    for (method, path, pass, headers, body, status, code) in cases {
        let answer = house.send(request(method, path, pass, headers, Body::from(body.to_owned()))).await;
        if answer.headers.get("content-type").is_none_or(|it| it != "application/problem+json; charset=utf-8")
        {
            wrong.push(format!("{method} {path}: {} {:.200}", answer.status, answer.text));
        } else if problem(&answer) != (status, code.to_owned()) {
            wrong.push(format!("{method} {path} {body:.80}: {} {:.200}", answer.status, answer.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(house.log_length().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn graphql_names_what_is_wrong_and_writes_nothing() {
    let house = House::open().await;
    let admin = house.staff(Role::Admin, None).await;
    house.at_window(&admin, "w6").await;
    let before = house.log_length().await;
    let unknown = "nowhere";
    let queries = [
        ("{", "MALFORMED"),
        ("{ nothing }", "MALFORMED"),
        ("{ queue { position } }", "MALFORMED"),
        ("query ($x: Nothing!) { position }", "MALFORMED"),
        (r#"{ queue(branch: "CENTRE") { position } }"#, "MALFORMED"),
        (r#"{ queue(branch: "nowhere") { position } }"#, "UNKNOWN"),
        (r#"{ board(branch: "nowhere") { position } }"#, "UNKNOWN"),
        (r#"{ ticket(id: "1") { number } }"#, "MALFORMED"),
        ("{ tickets(first: 0) { pageInfo { endCursor } } }", "MALFORMED"),
        ("{ tickets(first: 201) { pageInfo { endCursor } } }", "MALFORMED"),
        (r#"{ tickets(after: "yesterday") { pageInfo { endCursor } } }"#, "MALFORMED"),
        (r#"{ history(after: "yesterday") { pageInfo { endCursor } } }"#, "MALFORMED"),
        (r#"{ tickets(filter: { from: "yesterday" }) { pageInfo { endCursor } } }"#, "MALFORMED"),
    ];
    let mut wrong = Vec::new();
    for (query, code) in queries {
        let answer = house.graphql(&admin, query, json!({})).await;
        if answer.status != StatusCode::OK || answer.code().as_deref() != Some(code) {
            wrong.push(format!("{query} is not {code}: {} {}", answer.status, answer.text));
        }
    }
    let someone = new_id();
    let presses = [
        ("issueTicket", json!({ "commandId": "1", "services": [SERVICE] }), "MALFORMED"),
        ("issueTicket", json!({ "branch": unknown, "services": [SERVICE] }), "UNKNOWN"),
        ("issueTicket", json!({ "services": [] }), "NO_SERVICE"),
        ("issueTicket", json!({ "services": [SERVICE], "partySize": 100_000 }), "MALFORMED"),
        ("openWindow", json!({ "window": "w99" }), "UNKNOWN_WINDOW"),
        ("openWindow", json!({ "window": "w5" }), "OPERATOR_ELSEWHERE"),
        ("callNext", json!({ "window": "w1" }), "WINDOW_NOT_OPEN"),
        ("callNext", json!({ "window": "w6" }), "NOBODY_WAITING"),
        ("startService", json!({ "ticketId": someone }), "UNKNOWN_TICKET"),
        ("startService", json!({ "ticketId": "А1" }), "MALFORMED"),
        ("completeService", json!({ "ticketId": someone, "quantity": -1 }), "MALFORMED"),
        ("parkTicket", json!({ "ticketId": someone, "reasonCode": "x", "pool": "NOWHERE" }), "MALFORMED"),
        ("addNote", json!({ "ticketId": someone, "text": " " }), "MALFORMED"),
        ("resumeIntake", json!({}), "INTAKE_NOT_PAUSED"),
        ("undoAction", json!({ "eventId": someone }), "NOTHING_TO_UNDO"),
        ("acknowledgeAlert", json!({ "ticketId": someone, "level": 1000 }), "MALFORMED"),
    ];
    for (mutation, input, code) in presses {
        let answer = house.press(&admin, mutation, input.clone()).await;
        if answer.status != StatusCode::OK || answer.code().as_deref() != Some(code) {
            wrong.push(format!("{mutation} {input} is not {code}: {} {}", answer.status, answer.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(house.log_length().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_out_of_turn_are_refused_and_write_nothing() {
    let house = House::open().await;
    let (anna, other) = (house.operator().await, house.operator().await);
    house.at_window(&anna, "w6").await;
    let ticket = house.ticket(&anna).await["ticketId"].clone();
    let before = house.log_length().await;
    let is_refused = async |pass: &Pass, mutation: &str, input: Value, code: &str| {
        let answer = house.press(pass, mutation, input).await;
        assert_eq!(answer.code().as_deref(), Some(code), "{mutation}: {}", answer.text);
    };
    let this = json!({ "ticketId": ticket });
    for mutation in
        ["startService", "completeService", "recallTicket", "markNoShow", "revokeCall", "unparkTicket"]
    {
        is_refused(&anna, mutation, this.clone(), "WRONG_STATE").await;
    }
    is_refused(&other, "openWindow", json!({ "window": "w6" }), "WINDOW_TAKEN").await;
    is_refused(&other, "callNext", json!({ "window": "w6" }), "NOT_YOUR_WINDOW").await;
    assert_eq!(house.log_length().await, before);

    house.done(&anna, "callNext", json!({ "window": "w6" })).await;
    let before = house.log_length().await;
    is_refused(&anna, "callNext", json!({ "window": "w6" }), "WINDOW_BUSY").await;
    is_refused(&anna, "recallTicket", this.clone(), "RECALL_TOO_EARLY").await;
    is_refused(&anna, "markNoShow", this.clone(), "NO_SHOW_TOO_EARLY").await;
    is_refused(&anna, "completeService", this.clone(), "WRONG_STATE").await;
    is_refused(&other, "startService", this.clone(), "NOT_YOUR_WINDOW").await;
    assert_eq!(house.log_length().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_day_takes_nothing() {
    let house = House::open().await;
    let head = house.staff(Role::Head, Some(crate::house::BRANCH)).await;
    let kiosk = house.device(DeviceKind::Kiosk).await;
    house.at_window(&head, "w6").await;
    house.done(&head, "closeBusinessDay", json!({})).await;
    let before = house.log_length().await;
    let taken = house.take(&kiosk, new_id(), &json!({ "services": [SERVICE] })).await;
    assert_eq!(problem(&taken), (409, "DAY_CLOSED".to_owned()));
    for (mutation, input) in [
        ("callNext", json!({ "window": "w6" })),
        ("openWindow", json!({ "window": "w5" })),
        ("issueTicket", json!({ "services": [SERVICE] })),
        ("closeBusinessDay", json!({})),
        ("pauseIntake", json!({ "reason": "other" })),
    ] {
        let answer = house.press(&head, mutation, input).await;
        assert_eq!(answer.code().as_deref(), Some("DAY_CLOSED"), "{mutation}: {}", answer.text);
    }
    assert_eq!(house.log_length().await, before);
}
