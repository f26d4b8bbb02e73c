//! Branches and the catalogue are set up through the doors: published, refused with all faults, overtaken, tried, carried
//! in files; and what was changed reaches the open day.

use axum::http::StatusCode;
use serde_json::{Value, json};
use talon_core::{device::event::DeviceKind, staff::event::Role};

use crate::house::{BRANCH, House, Pass, SERVICE, new_id};

const PUBLISH: &str = "mutation p($input: PublishBranchSettingsInput!) { publishBranchSettings(input: $input) { \
                       setup { version inForce { version settings publishedBy { id } } pending { version } } \
                       refusal { code field } faults { path code message } } }";

async fn settings(house: &House, pass: &Pass) -> (i64, Value) {
    let query = "query q($b: BranchCode!) { branchSettings(branch: $b) { version inForce { settings } } }";
    let answer = house.graphql(pass, query, json!({ "b": BRANCH })).await;
    assert_eq!(answer.code(), None, "{}", answer.text);
    let found = answer.json()["data"]["branchSettings"].clone();
    (found["version"].as_i64().unwrap(), found["inForce"]["settings"].clone())
}

async fn publish(house: &House, pass: &Pass, version: i64, settings: &Value) -> Value {
    let input =
        json!({ "commandId": new_id(), "branch": BRANCH, "expectedVersion": version, "settings": settings });
    let answer = house.graphql(pass, PUBLISH, json!({ "input": input })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()["data"]["publishBranchSettings"].clone()
}

fn service(code: &str, norm: i64) -> Value {
    json!({ "code": code, "group": "mail", "name": { "ru": "Новая", "en": "New" },
            "normSeconds": norm, "p80Seconds": norm * 2, "long": false })
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_published_over_what_was_seen_and_never_over_somebody_elses() {
    let house = House::open().await;
    let head = house.staff(Role::Head, Some(BRANCH)).await;
    let admin = house.staff(Role::Admin, None).await;
    let (version, mut document) = settings(&house, &head).await;
    document["phone"] = json!("+7 495 000-11-22");
    let done = publish(&house, &head, version, &document).await;
    assert_eq!(done["refusal"], Value::Null, "{done}");
    assert_eq!(done["setup"]["version"], json!(version + 1));
    assert_eq!(done["setup"]["inForce"]["settings"], document);
    assert_eq!(done["setup"]["inForce"]["publishedBy"]["id"], json!(house.id_of(&head).await));

    let late = publish(&house, &admin, version, &document).await;
    assert_eq!(late["refusal"]["code"], "SETTINGS_MOVED");
    assert_eq!(late["setup"]["version"], json!(version + 1), "what there is now stands beside the no");

    let elsewhere = house.staff(Role::Head, Some("elsewhere")).await;
    let input = json!({ "commandId": new_id(), "branch": BRANCH, "expectedVersion": 1, "settings": {} });
    let denied = house.graphql(&elsewhere, PUBLISH, json!({ "input": input })).await;
    assert_eq!(denied.code().as_deref(), Some("FORBIDDEN"), "{}", denied.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_told_with_its_place_and_nothing_is_written() {
    let house = House::open().await;
    let head = house.staff(Role::Head, Some(BRANCH)).await;
    let (version, good) = settings(&house, &head).await;
    let length = house.log_length().await;
    let mut document = good.clone();
    document["name"]["ru"] = json!(" ");
    document["windows"][0]["services"] = json!(["never-heard-of"]);
    document["hours"]["week"][6] = json!([{ "opens": "18:00:00", "closes": "09:00:00" }]);
    let refused = publish(&house, &head, version, &document).await;
    assert_eq!(refused["refusal"], json!({ "code": "WRONG_SETTINGS", "field": "name.ru" }));
    let places: Vec<&str> =
        refused["faults"].as_array().unwrap().iter().map(|it| it["path"].as_str().unwrap()).collect();
    assert_eq!(places, ["name.ru", "windows[0].services[0]", "hours.week[6][0]"]);

    let mut document = good.clone();
    document["windows"][0]["labl"] = json!("7");
    let refused = publish(&house, &head, version, &document).await;
    assert_eq!(refused["faults"][0]["path"], "windows[0].labl");
    assert_eq!(refused["faults"][0]["code"], "UNREADABLE");
    let mut document = good;
    document.as_object_mut().unwrap().remove("hours");
    let refused = publish(&house, &head, version, &document).await;
    assert_eq!(refused["faults"][0]["path"], "hours");
    assert_eq!(house.log_length().await, length);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_service_reaches_the_open_day_its_windows_and_the_kiosk() {
    let house = House::open().await;
    let admin = house.staff(Role::Admin, None).await;
    let kiosk = house.device(DeviceKind::Kiosk).await;
    house.at_window(&admin, "w6").await;
    house.done(&admin, "defineService", json!({ "service": service("notary", 300) })).await;
    let taken = house
        .sees("a ticket for the new service", async || {
            let answer = house.take(&kiosk, new_id(), &json!({ "services": ["notary"] })).await;
            (answer.status == StatusCode::CREATED).then(|| answer.json())
        })
        .await;
    assert!(taken["number"].as_str().unwrap().starts_with('А'), "{taken}");
    let board = house.get(&Pass::Nobody, &format!("/api/v1/branches/{BRANCH}/board")).await.json();
    assert!(board["catalogueVersion"].as_i64().unwrap() > 0, "{board}");

    house.done(&admin, "archiveService", json!({ "service": "notary" })).await;
    house
        .sees("the service gone", async || {
            let answer = house.take(&kiosk, new_id(), &json!({ "services": ["notary"] })).await;
            (answer.code().as_deref() == Some("UNKNOWN_SERVICE")).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_something_that_looks_otherwise_by_now_is_refused() {
    let house = House::open().await;
    let admin = house.staff(Role::Admin, None).await;
    house.done(&admin, "defineService", json!({ "service": service("notary", 300) })).await;
    let seen = service("notary", 300);
    let first = json!({ "service": service("notary", 400), "seen": seen });
    house.done(&admin, "changeService", first.clone()).await;
    let second = json!({ "service": service("notary", 500), "seen": seen });
    let refused = house.press(&admin, "changeService", second).await;
    assert_eq!(refused.code().as_deref(), Some("SETTINGS_MOVED"), "{}", refused.text);
    let head = house.staff(Role::Head, Some(BRANCH)).await;
    let denied = house.press(&head, "changeService", first).await;
    assert_eq!(denied.code().as_deref(), Some("FORBIDDEN"), "{}", denied.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_tells_of_another_order_and_writes_nothing() {
    let house = House::open().await;
    let admin = house.staff(Role::Admin, None).await;
    house.at_window(&admin, "w6").await;
    house.ticket(&admin).await;
    house.ticket(&admin).await;
    let query = "query q($input: DryRunInput!) { dryRun(input: $input) { businessDay \
                 lines { number before { rank dueAt } after { rank dueAt } } refusal { code } faults { path } } }";
    let ask = async |change: Value| {
        let mut input = json!({ "branch": BRANCH });
        for (key, value) in change.as_object().unwrap() {
            input[key] = value.clone();
        }
        let answer = house.graphql(&admin, query, json!({ "input": input })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()["data"]["dryRun"].clone()
    };
    let lines = house
        .sees("both tickets waiting", async || {
            let found = ask(json!({})).await;
            (found["lines"].as_array().unwrap().len() == 2).then(|| found["lines"].clone())
        })
        .await;
    assert_eq!(lines[0]["before"], lines[0]["after"], "the same rules, the same queue");
    let length = house.log_length().await;
    let target = json!({ "class": "standard", "service": SERVICE, "targetSeconds": 60 });
    let other = ask(json!({ "targets": [target] })).await;
    assert_ne!(other["lines"][0]["before"]["dueAt"], other["lines"][0]["after"]["dueAt"]);
    let wrong = ask(json!({ "settings": {} })).await;
    assert_eq!(wrong["refusal"]["code"], "WRONG_SETTINGS");
    assert_eq!(house.log_length().await, length);
}

#[tokio::test(flavor = "multi_thread")]
async fn branches_come_in_from_a_file_with_hours_as_people_write_them() {
    let house = House::open().await;
    let admin = house.staff(Role::Admin, None).await;
    let text = "code;name_ru;time_zone;hours\n\
                lesnaya;На Лесной;Europe/Moscow;Пн-Пт: 09:00-19:00, перерыв 13:00-14:00; Сб,Вс выходной\n\
                odd;Странное;Europe/Moscow;как получится\n";
    let query = "mutation i($input: ImportSetupInput!) { importSetup(input: $input) { applied \
                 lines { row code outcome message } refusal { code } } }";
    let bring = async |dry: bool| {
        let input = json!({ "commandId": new_id(), "what": "BRANCHES", "format": "CSV", "text": text, "dryRun": dry });
        let answer = house.graphql(&admin, query, json!({ "input": input })).await;
        assert_eq!(answer.code(), None, "{}", answer.text);
        let lines = answer.json()["data"]["importSetup"]["lines"].clone();
        lines
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["outcome"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let length = house.log_length().await;
    assert_eq!(bring(true).await, ["NEW", "WRONG"]);
    assert_eq!(house.log_length().await, length, "it was only looked at");
    assert_eq!(bring(false).await, ["NEW", "WRONG"]);
    assert_eq!(bring(false).await, ["SAME", "WRONG"]);
    let exported = "{ exportSetup(what: BRANCHES, format: CSV) { text } }";
    let answer = house.graphql(&admin, exported, json!({})).await.json();
    let file = answer["data"]["exportSetup"]["text"].as_str().unwrap().to_owned();
    assert!(file.contains("lesnaya;;На Лесной;На Лесной;"), "{file}");
    assert!(file.contains("Пн-Пт: 09:00-19:00, перерыв 13:00-14:00; Сб,Вс: выходной"), "{file}");
}
