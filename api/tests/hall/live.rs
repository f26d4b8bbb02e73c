//! What screens are told: the whole first, then each change; nothing of anybody else's ticket.

use std::time::{Duration, Instant};

use axum::{body::Body, http::StatusCode};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use talon_core::{
    desk::{Ask, Press},
    device::event::DeviceKind,
    dispatch::DispatchError,
    ids::{BranchId, CommandId, OperatorId, WindowId},
    queue_event::Event as FactEvent,
    refusal::Refusal,
    staff::event::Role,
};

use crate::{
    feeds::{Events, Socket},
    house::{BRANCH, House, PATIENCE, Pass, new_id, request},
    record,
};

async fn follow(house: &House, path: &str) -> Events {
    Events::of(house.begin(request("GET", path, &Pass::Nobody, &[], Body::empty())).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_begins_whole_and_tells_each_call_by_its_event() {
    let house = House::open().await;
    let anna = house.operator().await;
    house.at_window(&anna, "w6").await;
    let taken = house.ticket(&anna).await;
    let mut board = follow(&house, "/live/board/centre").await;
    let first = board.next().await.unwrap();
    assert_eq!(first.kind, "board");
    assert_eq!((&first.data["branch"], &first.data["state"]), (&json!(BRANCH), &json!("OPEN")));
    assert_eq!(first.id, first.data["position"].as_str().unwrap());

    let command = new_id();
    house.done(&anna, "callNext", json!({ "commandId": command, "window": "w6" })).await;
    let told = board.until(|board| board["calls"].as_array().is_some_and(|it| !it.is_empty())).await;
    let call = &told.data["calls"][0];
    let facts = record::of_command(&house.talon.storage.events, command).await;
    assert_eq!(call["eventId"], json!(facts[0].event_id.0));
    assert_eq!(
        (&call["number"], &call["windowLabel"], &call["kind"]),
        (&taken["number"], &json!("6"), &json!("CALL"))
    );
    assert_eq!(told.data["rows"][0]["state"], "CALLED");
    // A screen that comes in the middle sees the same.
    let late = follow(&house, "/live/board/centre").await.next().await.unwrap();
    assert_eq!((&late.data["calls"], &late.data["rows"]), (&told.data["calls"], &told.data["rows"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_poll_is_answered_by_a_change_or_by_its_end() {
    let house = House::open().await;
    let anna = house.operator().await;
    house.at_window(&anna, "w6").await;
    let path = format!("/api/v1/branches/{BRANCH}/board");
    let reached = house.log_length().await;
    assert!(house.talon.app.live.wait_for(reached, PATIENCE).await);
    let now = house.get(&Pass::Nobody, &path).await;
    let position = now.json()["position"].as_str().unwrap().to_owned();

    let after = |wait: u32| format!("{path}?after={position}&wait={wait}");
    let unchanged = house.get(&Pass::Nobody, &after(1)).await;
    assert_eq!((unchanged.status, unchanged.text.as_str()), (StatusCode::NO_CONTENT, ""));
    let elsewhere = format!("{path}?after={}.1&wait=30", new_id());
    let started = Instant::now();
    assert_eq!(
        house.get(&Pass::Nobody, &elsewhere).await.status,
        StatusCode::OK,
        "another log is no reason to wait"
    );
    assert!(started.elapsed() < Duration::from_secs(20));

    let poll = after(50);
    let (changed, taken) = tokio::join!(house.get(&Pass::Nobody, &poll), house.ticket(&anna));
    assert_eq!(changed.status, StatusCode::OK);
    assert_eq!(changed.json()["waiting"], 1, "{}", changed.text);
    assert_ne!(changed.json()["position"], json!(position));
    assert!(taken["number"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_shown_to_whoever_holds_its_token_only() {
    let house = House::open().await;
    let anna = house.operator().await;
    house.at_window(&anna, "w6").await;
    let (mine, other) = (house.ticket(&anna).await, house.ticket(&anna).await);
    let token = |ticket: &Value| ticket["token"].as_str().unwrap().to_owned();
    let (mine_token, other_token) = (token(&mine), token(&other));
    let shown = house.get(&Pass::Nobody, &format!("/api/v1/tickets/{mine_token}")).await;
    assert_eq!((shown.status, &shown.json()["number"]), (StatusCode::OK, &mine["number"]));

    // The id of one ticket with the signature of another, and one letter changed anywhere.
    let bytes = |token: &str| URL_SAFE_NO_PAD.decode(token).unwrap();
    let crossed = [&bytes(&mine_token)[..16], &bytes(&other_token)[16..]].concat();
    let mut forged = vec![URL_SAFE_NO_PAD.encode(crossed), format!("{mine_token}A")];
    for at in [0, 10, 21, mine_token.len() - 2] {
        let mut letters: Vec<char> = mine_token.chars().collect();
        letters[at] = if letters[at] == 'B' { 'C' } else { 'B' };
        forged.push(letters.into_iter().collect());
    }
    forged.push(mine["ticketId"].as_str().unwrap().to_owned());
    for token in forged {
        for path in [format!("/api/v1/tickets/{token}"), format!("/live/ticket/{token}")] {
            let answer = house.get(&Pass::Nobody, &path).await;
            let found = (answer.status, answer.code());
            assert_eq!(found, (StatusCode::NOT_FOUND, Some("TICKET_UNKNOWN".into())), "{path}");
        }
    }

    let mut line = follow(&house, &format!("/live/ticket/{mine_token}")).await;
    let first = line.next().await.unwrap();
    assert_eq!((&first.kind[..], &first.data["state"]), ("ticket", &json!("WAITING")));
    house.done(&anna, "callNext", json!({ "window": "w6" })).await;
    let called = line.until(|ticket| ticket["state"] == "CALLED").await;
    assert_eq!((&called.data["number"], &called.data["windowLabel"]), (&mine["number"], &json!("6")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_tells_the_whole_queue_and_then_what_changed() {
    let house = House::open().await;
    let anna = house.operator().await;
    house.at_window(&anna, "w6").await;
    let first = house.ticket(&anna).await;
    let reached = house.log_length().await;
    assert!(house.talon.app.live.wait_for(reached, PATIENCE).await);
    let mut socket = Socket::open(house.listen().await, &anna).await;
    let query = "subscription s($b: BranchCode!) { queueChanged(branch: $b) { position snapshot { waiting { id } } upserted { id state } removed } }";
    socket.subscribe(query, &json!({ "b": BRANCH })).await;
    let whole = socket.next().await.unwrap()["data"]["queueChanged"].clone();
    assert_eq!(whole["snapshot"]["waiting"], json!([{ "id": first["ticketId"] }]));
    assert_eq!(whole["upserted"], json!([]));

    let second = house.ticket(&anna).await;
    let wanted = json!([{ "id": second["ticketId"], "state": "WAITING" }]);
    let mut change = socket.next().await.unwrap()["data"]["queueChanged"].clone();
    while change["upserted"] == json!([]) {
        change = socket.next().await.unwrap()["data"]["queueChanged"].clone();
    }
    assert_eq!((&change["snapshot"], &change["upserted"]), (&Value::Null, &wanted));
    assert_ne!(change["position"], whole["position"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_ends_every_line() {
    let house = House::open().await;
    let anna = house.operator().await;
    house.at_window(&anna, "w6").await;
    let ticket = house.ticket(&anna).await;
    let mut board = follow(&house, "/live/board/centre").await;
    let mut mine = follow(&house, &format!("/live/ticket/{}", ticket["token"].as_str().unwrap())).await;
    let mut socket = Socket::open(house.listen().await, &anna).await;
    socket.subscribe("subscription { boardChanged(branch: \"centre\") { position } }", &json!({})).await;
    assert!(board.next().await.is_some() && mine.next().await.is_some() && socket.next().await.is_some());
    let position = board_position(&house).await;
    let poll = format!("/api/v1/branches/{BRANCH}/board?after={position}&wait=60");
    let stop = house.talon.app.shutdown.clone();
    let (polled, ()) = tokio::join!(house.get(&Pass::Nobody, &poll), async { stop.cancel() });
    assert!(polled.status == StatusCode::NO_CONTENT || polled.status == StatusCode::OK, "{}", polled.text);
    while board.next().await.is_some() {}
    while mine.next().await.is_some() {}
    while socket.next().await.is_some() {}
    // All facts stay: a stop of the lines is no event.
    let facts = record::facts(&house.talon.storage.events).await;
    assert!(facts.iter().any(|it| matches!(*it.event, FactEvent::Queue(_))));
}

async fn board_position(house: &House) -> String {
    let board = house.get(&Pass::Nobody, &format!("/api/v1/branches/{BRANCH}/board")).await;
    board.json()["position"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_seen_the_newest_state_is_told_only_what_follows() {
    let house = House::open().await;
    let anna = house.operator().await;
    house.at_window(&anna, "w6").await;
    let first = house.ticket(&anna).await;
    let reached = house.log_length().await;
    assert!(house.talon.app.live.wait_for(reached, PATIENCE).await);
    let address = house.listen().await;
    let query = "subscription s($after: Position) { queueChanged(branch: \"centre\", after: $after) { position snapshot { waiting { id } } upserted { id } } }";
    let begin = async |after: Value| {
        let mut socket = Socket::open(address, &anna).await;
        socket.subscribe(query, &json!({ "after": after })).await;
        socket
    };
    let whole = begin(Value::Null).await.next().await.unwrap()["data"]["queueChanged"].clone();
    assert_eq!(whole["snapshot"]["waiting"], json!([{ "id": first["ticketId"] }]));
    let newest = whole["position"].clone();

    // Another log, and an older position: what was seen there is not what is here.
    let (log, number) = newest.as_str().unwrap().split_once('.').unwrap();
    let older = format!("{log}.{}", number.parse::<u64>().unwrap() - 1);
    for stranger in [format!("{}.{number}", new_id().simple()), older] {
        let begun = begin(json!(stranger)).await.next().await.unwrap();
        assert_eq!(begun["data"]["queueChanged"]["snapshot"], whole["snapshot"]);
    }

    let mut socket = begin(newest.clone()).await;
    let query =
        "subscription s($after: Position) { boardChanged(branch: \"centre\", after: $after) { board } }";
    let mut board = Socket::open(address, &Pass::Nobody).await;
    board.subscribe(query, &json!({ "after": newest })).await;
    let second = house.ticket(&anna).await;
    let change = socket.next().await.unwrap()["data"]["queueChanged"].clone();
    let only = json!([{ "id": second["ticketId"] }]);
    match &change["snapshot"] {
        Value::Null => assert_eq!(change["upserted"], only),
        // The ticket came before the subscription began: then its position was not the newest any more.
        whole => assert_eq!(whole["waiting"], json!([{ "id": first["ticketId"] }, only[0]])),
    }
    assert_eq!(board.next().await.unwrap()["data"]["boardChanged"]["board"]["waiting"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_is_known_by_its_cookie_in_a_socket_until_it_is_revoked() {
    let house = House::open().await;
    let (kiosk, head) = (house.device(DeviceKind::Kiosk).await, house.staff(Role::Head, Some(BRANCH)).await);
    let Pass::Device { id, .. } = &kiosk else { unreachable!() };
    let mut socket = Socket::open(house.listen().await, &kiosk).await;
    socket.subscribe("{ me { kind id } }", &json!({})).await;
    let me = socket.next().await.unwrap()["data"]["me"].clone();
    assert_eq!(me, json!({ "kind": "DEVICE", "id": id }));
    assert!(socket.next().await.is_none(), "one question, one answer");
    socket.subscribe("subscription { boardChanged(branch: \"centre\") { position } }", &json!({})).await;
    assert!(socket.next().await.is_some());
    let revoke = "mutation m($input: RevokeDeviceInput!) { revokeDevice(input: $input) { device { id } } }";
    let input = json!({ "input": { "device": id, "commandId": new_id() } });
    assert_eq!(house.graphql(&head, revoke, input).await.code(), None);
    while socket.next().await.is_some() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_a_mutation_answers_says_who_is_next() {
    let house = House::open().await;
    let anna = house.operator().await;
    house.at_window(&anna, "w6").await;
    let (first, second) = (house.ticket(&anna).await, house.ticket(&anna).await);
    let query = "mutation m($input: WindowInput!) { callNext(input: $input) { ticket { id } window { next { ticket { id } decision { rank } } } } }";
    let input = json!({ "input": { "branch": BRANCH, "window": "w6", "commandId": new_id() } });
    let answer = house.graphql(&anna, query, input).await.json()["data"]["callNext"].clone();
    assert_eq!(answer["ticket"]["id"], first["ticketId"]);
    let next = json!({ "ticket": { "id": second["ticketId"] }, "decision": { "rank": 1 } });
    assert_eq!(answer["window"]["next"], next);
    let query = "mutation m($input: WindowInput!) { closeWindow(input: $input) { window { state next { ticket { id } } } } }";
    let input = json!({ "input": { "branch": BRANCH, "window": "w6", "commandId": new_id() } });
    let answer = house.graphql(&anna, query, input).await.json()["data"]["closeWindow"]["window"].clone();
    assert_eq!(answer, json!({ "state": "CLOSED", "next": null }));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_dismissed_leaves_the_window_and_sits_down_no_more() {
    let house = House::open().await;
    let (anna, boris) = (house.operator().await, house.operator().await);
    house.at_window(&anna, "w6").await;
    house.at_window(&boris, "w5").await;
    let ticket = house.ticket(&anna).await;
    house.done(&anna, "callNext", json!({ "window": "w6" })).await;
    house.done(&anna, "startService", json!({ "ticketId": ticket["ticketId"] })).await;
    let me = house.graphql(&anna, "{ me { id } }", json!({})).await.json()["data"]["me"]["id"].clone();
    let id = OperatorId::parse(me.as_str().unwrap()).unwrap();
    let admin = house.staff(Role::Admin, None).await;
    house.done(&admin, "dismissStaff", json!({ "staff": me, "reason": "x" })).await;
    let (branch, window) = (BranchId::trusted(BRANCH), WindowId::trusted("w6"));
    house
        .sees("the window closes", async || {
            let (_, day) = house.talon.app.live.day(&branch, None)?;
            (!day.windows.contains_key(&window)).then_some(())
        })
        .await;
    let called = house.done(&boris, "callNext", json!({ "window": "w5" })).await;
    assert_eq!(called["ticket"]["id"], ticket["ticketId"], "whoever stood there has their place back");
    // Whatever token is still about, the desk knows who works here.
    let press = Press::system(CommandId(new_id()), None);
    let again = Ask::OpenWindow { window, operator: id, services: None };
    let refused = house.talon.app.desk.ask(&press, &branch, again, |_, _, _| ()).await;
    assert!(
        matches!(refused, Err(DispatchError::Refused(Refusal::UnknownThing { what: "staff" }))),
        "{refused:?}"
    );
}
