//! Kiosks and boards as those who look after them see them: named, heard, and gone at once when revoked, on every node.

use std::sync::Arc;

use axum::{body::Body, http::StatusCode};
use serde_json::{Value, json};
use talon_api::clock::SystemClock;
use talon_core::{device::event::DeviceKind, staff::event::Role, time::Clock};

use crate::{
    feeds::Events,
    house::{Answer, BRANCH, House, PATIENCE, Pass, new_id, request},
    node,
    postgres::Database,
};

const PLAIN: &str = "{ devices { id name kind branch online lastSeenAt build problems revokedAt } }";

async fn listed(house: &House, pass: &Pass, device: &str) -> Value {
    let answer = house.graphql(pass, PLAIN, json!({})).await.json();
    let all = answer["data"]["devices"].as_array().unwrap_or_else(|| panic!("{answer}"));
    all.iter().find(|it| it["id"] == device).cloned().unwrap_or_else(|| panic!("{answer}"))
}

/// A mutation about one device: its input names no branch.
async fn manage(house: &House, pass: &Pass, mutation: &str, mut input: Value) -> Answer {
    input["commandId"] = json!(new_id());
    let kind = mutation[..1].to_uppercase() + &mutation[1..] + "Input";
    let query = format!(
        "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ device {{ id name revokedAt }} refusal {{ code }} }} }}"
    );
    house.graphql(pass, &query, json!({ "input": input })).await
}

async fn revoke(house: &House, pass: &Pass, device: &str) {
    let revoked = manage(house, pass, "revokeDevice", json!({ "device": device })).await;
    assert!(revoked.json()["data"]["revokeDevice"]["device"]["revokedAt"].is_string(), "{}", revoked.text);
}

async fn beat(house: &House, pass: &Pass, body: Value) -> StatusCode {
    house.post(pass, "/api/v1/devices/heartbeat", &[], body.to_string()).await.status
}

#[tokio::test]
async fn a_device_is_named_and_heard_with_what_is_wrong_there() {
    let house = House::open().await;
    let admin = house.staff(Role::Admin, None).await;
    let kiosk = house.device(DeviceKind::Kiosk).await;
    let Pass::Device { id, .. } = &kiosk else { unreachable!() };
    let silent = listed(&house, &admin, id).await;
    assert_eq!((&silent["online"], &silent["lastSeenAt"]), (&json!(false), &Value::Null));

    let told = json!({ "build": "2026.11", "uptimeS": 5, "audio": "blocked", "problems": ["PAPER_OUT"] });
    assert_eq!(beat(&house, &kiosk, told).await, StatusCode::NO_CONTENT);
    let heard = listed(&house, &admin, id).await;
    assert_eq!((&heard["online"], &heard["build"]), (&json!(true), &json!("2026.11")));
    assert_eq!(heard["problems"], json!(["PAPER_OUT", "AUDIO_BLOCKED"]));
    for odd in [
        json!({ "build": "1", "uptimeS": 1, "problems": ["a,b"] }),
        json!({ "build": "x".repeat(99), "uptimeS": 1 }),
    ] {
        assert_eq!(beat(&house, &kiosk, odd).await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // Another process sees it when it has gone to the vault.
    house.talon.app.reports.put_down(&house.talon.storage.vault).await;
    let kept = house.talon.storage.vault.devices().await.unwrap();
    let kept = kept.iter().find(|it| it.device == *id).unwrap().report.clone().unwrap();
    assert_eq!((kept.build.as_str(), kept.problems.len()), ("2026.11", 2));
    assert_eq!(listed(&house, &admin, id).await["build"], "2026.11");

    let renamed = manage(&house, &admin, "renameDevice", json!({ "device": id, "name": " У окна " })).await;
    assert_eq!(renamed.json()["data"]["renameDevice"]["device"]["name"], "У окна", "{}", renamed.text);
    assert_eq!(listed(&house, &admin, id).await["name"], "У окна");
    let refused = manage(&house, &admin, "renameDevice", json!({ "device": id, "name": "" })).await;
    assert_eq!(refused.code().as_deref(), Some("MALFORMED"));
    let device = house.get(&kiosk, "/auth/device").await.json();
    assert_eq!(device["device"]["id"], json!(id));
}

#[tokio::test]
async fn a_head_sees_and_names_the_devices_of_their_own_branches_only() {
    let house = House::open().await;
    let kiosk = house.device(DeviceKind::Kiosk).await;
    let Pass::Device { id, .. } = &kiosk else { unreachable!() };
    let elsewhere = house.staff(Role::Head, Some("elsewhere")).await;
    let none = house.graphql(&elsewhere, PLAIN, json!({})).await.json();
    assert_eq!(none["data"]["devices"], json!([]), "{none}");
    let query = format!("{{ devices(branch: \"{BRANCH}\") {{ id }} }}");
    let asked = house.graphql(&elsewhere, &query, json!({})).await;
    assert_eq!(asked.code().as_deref(), Some("FORBIDDEN"), "{}", asked.text);
    let press = manage(&house, &elsewhere, "renameDevice", json!({ "device": id, "name": "mine" })).await;
    assert_eq!(press.code().as_deref(), Some("FORBIDDEN"));
    let head = house.staff(Role::Head, Some(BRANCH)).await;
    assert_eq!(listed(&house, &head, id).await["name"], "a device");
}

/// A board of `house` whose line ends when the pairing does; what `revoke` takes to end it.
async fn goes_dark(house: &House, board: &Pass, revoke: impl AsyncFnOnce()) {
    let path = format!("/live/board/{BRANCH}");
    let response = house.begin(request("GET", &path, board, &[], Body::empty())).await;
    let mut line = Events::of(response);
    assert!(line.next().await.is_some(), "the snapshot");
    let poll = format!("/api/v1/branches/{BRANCH}/board?wait=60&after={}", position(house, board).await);
    let (router, asked) = (house.router.clone(), request("GET", &poll, board, &[], Body::empty()));
    let poll = tokio::spawn(async move { tower::ServiceExt::oneshot(router, asked).await.unwrap().status() });
    revoke().await;
    let began = std::time::Instant::now();
    while let Some(_event) = line.next().await {}
    assert!(began.elapsed().as_secs() < 5, "the line stayed open for {:?}", began.elapsed());
    let polled = tokio::time::timeout(PATIENCE, poll).await.unwrap().unwrap();
    assert_eq!(polled, StatusCode::UNAUTHORIZED);
    assert!(began.elapsed().as_secs() < 5, "the poll stayed open for {:?}", began.elapsed());
    assert_eq!(beat(house, board, json!({ "build": "1", "uptimeS": 1 })).await, StatusCode::UNAUTHORIZED);
}

async fn position(house: &House, board: &Pass) -> String {
    let board = house.get(board, &format!("/api/v1/branches/{BRANCH}/board")).await;
    board.json()["position"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_board_goes_dark_with_its_open_lines() {
    let house = House::open().await;
    let admin = house.staff(Role::Admin, None).await;
    let board = house.device(DeviceKind::Board).await;
    let Pass::Device { id, .. } = board.clone() else { unreachable!() };
    goes_dark(&house, &board, async || {
        revoke(&house, &admin, &id).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_revoked_on_one_node_goes_dark_on_another() {
    let Some(database) = Database::create().await else { return };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let here = House::over(node::open(&database.url).await, clock.clone()).await;
    let there = House::beside(node::open(&database.url).await, clock).await;
    let admin = here.staff(Role::Admin, None).await;
    let board = here.device(DeviceKind::Board).await;
    let Pass::Device { id, .. } = board.clone() else { unreachable!() };
    goes_dark(&there, &board, async || {
        revoke(&here, &admin, &id).await;
    })
    .await;
    here.talon.stop().await;
    there.talon.stop().await;
}
