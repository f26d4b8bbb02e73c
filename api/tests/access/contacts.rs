//! A second contact, over HTTP and through the outbox: proven by digits of its own, and a way in afterwards.

use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    account::bearer,
    codes::customer,
    messages::digits,
    over_http::{Answer, fetch, post},
    support::{House, house_with_messages},
};

const PHONE: &str = "+79161234567";
const EMAIL: &str = "vera@example.org";

async fn ask(house: &House, pass: &str, kind: &str, value: &str) -> Answer {
    let form = json!({ "kind": kind, "value": value });
    post(house, "/api/v1/me/contacts", &[("authorization", pass)], form).await
}

async fn show(house: &House, pass: &str, challenge: &Value, code: &str) -> Answer {
    let form = json!({ "challenge": challenge, "code": code });
    post(house, "/api/v1/me/contacts/confirm", &[("authorization", pass)], form).await
}

async fn sign_in(house: &House, kind: &str, value: &str) -> Answer {
    let asked = post(house, "/auth/code", &[], json!({ "kind": kind, "value": value })).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.text);
    let (_, text) = house.only_message(if kind == "phone" { "sms" } else { "mail" }).await;
    let form = json!({ "challenge": asked.json()["challenge"], "code": digits(&text) });
    post(house, "/auth/code/confirm", &[], form).await
}

fn id(answer: &Answer) -> String {
    answer.json()["me"]["id"].as_str().expect("an id").to_owned()
}

fn other(code: &str) -> String {
    let number: u32 = code.parse().expect("digits");
    format!("{:06}", (number + 1) % 1_000_000)
}

/// How many contacts were added to the one the customer was registered by.
async fn added(house: &House, customer: &str) -> usize {
    let kinds = house.kinds(&format!("customer-{customer}")).await;
    kinds.iter().filter(|kind| *kind == "customer.contact_added").count() - 1
}

#[tokio::test]
async fn a_customer_adds_an_address_to_a_phone_and_comes_in_by_either() {
    let house = house_with_messages().await;
    let first = customer(&house, PHONE).await;
    let pass = bearer(&first);
    let asked = ask(&house, &pass, "email", "Vera@Example.org").await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.text);
    let (to, text) = house.only_message("mail").await;
    assert_eq!(to, EMAIL);
    let (code, challenge) = (digits(&text), &asked.json()["challenge"]);
    assert_eq!(show(&house, &pass, challenge, &other(&code)).await.code(), "WRONG_CODE");
    assert_eq!(added(&house, &id(&first)).await, 0, "nothing before the digits were shown");
    let done = show(&house, &pass, challenge, &code).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.text);
    assert_eq!(added(&house, &id(&first)).await, 1);
    assert_eq!(show(&house, &pass, challenge, &code).await.code(), "CHALLENGE_ENDED", "once");
    assert_eq!(id(&sign_in(&house, "email", EMAIL).await), id(&first));
    house.pass(chrono::TimeDelta::minutes(2));
    assert_eq!(id(&sign_in(&house, "phone", PHONE).await), id(&first));
}

#[tokio::test]
async fn the_other_way_round_too_and_one_s_own_again_changes_nothing() {
    let house = house_with_messages().await;
    let first = sign_in(&house, "email", EMAIL).await;
    let pass = bearer(&first);
    for (kind, value, how) in [("phone", PHONE, "sms"), ("email", EMAIL, "mail")] {
        let asked = ask(&house, &pass, kind, value).await;
        let (_, text) = house.only_message(how).await;
        let done = show(&house, &pass, &asked.json()["challenge"], &digits(&text)).await;
        assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.text);
    }
    assert_eq!(added(&house, &id(&first)).await, 1);
    assert_eq!(id(&sign_in(&house, "phone", PHONE).await), id(&first));
}

#[tokio::test]
async fn whose_a_contact_is_shows_to_nobody_but_its_holder() {
    let house = house_with_messages().await;
    let boris = sign_in(&house, "email", EMAIL).await;
    let vera = customer(&house, PHONE).await;
    let pass = bearer(&vera);
    house.pass(chrono::TimeDelta::minutes(2));
    let pass = {
        let renewed = post(&house, "/auth/refresh", &[("cookie", vera.pair().as_str())], json!({})).await;
        if renewed.status == StatusCode::OK { bearer(&renewed) } else { pass }
    };
    let taken = ask(&house, &pass, "email", EMAIL).await;
    let (_, text) = house.only_message("mail").await;
    let free = ask(&house, &pass, "email", "nobody@example.org").await;
    let (_, unused) = house.only_message("mail").await;
    assert_eq!((taken.status, free.status), (StatusCode::ACCEPTED, StatusCode::ACCEPTED));
    let shape = |answer: &Answer| {
        let body = answer.json();
        (body["expiresAt"].clone(), body["resendAfterS"].clone(), body["challenge"].as_str().map(str::len))
    };
    assert_eq!(shape(&taken), shape(&free));
    for (asked, text) in [(&taken, &text), (&free, &unused)] {
        let wrong = show(&house, &pass, &asked.json()["challenge"], &other(&digits(text))).await;
        assert_eq!((wrong.status, wrong.code()), (StatusCode::UNPROCESSABLE_ENTITY, "WRONG_CODE".into()));
    }
    let refused = show(&house, &pass, &taken.json()["challenge"], &digits(&text)).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    assert_eq!(added(&house, &id(&vera)).await, 0);
    house.pass(chrono::TimeDelta::minutes(5));
    assert_eq!(id(&sign_in(&house, "email", EMAIL).await), id(&boris), "it stays whose it was");
}

#[tokio::test]
async fn a_code_is_its_customers_and_good_for_one_thing() {
    let house = house_with_messages().await;
    let vera = bearer(&customer(&house, PHONE).await);
    let boris = bearer(&customer(&house, "+79161234568").await);
    let asked = ask(&house, &vera, "email", EMAIL).await.json();
    let (_, text) = house.only_message("mail").await;
    let stolen = show(&house, &boris, &asked["challenge"], &digits(&text)).await;
    assert_eq!(stolen.code(), "CHALLENGE_ENDED", "somebody else's");
    let form = json!({ "challenge": asked["challenge"], "code": digits(&text) });
    assert_eq!(post(&house, "/auth/code/confirm", &[], form).await.code(), "CHALLENGE_ENDED", "no way in");
    let sign_in =
        post(&house, "/auth/code", &[], json!({ "kind": "email", "value": "anna@example.org" })).await;
    let (_, way_in) = house.only_message("mail").await;
    let used = show(&house, &vera, &sign_in.json()["challenge"], &digits(&way_in)).await;
    assert_eq!(used.code(), "CHALLENGE_ENDED", "a code to sign in adds nothing");
    let done = show(&house, &vera, &asked["challenge"], &digits(&text)).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.text);
    for path in ["/api/v1/me/contacts", "/api/v1/me/contacts/confirm"] {
        let form = json!({ "kind": "phone", "value": PHONE, "challenge": "x", "code": "000000" });
        assert_eq!(post(&house, path, &[], form).await.code(), "UNAUTHENTICATED", "{path}");
    }
    assert_eq!(fetch(&house, "/auth/ways", &[]).await.status, StatusCode::OK);
}
