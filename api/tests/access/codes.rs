//! Customers' codes by phone and mail, over HTTP and through the outbox; and every code that is not good.

use chrono::TimeDelta;
use http::StatusCode;
use serde_json::{Value, json};
use talon_core::{
    customer::event::{EraseReason, ErasedBy},
    fact::Actor,
};

use crate::{
    account::bearer,
    messages::digits,
    over_http::{Answer, fetch, post},
    support::{House, house_with_messages},
};

async fn ask(house: &House, kind: &str, value: &str) -> Answer {
    post(house, "/auth/code", &[], json!({ "kind": kind, "value": value })).await
}

async fn show(house: &House, challenge: &Value, code: &str) -> Answer {
    post(house, "/auth/code/confirm", &[], json!({ "challenge": challenge, "code": code })).await
}

/// Signs a customer in by a code to their phone.
pub(crate) async fn customer(house: &House, phone: &str) -> Answer {
    let asked = ask(house, "phone", phone).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.text);
    let (_, text) = house.only_message("sms").await;
    let done = show(house, &asked.json()["challenge"], &digits(&text)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    done
}

fn other(code: &str) -> String {
    let number: u32 = code.parse().expect("digits");
    format!("{:06}", (number + 1) % 1_000_000)
}

#[tokio::test]
async fn a_code_registers_a_customer_the_first_time_and_signs_the_same_one_in_afterwards() {
    let house = house_with_messages().await;
    let asked = ask(&house, "phone", "8 916 123-45-67").await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.text);
    let body = asked.json();
    assert_eq!((&body["expiresAt"], &body["resendAfterS"]), (&json!("2026-11-20T09:05:00.000Z"), &json!(60)));
    let (to, text) = house.only_message("sms").await;
    assert_eq!(to, "+79161234567");
    assert!(!asked.text.contains(&digits(&text)), "the code goes by the phone alone");
    let first = show(&house, &body["challenge"], &digits(&text)).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text);
    let me = &first.json()["me"];
    assert_eq!(
        (&me["kind"], &me["role"], &me["branches"]),
        (&json!("CUSTOMER"), &json!("customer"), &json!([]))
    );
    assert!(first.cookie().starts_with("talon_refresh="));
    let id = me["id"].as_str().expect("an id").to_owned();
    house.pass(TimeDelta::minutes(10));
    let again = customer(&house, "+79161234567").await;
    assert_eq!(again.json()["me"]["id"], id.as_str());
    let kinds = house.kinds(&format!("customer-{id}")).await;
    let started = kinds.iter().filter(|kind| *kind == "customer.session_started").count();
    assert_eq!(started, 2, "{kinds:?}");
}

#[tokio::test]
async fn nothing_in_the_vault_joins_somebody_erased_to_whoever_comes_back_by_the_same_phone() {
    const PHONE: &str = "+79161234567";
    let house = house_with_messages().await;
    let vault = &house.storage.vault;
    let keyed = async || {
        let index = vault.blind_index("sms", PHONE).0;
        let rows = "select person, created_at from outbox where recipient = $1";
        talon_storage::ask!(vault.db(), (Option<String>, i64), rows, &index[..]).expect("asked").len()
    };
    let first = customer(&house, PHONE).await.json()["me"]["id"].as_str().expect("an id").to_owned();
    // One more code is on its way to them when they are erased.
    house.pass(TimeDelta::minutes(10));
    assert_eq!(ask(&house, "phone", PHONE).await.status, StatusCode::ACCEPTED);
    assert_eq!(keyed().await, 1, "the first was taken up, the second waits");
    let id = talon_core::ids::CustomerId::trusted(&first);
    let (by, reason) = (ErasedBy::Customer, EraseReason::Request);
    house.access.customers().erase(&id, by, reason, Actor::system(), house.press()).await.expect("erased");
    assert_eq!(keyed().await, 0, "gone with them, though nobody could say from the row whose it was");

    house.pass(TimeDelta::minutes(10));
    let again = customer(&house, PHONE).await.json()["me"]["id"].as_str().expect("an id").to_owned();
    assert_ne!(again, first);
    assert_eq!(keyed().await, 0, "and what was sent says nothing of its recipient");
    let kept = talon_storage::ask!(vault.db(), (i64,), "select count(*) from outbox").expect("asked");
    assert_eq!(kept, [(2,)], "the rows themselves are counted still");
}

#[tokio::test]
async fn a_customer_signs_in_by_mail_too() {
    let house = house_with_messages().await;
    let asked = ask(&house, "email", "Vera@Example.org").await;
    let (to, text) = house.only_message("mail").await;
    assert_eq!(to, "vera@example.org");
    let done = show(&house, &asked.json()["challenge"], &format!(" {} ", digits(&text))).await;
    assert_eq!(done.json()["me"]["kind"], "CUSTOMER", "{}", done.text);
}

#[tokio::test]
async fn a_customer_renews_lists_and_ends_their_sessions() {
    let house = house_with_messages().await;
    let signed_in = customer(&house, "+79161234567").await;
    let id = signed_in.json()["me"]["id"].as_str().expect("an id").to_owned();
    house.pass(TimeDelta::minutes(5));
    let renewed = post(&house, "/auth/refresh", &[("cookie", signed_in.pair().as_str())], json!({})).await;
    assert_eq!(renewed.json()["me"], signed_in.json()["me"], "{}", renewed.text);
    let listed = fetch(&house, "/auth/sessions", &[("authorization", &bearer(&renewed))]).await.json();
    assert_eq!(listed["sessions"].as_array().map(Vec::len), Some(1));
    for path in ["/auth/password", "/auth/totp/begin"] {
        let form = json!({ "current": "x", "password": "x" });
        let denied = post(&house, path, &[("authorization", &bearer(&renewed))], form).await;
        assert_eq!(denied.code(), "FORBIDDEN", "a customer has no password: {path}");
    }
    let other = house.another_node().await;
    other.bearer(bearer(&renewed).trim_start_matches("Bearer ")).await.expect("good on both");
    let out =
        post(&house, "/auth/logout-everywhere", &[("authorization", &bearer(&renewed))], json!({})).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT, "{}", out.text);
    let gone = fetch(&house, "/auth/sessions", &[("authorization", &bearer(&renewed))]).await;
    assert_eq!(gone.code(), "UNAUTHENTICATED");
    for fact in house.facts(&format!("customer-{id}")).await {
        other.take_in(&fact).await.expect("taken in");
    }
    assert!(other.bearer(bearer(&renewed).trim_start_matches("Bearer ")).await.is_err(), "on every node");
    let restarted = house.another_node().await;
    assert!(
        restarted.bearer(bearer(&renewed).trim_start_matches("Bearer ")).await.is_err(),
        "after a restart"
    );
}

#[tokio::test]
async fn a_code_is_good_once_for_five_minutes_and_five_tries() {
    let house = house_with_messages().await;
    let asked = ask(&house, "phone", "+79161234567").await.json();
    let code = digits(&house.only_message("sms").await.1);
    assert_eq!(show(&house, &asked["challenge"], &other(&code)).await.code(), "WRONG_CODE");
    assert_eq!(show(&house, &asked["challenge"], &code).await.status, StatusCode::OK);
    assert_eq!(show(&house, &asked["challenge"], &code).await.code(), "CHALLENGE_ENDED", "once");
    assert_eq!(show(&house, &json!("made up"), &code).await.code(), "CHALLENGE_ENDED");

    house.pass(TimeDelta::minutes(2));
    let asked = ask(&house, "phone", "+79161234567").await.json();
    let code = digits(&house.only_message("sms").await.1);
    house.pass(TimeDelta::minutes(5));
    assert_eq!(show(&house, &asked["challenge"], &code).await.code(), "CHALLENGE_ENDED", "too late");

    house.pass(TimeDelta::minutes(5));
    let asked = ask(&house, "phone", "+79161234567").await.json();
    let code = digits(&house.only_message("sms").await.1);
    for _ in 0..5 {
        assert_eq!(show(&house, &asked["challenge"], &other(&code)).await.code(), "WRONG_CODE");
    }
    assert_eq!(show(&house, &asked["challenge"], &code).await.code(), "CHALLENGE_ENDED", "tried too often");
    let failures = house.kinds("access-2026-11-20").await;
    assert_eq!(failures.len(), 6, "each miss is a fact: {failures:?}");
}

#[tokio::test]
async fn a_code_of_one_challenge_is_none_of_another() {
    let house = house_with_messages().await;
    let anna = ask(&house, "phone", "+79161234567").await.json();
    let of_anna = digits(&house.only_message("sms").await.1);
    let boris = ask(&house, "phone", "+79161234568").await.json();
    let of_boris = digits(&house.only_message("sms").await.1);
    if of_anna != of_boris {
        assert_eq!(show(&house, &boris["challenge"], &of_anna).await.code(), "WRONG_CODE");
    }
    assert_eq!(show(&house, &anna["challenge"], &of_anna).await.status, StatusCode::OK);
}

#[tokio::test]
async fn two_who_show_a_code_at_once_are_one_sign_in() {
    let house = house_with_messages().await;
    let asked = ask(&house, "phone", "+79161234567").await.json();
    let code = digits(&house.only_message("sms").await.1);
    let (one, two) =
        tokio::join!(show(&house, &asked["challenge"], &code), show(&house, &asked["challenge"], &code));
    let in_now = [one.status, two.status].iter().filter(|it| **it == StatusCode::OK).count();
    assert_eq!(in_now, 1, "{} {}", one.text, two.text);
}

#[tokio::test]
async fn known_and_unknown_phones_are_answered_alike_and_wait_alike() {
    let house = house_with_messages().await;
    customer(&house, "+79161234567").await;
    house.pass(TimeDelta::minutes(10));
    let mut shapes = Vec::new();
    for phone in ["+79161234567", "+79161234568"] {
        let asked = ask(&house, "phone", phone).await;
        let mut body = asked.json();
        assert_eq!(body["challenge"].as_str().map(str::len), Some(43));
        body["challenge"] = json!("");
        let soon = ask(&house, "phone", phone).await;
        shapes.push((asked.status, body, soon.code(), soon.headers["retry-after"].clone()));
    }
    assert_eq!(shapes[0], shapes[1]);
    assert_eq!(shapes[0].2, "TOO_MANY_ATTEMPTS");
    assert_eq!(shapes[0].3, "60");
}

#[tokio::test]
async fn each_further_code_to_one_phone_waits_longer() {
    let house = house_with_messages().await;
    for wait in [60, 120, 240] {
        assert_eq!(ask(&house, "phone", "+79161234567").await.json()["resendAfterS"], wait);
        house.pass(TimeDelta::seconds(wait));
    }
    assert_eq!(house.messages("sms").await.len(), 3);
}

#[tokio::test]
async fn ways_say_what_is_possible_and_the_rest_is_refused() {
    let house = house_with_messages().await;
    let ways = fetch(&house, "/auth/ways", &[]).await.json();
    let expected = json!({
        "password": true, "phone": true, "email": true, "qr": true, "oidc": null, "telegram": false,
    });
    assert_eq!(ways, expected);
    for (kind, value) in
        [("phone", "12"), ("phone", "anna@example.org"), ("email", "+79161234567"), ("email", "")]
    {
        let refused = ask(&house, kind, value).await;
        assert_eq!(
            (refused.code().as_str(), &refused.json()["field"]),
            ("MALFORMED", &json!(kind)),
            "{value}"
        );
    }
    assert_eq!(ask(&house, "messenger", "x").await.code(), "MALFORMED");

    let bare = crate::support::house().await;
    let ways = fetch(&bare, "/auth/ways", &[]).await.json();
    assert_eq!((&ways["phone"], &ways["email"]), (&json!(false), &json!(false)));
    assert_eq!(ask(&bare, "phone", "+79161234567").await.code(), "SMS_OFF");
    assert_eq!(ask(&bare, "email", "vera@example.org").await.code(), "MAIL_OFF");
    assert_eq!(fetch(&bare, "/auth/oidc/start", &[]).await.code(), "WAY_OFF");
}
