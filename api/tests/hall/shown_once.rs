//! What a fact says was shown once: the answer may be asked for again when it was lost, and no later.

use std::sync::Arc;

use serde_json::{Value, json};
use talon_core::staff::event::Role;
use talon_storage::{Access, Storage, StoreUrl};
use uuid::Uuid;

use crate::house::{FromNoon, House, Pass};

const WHILE_AN_ANSWER_MAY_BE_LOST: i64 = 30;
const MUCH_LATER: i64 = 40;

async fn webhook(house: &House, by: &Pass, press: &str, input: &Value) -> Value {
    let kind = format!("{}{}Input", press[..1].to_uppercase(), &press[1..]);
    let query = format!(
        "mutation($input: {kind}!) {{ {press}(input: $input) {{ webhook {{ id }} secret refusal {{ code }} }} }}"
    );
    let answer = house.graphql(by, &query, json!({ "input": input })).await;
    assert_eq!(answer.code(), None, "{}", answer.text);
    answer.json()["data"][press].clone()
}

async fn house() -> (House, Arc<FromNoon>, Pass) {
    let clock = Arc::new(FromNoon::at("2026-11-20T09:00:00Z"));
    let storage = Storage::open(&StoreUrl::Memory, Access::Owner, None).await.unwrap();
    let house = House::over(storage, clock.clone()).await;
    let admin = house.staff(Role::Admin, None).await;
    (house, clock, admin)
}

fn of(what: &Value) -> Value {
    let mut input = what.clone();
    input["commandId"] = json!(Uuid::from_u128(0xdead_beef));
    input
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reveal_shows_what_its_fact_says_and_not_what_came_after() {
    let (house, clock, admin) = house().await;
    let staff = house.id_of(&admin).await;
    let reveal = of(&json!({ "staff": staff, "fields": ["EMAIL"], "reason": "SUPPORT" }));
    let first = house.done(&admin, "revealPersonalData", reveal.clone()).await;
    clock.skip(WHILE_AN_ANSWER_MAY_BE_LOST);
    let again = house.done(&admin, "revealPersonalData", reveal.clone()).await;
    assert_eq!(first["revealed"], again["revealed"]);
    clock.skip(MUCH_LATER);
    let late = house.press(&admin, "revealPersonalData", reveal).await;
    assert_eq!(late.code().as_deref(), Some("COMMAND_ID_REUSED"));
    assert!(late.json()["data"]["revealPersonalData"]["revealed"].is_null(), "{}", late.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_s_secret_is_shown_to_whoever_made_it_and_then_to_nobody() {
    let (house, clock, admin) = house().await;
    let add = of(&json!({ "url": "https://example.org/hook", "kinds": ["ticket.*"], "branches": [] }));
    let added = webhook(&house, &admin, "addWebhook", &add).await;
    let secret = added["secret"].as_str().unwrap_or_else(|| panic!("{added}")).to_owned();
    assert_eq!(webhook(&house, &admin, "addWebhook", &add).await["secret"], json!(secret));
    clock.skip(WHILE_AN_ANSWER_MAY_BE_LOST + MUCH_LATER);
    assert_eq!(webhook(&house, &admin, "addWebhook", &add).await["secret"], Value::Null);

    let hook = added["webhook"]["id"].clone();
    let change = of(&json!({
        "webhook": hook, "url": "https://example.org/hook", "kinds": ["ticket.*"], "newSecret": true,
    }));
    let mut change_now = change.clone();
    change_now["commandId"] = json!(Uuid::from_u128(1));
    let second = webhook(&house, &admin, "changeWebhook", &change_now).await["secret"].clone();
    assert!(second.is_string() && second != json!(secret));
    let mut newest = change.clone();
    newest["commandId"] = json!(Uuid::from_u128(2));
    clock.skip(WHILE_AN_ANSWER_MAY_BE_LOST + MUCH_LATER);
    let third = webhook(&house, &admin, "changeWebhook", &newest).await["secret"].clone();
    // The press before it, once more: neither shown, nor in force again.
    let mut former = change;
    former["commandId"] = json!(Uuid::from_u128(1));
    assert_eq!(webhook(&house, &admin, "changeWebhook", &former).await["secret"], Value::Null);
    let in_force = house.talon.app.vault.webhook_secret(hook.as_str().unwrap()).await.unwrap();
    assert_eq!(in_force.map(Value::from), Some(third));
}
