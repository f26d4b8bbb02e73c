//! The client at a scripted server: it keeps its command ids through outages and its sessions alive.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use talon_core::ids::{BranchId, TicketId, WindowId};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::client::Client;
use crate::demo::{
    self,
    clock::LeapingClock,
    door::{Button, Door, Standing, TicketSeen, Trouble, WindowSeen},
    people::People,
    staff,
};

const TICKET: &str = "0192f0c1-2345-7000-8000-000000000001";

/// What the server is to answer next, path by path, and what it was asked.
#[derive(Default)]
struct Script {
    graphql: VecDeque<(u16, Value)>,
    kiosk: VecDeque<(u16, Value)>,
    refresh: VecDeque<u16>,
    asked: Vec<(String, String, Value)>,
}

#[derive(Clone, Default)]
struct Server(Arc<Mutex<Script>>);

impl Server {
    fn next(&self, path: &str, who: String, body: &Value) -> Response {
        let mut script = self.0.lock().unwrap();
        script.asked.push((path.into(), who, body.clone()));
        let answers = if path == "graphql" { &mut script.graphql } else { &mut script.kiosk };
        let (status, body) = answers.pop_front().unwrap_or((500, Value::Null));
        (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
    }

    fn asked(&self, path: &str) -> Vec<(String, Value)> {
        let script = self.0.lock().unwrap();
        let ours = script.asked.iter().filter(|(it, _, _)| it == path);
        ours.map(|(_, who, body)| (who.clone(), body.clone())).collect()
    }
}

fn header(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default().to_owned()
}

fn session(name: &str) -> Response {
    let body = json!({ "accessToken": name, "expiresAt": "2026-11-20T12:10:00Z", "me": { "id": "s-1" } });
    ([("set-cookie", format!("talon_refresh={name}-cookie; HttpOnly; Path=/auth"))], Json(body))
        .into_response()
}

async fn log_in(State(server): State<Server>, Json(body): Json<Value>) -> Response {
    server.0.lock().unwrap().asked.push(("login".into(), String::new(), body));
    session("first")
}

async fn refresh(State(server): State<Server>, headers: HeaderMap) -> Response {
    let mut script = server.0.lock().unwrap();
    script.asked.push(("refresh".into(), header(&headers, "cookie"), Value::Null));
    match script.refresh.pop_front() {
        Some(status) => StatusCode::from_u16(status).unwrap().into_response(),
        None => session("second"),
    }
}

async fn graphql(State(server): State<Server>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    server.next("graphql", header(&headers, "authorization"), &body)
}

async fn kiosk(State(server): State<Server>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let who = format!("{} {}", header(&headers, "cookie"), header(&headers, "idempotency-key"));
    server.next("kiosk", who, &body)
}

async fn branches() -> Json<Value> {
    Json(json!([{ "code": "north", "waiting": 3 }, { "code": "centre", "waiting": 14 }]))
}

async fn client(server: &Server) -> (Client, CancellationToken) {
    let routes = Router::new()
        .route("/auth/login", post(log_in))
        .route("/auth/refresh", post(refresh))
        .route("/graphql", post(graphql))
        .route("/api/v1/branches/centre/tickets", post(kiosk))
        .route("/api/v1/branches", get(branches))
        .with_state(server.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let stop = CancellationToken::new();
    let clock = LeapingClock::at("2026-11-20T12:00:00Z".parse().unwrap(), ChaCha8Rng::seed_from_u64(1));
    let workers = staff().into_iter().filter(|it| it.window.is_some()).collect();
    let branch = BranchId::trusted("centre");
    (Client::new(&base, branch, workers, "device-secret", Arc::new(clock), stop.clone()).unwrap(), stop)
}

fn scripted(graphql: impl IntoIterator<Item = (u16, Value)>) -> Server {
    let server = Server::default();
    server.0.lock().unwrap().graphql.extend(graphql);
    server
}

fn call_next() -> Button {
    Button::CallNext { window: WindowId::trusted("w1") }
}

fn called() -> (u16, Value) {
    let ticket = json!({ "id": TICKET, "state": "CALLED", "current": "letter-send" });
    (200, json!({ "data": { "callNext": { "ticket": ticket, "refusal": null } } }))
}

fn refused(code: &str) -> (u16, Value) {
    (200, json!({ "data": { "callNext": { "ticket": null, "refusal": { "code": code } } } }))
}

fn command_ids(server: &Server) -> Vec<String> {
    let asked = server.asked("graphql");
    asked.iter().map(|(_, it)| it["variables"]["input"]["commandId"].to_string()).collect()
}

#[tokio::test]
async fn an_operator_signs_in_once_and_calls() {
    let server = scripted([called(), called()]);
    let (client, _stop) = client(&server).await;
    let seen = client.press(0, &call_next()).await.unwrap().unwrap();
    assert_eq!(seen.id, TicketId(TICKET.parse().unwrap()));
    assert_eq!(seen.state, Standing::Called);
    client.press(0, &call_next()).await.unwrap();
    assert_eq!(server.asked("login").len(), 1);
    assert_eq!(server.asked("login")[0].1["email"], "op1@demo.talon");
    assert_eq!(server.asked("graphql")[0].0, "Bearer first");
    let ids = command_ids(&server);
    assert_ne!(ids[0], ids[1], "two presses are two commands");
}

#[tokio::test]
async fn a_press_that_was_not_answered_is_repeated_with_its_id() {
    let unavailable =
        (200, json!({ "errors": [{ "message": "", "extensions": { "code": "UNAVAILABLE" } }] }));
    let server = scripted([(503, Value::Null), unavailable, refused("CONTENDED"), called()]);
    let (client, _stop) = client(&server).await;
    client.press(0, &call_next()).await.unwrap();
    let ids = command_ids(&server);
    assert_eq!(ids.len(), 4);
    assert!(ids.iter().all(|it| *it == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn a_refusal_is_told_and_not_repeated() {
    let server = scripted([refused("NOBODY_WAITING")]);
    let (client, _stop) = client(&server).await;
    let told = client.press(0, &call_next()).await;
    assert_eq!(told, Err(Trouble::Refused("NOBODY_WAITING".into())));
    assert_eq!(server.asked("graphql").len(), 1);
}

#[tokio::test]
async fn a_token_that_is_over_is_renewed_and_the_press_repeated() {
    let server = scripted([(401, Value::Null), called()]);
    let (client, _stop) = client(&server).await;
    client.press(0, &call_next()).await.unwrap();
    assert_eq!(server.asked("refresh")[0].0, "talon_refresh=first-cookie");
    let asked = server.asked("graphql");
    assert_eq!(asked[1].0, "Bearer second");
    let ids = command_ids(&server);
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn an_operator_whose_session_is_over_signs_in_again() {
    let server = scripted([(401, Value::Null), called()]);
    server.0.lock().unwrap().refresh.push_back(401);
    let (client, _stop) = client(&server).await;
    client.press(0, &call_next()).await.unwrap();
    assert_eq!(server.asked("login").len(), 2);
}

#[tokio::test]
async fn a_visitor_takes_a_ticket_with_the_kiosks_cookie_and_one_key() {
    let server = Server::default();
    server.0.lock().unwrap().kiosk.extend([
        (503, json!({ "code": "UNAVAILABLE" })),
        (201, json!({ "ticketId": TICKET, "number": "А001", "state": "WAITING" })),
    ]);
    let (client, _stop) = client(&server).await;
    let catalogue = demo::catalogue().unwrap();
    let person = People::of(&catalogue, 1, "present").unwrap().person(1);
    let seen = client.take_ticket(&person).await.unwrap();
    assert_eq!(seen.state, Standing::Waiting);
    let asked = server.asked("kiosk");
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0], asked[1], "the same press, word for word");
    assert!(asked[0].0.starts_with("talon_device=device-secret "), "{}", asked[0].0);
    assert_eq!(asked[0].1["services"], json!(person.services));
}

#[tokio::test]
async fn a_kiosk_that_may_not_says_why() {
    let server = Server::default();
    let problem = json!({ "code": "INTAKE_PAUSED", "status": 409 });
    server.0.lock().unwrap().kiosk.push_back((409, problem));
    let (client, _stop) = client(&server).await;
    let catalogue = demo::catalogue().unwrap();
    let person = People::of(&catalogue, 1, "present").unwrap().person(1);
    let told = client.take_ticket(&person).await;
    assert_eq!(told.map(|it: TicketSeen| it.id), Err(Trouble::Refused("INTAKE_PAUSED".into())));
}

#[tokio::test]
async fn a_window_is_ones_own_taken_or_closed() {
    let window = |it: Value| (200, json!({ "data": { "window": it } }));
    let server = scripted([
        window(json!({ "state": "CLOSED", "operator": null, "ticket": null })),
        window(json!({ "state": "FREE", "operator": { "id": "s-2" }, "ticket": null })),
        window(json!({ "state": "PAUSED", "operator": { "id": "s-1" }, "ticket": null })),
    ]);
    let (client, _stop) = client(&server).await;
    let id = WindowId::trusted("w1");
    assert_eq!(client.look(0, &id).await, Ok(WindowSeen::Closed));
    assert_eq!(client.look(0, &id).await, Ok(WindowSeen::Taken));
    assert_eq!(client.look(0, &id).await, Ok(WindowSeen::Mine { paused: true, ticket: None }));
}

#[tokio::test]
async fn the_hall_is_counted_by_its_own_branch() {
    let (client, _stop) = client(&Server::default()).await;
    assert_eq!(client.waiting().await, Ok(14));
}

#[tokio::test]
async fn a_stopped_demo_waits_for_nobody() {
    let server = scripted([]);
    let (client, stop) = client(&server).await;
    stop.cancel();
    assert_eq!(client.press(0, &call_next()).await, Err(Trouble::Stopped));
    assert_eq!(client.wait_until(1_000_000).await, Err(Trouble::Stopped));
}
