//! A branch open round the clock while its business day changes: four in the morning in Moscow. Whoever came before is
//! called in their turn, windows go on, and nobody stands at a window twice.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};
use talon_core::{
    desk::day_of,
    device::event::DeviceKind,
    fact::Fact,
    ids::{BranchId, TicketId, WindowId},
    queue_day::QueueDay,
    staff::event::Role,
};
use talon_storage::{Access, Storage, StoreUrl};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    feeds::Socket,
    house::{BRANCH, FromNoon, House, PATIENCE, Pass, SERVICE, new_id},
    node,
    postgres::Database,
    record,
};

/// Two minutes before the change.
const BEFORE: &str = "2026-11-21T00:58:00Z";
const CHANGE: i64 = 121;
const YESTERDAY: &str = "2026-11-20";
const TODAY: &str = "2026-11-21";

async fn house_at_night() -> (House, Arc<FromNoon>) {
    let clock = Arc::new(FromNoon::at(BEFORE));
    let storage = Storage::open(&StoreUrl::Memory, Access::Owner, None).await.unwrap();
    (House::over(storage, clock.clone()).await, clock)
}

/// The business day changes, and the new one is open.
async fn day_changes(house: &House, clock: &FromNoon) {
    clock.skip(CHANGE);
    today_is_open(house).await;
}

async fn today_is_open(house: &House) {
    let (branch, today) = (BranchId::trusted(BRANCH), TODAY.parse().unwrap());
    house
        .sees("the new day opens", async || {
            house.talon.app.live.with_day(&branch, today, QueueDay::is_open).filter(|is_open| *is_open)
        })
        .await;
}

/// Everything on the screens is as new as the log.
async fn settle(house: &House) {
    let reached = house.log_length().await;
    assert!(house.talon.app.live.wait_for(reached, PATIENCE).await);
}

async fn ask(house: &House, pass: &Pass, query: &str) -> Value {
    settle(house).await;
    let answer = house.graphql(pass, query, json!({})).await;
    assert_eq!(answer.code(), None, "{}", answer.text);
    answer.json()["data"].clone()
}

async fn window(house: &House, pass: &Pass, code: &str) -> Value {
    let fields = "state ticket { id businessDay } next { ticket { id } } undo { eventId kind }";
    let query = format!("{{ window(branch: \"{BRANCH}\", code: \"{code}\") {{ {fields} }} }}");
    ask(house, pass, &query).await["window"].clone()
}

async fn calls(house: &House, pass: &Pass, window: &str) -> Uuid {
    let done = house.done(pass, "callNext", json!({ "window": window })).await;
    id(&done["ticket"]["id"])
}

async fn serves(house: &House, pass: &Pass, ticket: Uuid) {
    house.done(pass, "startService", json!({ "ticketId": ticket })).await;
    house.done(pass, "completeService", json!({ "ticketId": ticket })).await;
}

fn id(value: &Value) -> Uuid {
    value.as_str().unwrap().parse().unwrap()
}

async fn takes(house: &House, pass: &Pass) -> Uuid {
    id(&house.ticket(pass).await["ticketId"])
}

/// Waits until the alarm clock has closed the day before; answers that day's facts.
async fn yesterday_is_over(house: &House) -> Vec<Fact> {
    let mut facts = Vec::new();
    house
        .sees("the day before closes", async || {
            facts = record::facts(&house.talon.storage.events).await;
            facts.retain(|it| it.stream.as_str().ends_with(YESTERDAY));
            facts.iter().any(|it| it.event.wire().0 == "day.closed").then_some(())
        })
        .await;
    facts
}

/// Replays the log of both days in its order: a window works in one day at a time, with one ticket at most, and calls of
/// different tickets at one window never overlap. Tickets by how often they were called for good.
fn audit(facts: &[Fact]) -> BTreeMap<TicketId, usize> {
    let mut days: BTreeMap<String, QueueDay> = BTreeMap::new();
    let mut called: BTreeMap<TicketId, usize> = BTreeMap::new();
    for fact in facts.iter().filter(|it| day_of(&it.stream).is_some()) {
        let day = days.entry(fact.stream.to_string()).or_default();
        talon_core::aggregate::Aggregate::evolve(day, fact.into());
        if let talon_core::queue_event::Event::Queue(event) = &*fact.event
            && let Some(ticket) = event.ticket()
        {
            match event.wire().0 {
                "ticket.called" => *called.entry(ticket).or_default() += 1,
                "ticket.call_revoked" => *called.entry(ticket).or_default() -= 1,
                _ => {}
            }
        }
        let mut busy: BTreeMap<&WindowId, TicketId> = BTreeMap::new();
        for held in days.values().flat_map(QueueDay::open) {
            let Some(window) = held.state.window() else { continue };
            let other = busy.insert(window, held.id);
            assert_eq!(other, None, "two tickets at {window} after position {}", fact.position);
        }
    }
    called
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_came_before_the_change_is_called_in_their_turn_and_the_window_goes_on() {
    let (house, clock) = house_at_night().await;
    let (anna, kiosk) = (house.operator().await, house.device(DeviceKind::Kiosk).await);
    house.at_window(&anna, "w6").await;
    let (first, second, third) =
        (takes(&house, &kiosk).await, takes(&house, &kiosk).await, takes(&house, &kiosk).await);
    assert_eq!(calls(&house, &anna, "w6").await, first);
    house.done(&anna, "startService", json!({ "ticketId": first })).await;

    day_changes(&house, &clock).await;
    let newcomer = house.ticket(&kiosk).await;
    assert_eq!(newcomer["number"], "А001", "numbers begin anew");
    let newcomer = id(&newcomer["ticketId"]);
    let shown = window(&house, &anna, "w6").await;
    assert_eq!((&shown["state"], &shown["ticket"]["businessDay"]), (&json!("SERVING"), &json!(YESTERDAY)));
    assert_eq!(shown["next"]["ticket"]["id"], json!(second));
    let busy = house.press(&anna, "callNext", json!({ "window": "w6" })).await;
    assert_eq!(busy.code().as_deref(), Some("WINDOW_BUSY"));
    let elsewhere = house.press(&anna, "openWindow", json!({ "window": "w5" })).await;
    assert_eq!(elsewhere.code().as_deref(), Some("OPERATOR_ELSEWHERE"));
    let boris = house.operator().await;
    let taken = house.press(&boris, "openWindow", json!({ "window": "w6" })).await;
    assert_eq!(taken.code().as_deref(), Some("WINDOW_TAKEN"));
    let query = format!(
        "{{ queue(branch: \"{BRANCH}\") {{ businessDay waiting {{ id }} serving {{ id }} }} board(branch: \"{BRANCH}\") {{ board }} }}"
    );
    let hall = ask(&house, &anna, &query).await;
    let in_order = json!([{ "id": second }, { "id": third }, { "id": newcomer }]);
    assert_eq!(
        hall["queue"],
        json!({ "businessDay": TODAY, "waiting": in_order, "serving": [{ "id": first }] })
    );
    let board = &hall["board"]["board"];
    assert_eq!((&board["waiting"], &board["rows"][0]["ticketId"]), (&json!(3), &json!(first)));
    let line = board["services"].as_array().unwrap().iter().find(|it| it["code"] == SERVICE).unwrap();
    assert_eq!((&line["waiting"], &line["open"]), (&json!(3), &json!(true)));

    // A step of the day before is taken back there, a call as well.
    house.done(&anna, "completeService", json!({ "ticketId": first })).await;
    let undo = window(&house, &anna, "w6").await["undo"].clone();
    assert_eq!(undo["kind"], "service.completed");
    house.done(&anna, "undoAction", json!({ "eventId": undo["eventId"] })).await;
    assert_eq!(window(&house, &anna, "w6").await["state"], "SERVING");
    house.done(&anna, "completeService", json!({ "ticketId": first })).await;
    assert_eq!(calls(&house, &anna, "w6").await, second);
    let undo = window(&house, &anna, "w6").await["undo"].clone();
    house.done(&anna, "undoAction", json!({ "eventId": undo["eventId"] })).await;
    let command = new_id();
    let again = json!({ "commandId": command, "window": "w6" });
    let done = house.done(&anna, "callNext", again.clone()).await;
    assert_eq!(id(&done["ticket"]["id"]), second);
    let repeated = house.done(&anna, "callNext", again).await;
    assert_eq!((&repeated["ticket"]["id"], &repeated["position"]), (&json!(second), &done["position"]));
    serves(&house, &anna, second).await;
    assert_eq!(calls(&house, &anna, "w6").await, third);
    serves(&house, &anna, third).await;
    assert_eq!(window(&house, &anna, "w6").await["next"]["ticket"]["id"], json!(newcomer));
    assert_eq!(calls(&house, &anna, "w6").await, newcomer);
    serves(&house, &anna, newcomer).await;
    let nobody = house.press(&anna, "callNext", json!({ "window": "w6" })).await;
    assert_eq!(nobody.code().as_deref(), Some("NOBODY_WAITING"));

    clock.skip(15);
    let yesterday = yesterday_is_over(&house).await;
    assert!(!yesterday.iter().any(|it| it.event.wire().0 == "ticket.expired"), "nobody's wait was cut");
    let called = audit(&record::facts(&house.talon.storage.events).await);
    assert!(called.values().all(|count| *count == 1) && called.len() == 4, "{called:?}");
    assert_eq!(window(&house, &anna, "w6").await["state"], "FREE");
    let admin = house.staff(Role::Admin, None).await;
    let reached = house.log_length().await;
    assert!(house.talon.app.freshness.reached("tickets", reached, PATIENCE).await);
    let query = "{ tickets { edges { node { id businessDay state window } } } }";
    let rows = ask(&house, &admin, query).await["tickets"]["edges"].as_array().unwrap().clone();
    assert!(rows.len() == 4 && rows.iter().all(|it| it["node"]["state"] == "COMPLETED"), "{rows:?}");
    for row in rows {
        let day = if id(&row["node"]["id"]) == newcomer { TODAY } else { YESTERDAY };
        assert_eq!((&row["node"]["businessDay"], &row["node"]["window"]), (&json!(day), &json!("w6")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_of_today_goes_before_yesterday_and_the_window_comes_back() {
    let (house, clock) = house_at_night().await;
    let (anna, head) = (house.operator().await, house.staff(Role::Head, Some(BRANCH)).await);
    house.at_window(&anna, "w6").await;
    let (first, second) = (takes(&house, &anna).await, takes(&house, &anna).await);
    day_changes(&house, &clock).await;
    let urgent = json!({ "services": [SERVICE], "class": "emergency", "reasonCode": "unwell" });
    let urgent = house.done(&head, "issueTicket", urgent).await;
    let urgent = id(&urgent["ticket"]["id"]);
    assert_eq!(calls(&house, &anna, "w6").await, urgent);
    let parked = json!({ "ticketId": urgent, "reasonCode": "fill_form", "pool": "WINDOW" });
    house.done(&anna, "parkTicket", parked).await;
    assert_eq!(calls(&house, &anna, "w6").await, first);
    serves(&house, &anna, first).await;
    // A ticket set aside today is taken up by a window that works for yesterday.
    let again = house.done(&anna, "callTicket", json!({ "window": "w6", "ticketId": urgent })).await;
    assert_eq!(id(&again["ticket"]["id"]), urgent);
    serves(&house, &anna, urgent).await;
    assert_eq!(calls(&house, &anna, "w6").await, second);
    serves(&house, &anna, second).await;
    audit(&record::facts(&house.talon.storage.events).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_nobody_touches_go_on_by_themselves_the_busy_one_when_its_ticket_ends() {
    let (house, clock) = house_at_night().await;
    let (anna, boris, vera) = (house.operator().await, house.operator().await, house.operator().await);
    house.at_window(&anna, "w6").await;
    let ticket = takes(&house, &anna).await;
    assert_eq!(calls(&house, &anna, "w6").await, ticket);
    house.done(&boris, "openWindow", json!({ "window": "w5" })).await;
    house.done(&vera, "openWindow", json!({ "window": "w3" })).await;
    house.done(&vera, "pauseWindow", json!({ "window": "w3", "reason": "rest" })).await;
    day_changes(&house, &clock).await;
    let in_today = async |window: &str| {
        let live = &house.talon.app.live;
        let (branch, window) = (BranchId::trusted(BRANCH), WindowId::trusted(window));
        let today = TODAY.parse().unwrap();
        house
            .sees("the window goes on in today", async || {
                let found = live.with_day(&branch, today, |day| day.windows.get(&window).cloned());
                found.flatten()
            })
            .await
    };
    assert!(in_today("w5").await.is_free());
    assert!(in_today("w3").await.pause.is_some(), "with the break of whoever sits there");
    assert_eq!(window(&house, &anna, "w6").await["state"], "CALLING");
    house.done(&anna, "startService", json!({ "ticketId": ticket })).await;
    house.done(&anna, "completeService", json!({ "ticketId": ticket })).await;
    clock.skip(11);
    assert_eq!(in_today("w6").await.ticket, None);
    yesterday_is_over(&house).await;
    let newcomer = takes(&house, &anna).await;
    assert_eq!(calls(&house, &anna, "w6").await, newcomer);
    audit(&record::facts(&house.talon.storage.events).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_still_at_a_window_four_hours_later_is_an_alert_to_be_seen() {
    let (house, clock) = house_at_night().await;
    let email = house.hire(Role::Head, Some(BRANCH)).await;
    let anna = house.operator().await;
    house.at_window(&anna, "w6").await;
    let ticket = takes(&house, &anna).await;
    assert_eq!(calls(&house, &anna, "w6").await, ticket);
    house.done(&anna, "startService", json!({ "ticketId": ticket })).await;
    day_changes(&house, &clock).await;
    clock.skip(4 * 3600);
    let head = house.sign_in(&email).await;
    let mut socket = Socket::open(house.listen().await, &head).await;
    let query = format!(
        "subscription {{ alerts(branch: \"{BRANCH}\") {{ alerts {{ kind level ticketId acknowledgedAt }} }} }}"
    );
    socket.subscribe(&query, &json!({})).await;
    let mut alerts = json!([]);
    while alerts == json!([]) {
        alerts = socket.next().await.unwrap()["data"]["alerts"]["alerts"].clone();
    }
    let raised = json!({ "kind": "close_overdue", "level": 3, "ticketId": ticket, "acknowledgedAt": null });
    assert_eq!(alerts, json!([raised]));
    house.done(&head, "acknowledgeAlert", json!({ "ticketId": ticket, "level": 3 })).await;
    while alerts[0]["acknowledgedAt"].is_null() {
        alerts = socket.next().await.unwrap()["data"]["alerts"]["alerts"].clone();
    }
    house.done(&head, "completeService", json!({ "ticketId": ticket })).await;
    while alerts != json!([]) {
        alerts = socket.next().await.unwrap()["data"]["alerts"]["alerts"].clone();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_after_the_change_finds_people_and_windows_where_they_were() {
    let folder = TempDir::with_prefix("talon-hall-").unwrap();
    let store = StoreUrl::parse(&format!("sqlite:{}", folder.path().display())).unwrap();
    let clock = Arc::new(FromNoon::at(BEFORE));
    let house = House::over(Storage::open(&store, Access::Owner, None).await.unwrap(), clock.clone()).await;
    let email = house.hire(Role::Operator, Some(BRANCH)).await;
    let anna = house.sign_in(&email).await;
    house.at_window(&anna, "w6").await;
    let (first, second) = (takes(&house, &anna).await, takes(&house, &anna).await);
    assert_eq!(calls(&house, &anna, "w6").await, first);
    house.talon.stop().await;

    clock.skip(CHANGE);
    let house = House::beside(Storage::open(&store, Access::Owner, None).await.unwrap(), clock.clone()).await;
    let anna = house.sign_in(&email).await;
    let shown = window(&house, &anna, "w6").await;
    assert_eq!((&shown["state"], &shown["ticket"]["id"]), (&json!("CALLING"), &json!(first)));
    today_is_open(&house).await;
    let newcomer = takes(&house, &anna).await;
    serves(&house, &anna, first).await;
    assert_eq!(calls(&house, &anna, "w6").await, second);
    serves(&house, &anna, second).await;
    assert_eq!(calls(&house, &anna, "w6").await, newcomer);
    audit(&record::facts(&house.talon.storage.events).await);
    house.talon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_empty_both_days_together_and_call_nobody_twice() {
    const PEOPLE: usize = 24;
    const WINDOWS: [&str; 3] = ["w4", "w5", "w6"];
    let Some(database) = Database::create().await else { return };
    let clock = Arc::new(FromNoon::at(BEFORE));
    let one = House::over(node::open(&database.url).await, clock.clone()).await;
    let two = House::beside(node::open(&database.url).await, clock.clone()).await;
    let mut staff = Vec::new();
    for code in WINDOWS {
        let email = one.hire(Role::Operator, Some(BRANCH)).await;
        let pass = one.sign_in(&email).await;
        one.at_window(&pass, code).await;
        staff.push((code, pass));
    }
    for _ in 0..PEOPLE {
        one.ticket(&staff[0].1).await;
    }
    day_changes(&one, &clock).await;
    for _ in 0..PEOPLE / 2 {
        two.ticket(&staff[0].1).await;
    }
    // Each operator presses at both nodes at once, as impatient fingers and a bad network do.
    let hands = staff.iter().flat_map(|(code, pass)| [(&one, *code, pass), (&two, *code, pass)]);
    futures_util::future::join_all(hands.map(async |(node, code, pass)| {
        loop {
            let called = node.press(pass, "callNext", json!({ "window": code })).await;
            match called.code().as_deref() {
                None => {
                    let ticket = id(&called.json()["data"]["callNext"]["ticket"]["id"]);
                    for step in ["startService", "completeService"] {
                        let done = node.press(pass, step, json!({ "ticketId": ticket })).await;
                        assert_eq!(done.code(), None, "{step}: {}", done.text);
                    }
                }
                Some("NOBODY_WAITING") => break,
                Some("WINDOW_BUSY" | "CONTENDED") => {}
                other => panic!("{other:?}: {}", called.text),
            }
        }
    }))
    .await;
    let called = audit(&record::facts(&one.talon.storage.events).await);
    assert_eq!(called.len(), PEOPLE + PEOPLE / 2, "everybody");
    assert!(called.values().all(|count| *count == 1), "{called:?}");
    clock.skip(15);
    yesterday_is_over(&two).await;
    one.talon.stop().await;
    two.talon.stop().await;
}
