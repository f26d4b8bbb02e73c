//! How often anybody may come, and who waits when it is crowded: each limit through the real router, and a whole hall of
//! screens that must not meet any.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use futures_util::future::join_all;
use serde_json::json;
use talon_api::config::Config;
use talon_core::{device::event::DeviceKind, staff::event::Role};

use crate::{
    feeds::{Events, Socket},
    house::{Answer, BRANCH, House, PASSWORD, Pass, request, unhurried},
    phones::Phones,
    routes,
};

/// A house behind a proxy that tells where requests come from.
async fn house(change: impl FnOnce(&mut Config)) -> House {
    let mut config = Config::default();
    config.http.trust_proxy = true;
    change(&mut config);
    House::with(config).await
}

fn from(address: &str, method: &str, path: &str, pass: &Pass, body: &str) -> Request<Body> {
    request(method, path, pass, &[("x-forwarded-for", address)], Body::from(body.to_owned()))
}

async fn get(house: &House, address: &str, path: &str, pass: &Pass) -> Answer {
    house.send(from(address, "GET", path, pass, "")).await
}

/// Comes again and again until told to wait; how often it went well.
async fn until_told_to_wait(house: &House, make: impl Fn() -> Request<Body>) -> (u32, Answer) {
    for went_well in 0..10_000 {
        let answer = house.send(make()).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer.code().as_deref(), Some("TOO_MANY_REQUESTS"));
            let wait: u32 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((1..=60).contains(&wait), "{wait}");
            return (went_well, answer);
        }
    }
    panic!("nobody said stop");
}

const HERE: &str = "203.0.113.7";
const THERE: &str = "203.0.113.8";
const LIST: &str = "/api/v1/branches";

#[tokio::test]
async fn strangers_of_one_address_are_told_to_wait_and_nobody_else_is() {
    let house = house(|it| it.limits.address_per_s = 1).await;
    let (kiosk, operator) = (house.device(DeviceKind::Kiosk).await, house.operator().await);
    // A cookie that was never seen counts for its address; from then on the device counts for itself.
    assert_eq!(get(&house, HERE, LIST, &kiosk).await.status, StatusCode::OK);
    let (many, _) = until_told_to_wait(&house, || from(HERE, "GET", LIST, &Pass::Nobody, "")).await;
    assert!((19..=30).contains(&many), "{many}");
    for (address, pass) in [(THERE, &Pass::Nobody), (HERE, &kiosk), (HERE, &operator)] {
        assert_eq!(get(&house, address, LIST, pass).await.status, StatusCode::OK, "{pass:?}");
    }
    // A made-up token or cookie is no way round.
    let made_up = Pass::Bearer("made.up.token".into());
    assert_eq!(get(&house, HERE, LIST, &made_up).await.status, StatusCode::TOO_MANY_REQUESTS);
    let made_up = Pass::Device { cookie: "made-up".into(), id: String::new() };
    assert_eq!(get(&house, HERE, LIST, &made_up).await.status, StatusCode::TOO_MANY_REQUESTS);
    // Whoever watches over the process is answered.
    assert_eq!(get(&house, HERE, "/healthz", &Pass::Nobody).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_account_is_told_to_wait_wherever_it_comes_from() {
    let house = house(|it| it.limits.account_per_s = 1).await;
    let (anna, boris) = (house.operator().await, house.operator().await);
    let query = json!({ "query": "{ me { id } }" }).to_string();
    let mut socket = Socket::open(house.listen().await, &anna).await;
    until_told_to_wait(&house, || from(HERE, "POST", "/graphql", &anna, &query)).await;
    let there = house.send(from(THERE, "POST", "/graphql", &anna, &query)).await;
    assert_eq!(there.status, StatusCode::TOO_MANY_REQUESTS);
    let other = house.send(from(HERE, "POST", "/graphql", &boris, &query)).await;
    assert_eq!(other.status, StatusCode::OK, "{}", other.text);
    // Over a socket it is the same account.
    socket.subscribe("{ me { id } }", &json!({})).await;
    let told = socket.next().await.unwrap();
    assert_eq!(told["errors"][0]["extensions"]["code"], "TOO_MANY_REQUESTS", "{told}");
}

#[tokio::test]
async fn a_device_is_told_to_wait_and_its_neighbours_are_not() {
    let house = house(|it| it.limits.device_per_s = 1).await;
    let (wild, calm) = (house.device(DeviceKind::Kiosk).await, house.device(DeviceKind::Kiosk).await);
    until_told_to_wait(&house, || from(HERE, "GET", LIST, &wild, "")).await;
    assert_eq!(get(&house, HERE, LIST, &calm).await.status, StatusCode::OK);
}

#[tokio::test]
async fn tries_to_get_in_are_counted_by_address() {
    let house = house(|it| it.limits.sign_ins_per_min = 5).await;
    let (many, _) =
        until_told_to_wait(&house, || from(HERE, "POST", "/auth/refresh", &Pass::Nobody, "{}")).await;
    assert_eq!(many, 5);
    let there = house.send(from(THERE, "POST", "/auth/refresh", &Pass::Nobody, "{}")).await;
    assert_eq!(there.code().as_deref(), Some("SESSION_ENDED"));
}

#[tokio::test]
async fn files_of_the_pages_are_counted_by_address() {
    let house = house(|it| it.limits.pages_per_s = 1).await;
    until_told_to_wait(&house, || from(HERE, "GET", "/icon.svg", &Pass::Nobody, "")).await;
    assert_ne!(get(&house, THERE, "/icon.svg", &Pass::Nobody).await.status, StatusCode::TOO_MANY_REQUESTS);
}

/// The power was away and is back: every screen of a large house loads its page, opens its line and says that it is
/// alive, all at once and from one address.
#[tokio::test]
async fn two_hundred_screens_behind_one_address_are_let_in() {
    let house = house(|_| {}).await;
    let boards = join_all((0..200).map(|_| house.device(DeviceKind::Board))).await;
    let mut lines = Vec::new();
    for board in &boards {
        for _ in 0..20 {
            let file = get(&house, HERE, "/icon.svg", board).await;
            assert_ne!(file.status, StatusCode::TOO_MANY_REQUESTS);
        }
        let beat = r#"{"build":"1","uptimeS":1}"#;
        let beat = house.send(from(HERE, "POST", "/api/v1/devices/heartbeat", board, beat)).await;
        assert_eq!(beat.status, StatusCode::NO_CONTENT, "{}", beat.text);
        let line = house.begin(from(HERE, "GET", &format!("/live/board/{BRANCH}"), board, "")).await;
        lines.push(Events::of(line));
        // Boards that were never paired show public branches all the same.
        let stranger =
            house.begin(from(HERE, "GET", &format!("/live/board/{BRANCH}"), &Pass::Nobody, "")).await;
        lines.push(Events::of(stranger));
    }
    for line in &mut lines {
        assert!(line.next().await.is_some());
    }
}

#[tokio::test]
async fn an_address_keeps_so_many_lines_open_and_a_closed_one_makes_room() {
    let house = house(|it| it.limits.lines_per_address = 2).await;
    let path = format!("/live/board/{BRANCH}");
    let open = || house.begin(from(HERE, "GET", &path, &Pass::Nobody, ""));
    let (one, other) = (open().await, open().await);
    let third = open().await;
    assert_eq!(third.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(third.headers().contains_key("retry-after"));
    let board = house.device(DeviceKind::Board).await;
    assert_eq!(house.begin(from(HERE, "GET", &path, &board, "")).await.status(), StatusCode::OK);
    drop(one);
    assert_eq!(open().await.status(), StatusCode::OK);
    drop(other);
}

/// A request that never says its whole body.
fn unending(address: &str, pass: &Pass) -> Request<Body> {
    let body = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    request("POST", "/graphql", pass, &[("x-forwarded-for", address)], body)
}

fn login(address: &str, email: &str) -> Request<Body> {
    let details = json!({ "email": email, "password": PASSWORD }).to_string();
    from(address, "POST", "/auth/login", &Pass::Nobody, &details)
}

/// Signs in and gives the cookie that renews the session.
async fn cookie_of(house: &House, email: &str) -> String {
    let done = house.send(login(HERE, email)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    done.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

fn renewal(address: &str, cookie: &str) -> Request<Body> {
    let headers = [("x-forwarded-for", address), ("cookie", cookie)];
    request("POST", "/auth/refresh", &Pass::Nobody, &headers, Body::empty())
}

#[tokio::test]
async fn half_sent_bodies_keep_nobody_waiting() {
    let house = house(|it| {
        it.limits.concurrent = 8;
        it.limits.body_s = 600;
    })
    .await;
    let email = house.hire(Role::Admin, None).await;
    let cookie = cookie_of(&house, &email).await;
    let held: Vec<_> = (0..100)
        .map(|_| {
            let (router, request) = (house.router.clone(), unending(HERE, &Pass::Nobody));
            tokio::spawn(async move { tower::ServiceExt::oneshot(router, request).await })
        })
        .collect();
    while house.talon.app.crowd.bodies() < held.len() {
        tokio::task::yield_now().await;
    }
    for address in [HERE, THERE] {
        assert_eq!(get(&house, address, LIST, &Pass::Nobody).await.status, StatusCode::OK);
        assert_eq!(house.send(login(address, &email)).await.status, StatusCode::OK);
    }
    assert_eq!(house.send(renewal(HERE, &cookie)).await.status, StatusCode::OK);
    for task in held {
        task.abort();
        let _ = task.await;
    }
    assert_eq!(house.talon.app.crowd.bodies(), 0, "what was held is given back");
}

#[tokio::test]
async fn when_it_is_crowded_strangers_wait_and_devices_and_whoever_comes_to_work_is_let_in() {
    // One place: half of it is none.
    let house = house(|it| it.limits.concurrent = 1).await;
    let email = house.hire(Role::Operator, Some(BRANCH)).await;
    let (kiosk, operator) = (house.device(DeviceKind::Kiosk).await, house.sign_in(&email).await);
    for pass in [&Pass::Nobody, &kiosk] {
        let refused = get(&house, HERE, LIST, pass).await;
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.code().as_deref(), Some("OVERLOADED"));
        assert_eq!(refused.headers["retry-after"], "1");
    }
    assert_eq!(get(&house, HERE, LIST, &operator).await.status, StatusCode::OK);
    let cookie = cookie_of(&house, &email).await;
    assert_eq!(house.send(renewal(HERE, &cookie)).await.status, StatusCode::OK);
    let nothing_to_renew = house.send(from(HERE, "POST", "/auth/refresh", &Pass::Nobody, "")).await;
    assert_eq!(nothing_to_renew.code().as_deref(), Some("OVERLOADED"));
}

#[tokio::test]
async fn a_customer_keeps_so_many_lines_open_and_staff_any() {
    let mut config = unhurried();
    config.limits.lines_per_account = 2;
    let phones = Phones::for_house(&mut config).await;
    let house = House::with(config).await;
    let (anna, boris) = (phones.customer(&house).await, phones.customer(&house).await);
    let open = async |pass: &Pass| {
        let path = format!("/live/board/{BRANCH}");
        house.begin(request("GET", &path, pass, &[], Body::empty())).await
    };
    let lines = (open(&anna).await, open(&anna).await);
    let third = open(&anna).await;
    assert_eq!(third.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(third.headers().contains_key("retry-after"));
    assert_eq!(open(&boris).await.status(), StatusCode::OK, "others have lines of their own");
    drop(lines);
    assert_eq!(open(&anna).await.status(), StatusCode::OK);
    let operator = house.operator().await;
    let mut lines = Vec::new();
    for _ in 0..5 {
        lines.push(open(&operator).await);
    }
    assert!(lines.iter().all(|it| it.status() == StatusCode::OK));
}

#[tokio::test]
async fn a_body_that_does_not_come_and_one_that_is_too_long_are_ended() {
    let house = house(|it| {
        it.limits.body_s = 1;
        it.limits.body_bytes = 1_000;
    })
    .await;
    let never = tokio::time::timeout(Duration::from_secs(30), house.send(unending(HERE, &Pass::Nobody)));
    let never = never.await.expect("an answer in time");
    assert_eq!((never.status, never.code().as_deref()), (StatusCode::REQUEST_TIMEOUT, Some("TIMED_OUT")));
    let long = json!({ "query": format!("{{ __typename }} # {}", "x".repeat(1_000)) }).to_string();
    let long = house.send(from(HERE, "POST", "/graphql", &Pass::Nobody, &long)).await;
    assert_eq!((long.status, long.code().as_deref()), (StatusCode::PAYLOAD_TOO_LARGE, Some("TOO_LARGE")));
}

#[tokio::test]
async fn protective_headers_stand_on_every_answer() {
    let house = house(|_| {}).await;
    let all = routes::ROUTES.iter().map(|it| (it.method, it.path, it.body));
    let all = all.chain(routes::PAGES.iter().map(|path| ("GET", *path, ""))).chain([("GET", "/nowhere", "")]);
    for (method, path, body) in all.filter(|it| !it.1.ends_with("/events")) {
        let path = path.replace("{branch}", BRANCH).replace("{*path}", "x").replace("{*rest}", "x");
        let answer = house.begin(from(HERE, method, &path, &Pass::Nobody, body)).await;
        let header = |name: &str| {
            let value = answer.headers().get(name).unwrap_or_else(|| panic!("{method} {path}: no {name}"));
            value.to_str().unwrap().to_owned()
        };
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(header("permissions-policy").contains("camera=()"), "{path}");
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        let lasting = ["/assets/", "/voice/", "/licences/", "/icon", "/.well-known/"]
            .iter()
            .any(|it| path.starts_with(it));
        assert!(lasting || header("cache-control") == "no-store", "{path}");
        let told = answer.headers().get("content-type").and_then(|it| it.to_str().ok());
        let is_json = told.is_some_and(|it| it.contains("json"));
        let file = answer.headers().get("content-disposition").map(|it| it.to_str().unwrap());
        // What people see who mistyped an address is no file.
        let wanted = (is_json && path != "/nowhere").then_some("attachment; filename=\"api.json\"");
        assert_eq!(file, wanted, "{method} {path}");
        assert!(!answer.headers().contains_key("server"), "{path}");
        assert!(!answer.headers().contains_key("strict-transport-security"), "{path} came without TLS");
    }
    // Behind a proxy that says so, the browser came by https.
    let https = request("GET", "/healthz", &Pass::Nobody, &[("x-forwarded-proto", "https")], Body::empty());
    assert!(house.send(https).await.headers.contains_key("strict-transport-security"));
}

#[tokio::test]
async fn rubbish_counts_for_its_address_and_no_limit_is_no_limit() {
    let house = house(|it| {
        it.limits.address_per_s = 1;
        it.limits.account_per_s = 0;
    })
    .await;
    let admin = house.staff(Role::Admin, None).await;
    for _ in 0..200 {
        assert_eq!(get(&house, HERE, LIST, &admin).await.status, StatusCode::OK, "no limit is no limit");
    }
    let rubbish = Pass::Bearer("e30.e30.e30".into());
    until_told_to_wait(&house, || from(HERE, "GET", LIST, &rubbish, "")).await;
}

#[tokio::test]
async fn one_socket_keeps_so_many_subscriptions_and_one_that_ended_makes_room() {
    const BOARD: &str = "subscription($branch: BranchCode!) { boardChanged(branch: $branch) { position } }";
    let house = house(|it| {
        it.limits.subscriptions_of_strangers = 3;
        it.limits.subscriptions = 5;
    })
    .await;
    let (address, branch) = (house.listen().await, json!({ "branch": BRANCH }));
    for (pass, most) in [(Pass::Nobody, 3), (house.device(DeviceKind::Board).await, 5)] {
        let mut socket = Socket::open(address, &pass).await;
        for number in 0..most {
            socket.subscribe_as(&number.to_string(), BOARD, &branch).await;
            let (id, answer) = socket.next_of_any().await;
            assert_eq!((id, answer.get("errors")), (number.to_string(), None), "{pass:?}");
        }
        for id in ["one too many", "another"] {
            socket.subscribe_as(id, BOARD, &branch).await;
            let (told, answer) = socket.next_of_any().await;
            assert_eq!(told, id);
            let extensions = &answer["errors"][0]["extensions"];
            assert_eq!(extensions["code"], "TOO_MANY_REQUESTS", "{answer}");
            assert!(extensions["retryAfter"].is_u64(), "{answer}");
        }
        socket.complete("0").await;
        socket.subscribe_as("in its place", BOARD, &branch).await;
        let (id, answer) = socket.next_of_any().await;
        assert_eq!((id.as_str(), answer.get("errors")), ("in its place", None));
    }
}

#[tokio::test]
async fn a_subscription_has_one_field() {
    let house = house(|_| {}).await;
    let twice = "subscription($branch: BranchCode!) { one: boardChanged(branch: $branch) { position } \
                 other: boardChanged(branch: $branch) { position } }";
    let socket = Socket::open(house.listen().await, &Pass::Nobody).await;
    let refused = socket.first(twice, &json!({ "branch": BRANCH })).await;
    assert_eq!(refused.code().as_deref(), Some("MALFORMED"), "{}", refused.text);
}
