//! Lines that stay open end when whoever holds them may do something else than when they came: on the node where it was
//! ordered, and on another one.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{body::Body, http::StatusCode};
use serde_json::{Value, json};
use talon_core::{
    ids::{CustomerId, RoleCode},
    staff::event::{Role, Scope},
    time::Clock,
};

use crate::{
    feeds::{Events, Socket},
    house::{BRANCH, FromNoon, House, Pass, furnish, request, unhurried},
    node,
    phones::Phones,
    postgres::Database,
    work::insist,
};

/// How soon a change takes effect everywhere.
const SOON: Duration = Duration::from_secs(5);
const NOON: &str = "2026-11-20T09:00:00Z";
const DUTY: &str = "duty-manager";
const QUEUE: &str = "subscription { queueChanged(branch: \"centre\") { position } }";

/// What is done to somebody, and what becomes of them.
struct Case {
    what: &'static str,
    mutation: &'static str,
    input: Value,
    /// Whether their token still opens anything afterwards.
    stays: bool,
}

fn cases(staff: &str) -> Vec<Case> {
    let permissions = ["READ_QUEUE", "READ_TICKETS"];
    let role = json!({ "role": DUTY, "name": { "ru": "а", "en": "a" }, "permissions": permissions });
    let case = |what, mutation, input, stays| Case { what, mutation, input, stays };
    vec![
        case("the role allows something else", "defineRole", role, true),
        case("the branch leaves the region", "moveBranch", json!({ "branch": BRANCH }), true),
        case("the branch comes back", "moveBranch", json!({ "branch": BRANCH, "region": "north" }), true),
        case("the role is archived", "archiveRole", json!({ "role": DUTY }), true),
        case(
            "another role is granted",
            "grantRole",
            json!({ "staff": staff, "role": "analyst", "scope": { "branches": [BRANCH] } }),
            true,
        ),
        case("a role is withdrawn", "withdrawRole", json!({ "staff": staff, "role": "analyst" }), true),
        case("every session ends", "endStaffSessions", json!({ "staff": staff }), false),
        case("dismissal", "dismissStaff", json!({ "staff": staff, "reason": "x" }), false),
    ]
}

async fn organise(house: &House, admin: &Pass) -> String {
    let name = json!({ "ru": "а", "en": "a" });
    house.done(admin, "defineRegion", json!({ "code": "north", "name": name })).await;
    house.done(admin, "moveBranch", json!({ "region": "north" })).await;
    let role = json!({ "role": DUTY, "name": name, "permissions": ["READ_QUEUE"] });
    house.done(admin, "defineRole", role).await;
    let scope = Scope::Regions { regions: vec!["north".to_owned()] };
    house.hire_in(Role::Own(RoleCode::trusted(DUTY)), scope).await
}

/// Orders at one node, watches a socket and an event line at the other.
async fn every_change_ends_open_lines(ordering: &House, watching: &House) {
    let admin = ordering.staff(Role::Admin, None).await;
    let email = organise(ordering, &admin).await;
    let pass = ordering.sign_in(&email).await;
    let staff = ordering.id_of(&pass).await;
    ordering.at_window(&admin, "w6").await;
    let address = watching.listen().await;
    for case in cases(&staff) {
        let pass = ordering.sign_in(&email).await;
        let here = async || match watching.graphql(&pass, "{ me { id } }", json!({})).await.code() {
            None => Some(()),
            Some(_) => None,
        };
        insist("the other node knows them", SOON, here).await;
        let mut socket = Socket::open(address, &pass).await;
        socket.subscribe(QUEUE, &json!({})).await;
        socket.next().await.expect("an answer");
        let line = request("GET", &format!("/live/board/{BRANCH}"), &pass, &[], Body::empty());
        let mut line = Events::of(watching.begin(line).await);
        line.next().await.expect("a snapshot");

        ordering.done(&admin, case.mutation, case.input).await;
        let ordered = Instant::now();
        let ended = async {
            socket.ends().await;
            while line.next().await.is_some() {}
        };
        let ended = tokio::time::timeout(SOON, ended).await;
        assert!(ended.is_ok(), "{}: a line is open after {SOON:?}", case.what);
        let again = watching.graphql(&pass, "{ me { id } }", json!({})).await;
        let stays = again.status == StatusCode::OK && again.code().is_none();
        assert_eq!(stays, case.stays, "{}: {}", case.what, again.text);
        eprintln!("{}: open lines ended after {:?}", case.what, ordered.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_do_something_else_comes_back_to_be_asked_who_they_are() {
    let house = House::open().await;
    every_change_ends_open_lines(&house, &house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_role_ends_sockets_of_another_node_within_five_seconds() {
    let Some(database) = Database::create().await else { return };
    let clock = Arc::new(FromNoon::at(NOON));
    let one = House::over(node::open(&database.url).await, clock.clone()).await;
    let two = House::beside(node::open(&database.url).await, clock.clone()).await;
    every_change_ends_open_lines(&one, &two).await;
    one.talon.stop().await;
    two.talon.stop().await;
}

/// A customer signs in and takes a ticket at one node; an administrator erases them at the other.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_is_known_to_the_other_node_within_five_seconds() {
    let Some(database) = Database::create().await else { return };
    let clock: Arc<dyn Clock> = Arc::new(FromNoon::at(NOON));
    let mut config = unhurried();
    let phones = Phones::for_house(&mut config).await;
    let storage = node::open(&database.url).await;
    furnish(&storage, &clock).await;
    // Either node may be the one that sends messages.
    let one = House::configured(storage, clock.clone(), config.clone()).await;
    let two = House::configured(node::open(&database.url).await, clock.clone(), config).await;
    let admin = two.staff(Role::Admin, None).await;
    two.at_window(&admin, "w6").await;
    let customer = phones.customer(&one).await;
    one.done(&customer, "changeMyProfile", json!({ "name": "Анна Иванова" })).await;
    let taken = one.ticket(&customer).await;
    let account = "{ myAccount { id name visits { number } } }";
    let known = one.graphql(&customer, account, json!({})).await.json()["data"]["myAccount"].clone();
    assert_eq!(known["name"], "Анна Иванова");
    assert_eq!(known["visits"][0]["number"], taken["number"]);

    two.done(&admin, "eraseCustomer", json!({ "customer": known["id"], "reason": "REQUEST" })).await;
    insist("the erased customer is nobody at the other node", SOON, async || {
        let code = one.graphql(&customer, account, json!({})).await.code();
        (code.as_deref() == Some("UNAUTHENTICATED")).then_some(())
    })
    .await;
    let id = CustomerId::trusted(known["id"].as_str().unwrap());
    let customers = one.talon.app.access.customers();
    insist("their name opens nowhere", SOON, async || {
        customers.name_of(&id).await.unwrap().is_none().then_some(())
    })
    .await;
    one.talon.stop().await;
    two.talon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_that_dismiss_one_another_s_administrator_leave_one() {
    let Some(database) = Database::create().await else { return };
    let clock = Arc::new(FromNoon::at(NOON));
    let one = House::over(node::open(&database.url).await, clock.clone()).await;
    let two = House::beside(node::open(&database.url).await, clock.clone()).await;
    for _ in 0..5 {
        let (vera, boris) = (one.staff(Role::Admin, None).await, two.staff(Role::Admin, None).await);
        // Whoever is left from the round before goes first.
        let ids = [one.id_of(&vera).await, two.id_of(&boris).await];
        let query = "{ staff(filter: { role: \"admin\" }) { edges { node { id } } } }";
        let listed = one.graphql(&vera, query, json!({})).await.json();
        for edge in listed["data"]["staff"]["edges"].as_array().unwrap() {
            let id = edge["node"]["id"].as_str().unwrap();
            if !ids.iter().any(|it| it == id) {
                one.done(&vera, "dismissStaff", json!({ "staff": id, "reason": "x" })).await;
            }
        }
        let (his, hers) =
            (json!({ "staff": ids[1], "reason": "x" }), json!({ "staff": ids[0], "reason": "x" }));
        let (by_vera, by_boris) =
            tokio::join!(one.press(&vera, "dismissStaff", his), two.press(&boris, "dismissStaff", hers));
        let outcomes = [by_vera.code(), by_boris.code()];
        assert!(outcomes.iter().filter(|it| it.is_none()).count() <= 1, "{outcomes:?}");
        let left = async || {
            let directory = one.talon.app.access.directory();
            directory.catch_up_organisation().await.unwrap();
            for id in &ids {
                directory.catch_up(&talon_core::ids::OperatorId::trusted(id)).await.unwrap();
            }
            directory.has_administrator()
        };
        assert!(left().await, "nobody is left: {outcomes:?}");
    }
    one.talon.stop().await;
    two.talon.stop().await;
}
