//! The way back for whoever forgot the password, over HTTP and through the outbox.

use chrono::TimeDelta;
use http::StatusCode;
use serde_json::json;
use talon_api::auth::NewDetails;
use talon_core::staff::event::Role;

use crate::{
    account::sign_in,
    messages::fragment,
    over_http::{Answer, fetch, post},
    support::{House, PASSWORD, at, house, house_with_messages},
};

const NEW: &str = "seven green bicycles";

async fn ask(house: &House, email: &str) -> Answer {
    post(house, "/auth/recovery", &[("accept-language", "en")], json!({ "email": email })).await
}

async fn complete(house: &House, token: &str, password: &str) -> Answer {
    post(house, "/auth/recovery/complete", &[], json!({ "token": token, "password": password })).await
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_the_link_in_the_mail_once() {
    let house = house_with_messages().await;
    let anna = house.anna().await;
    let (before, cookie) = sign_in(&house, "anna@example.org", "").await;
    let asked = ask(&house, " Anna@example.org").await;
    assert_eq!((asked.status, asked.text.as_str()), (StatusCode::ACCEPTED, ""));
    let (to, text) = house.only_message("mail").await;
    assert_eq!(to, "anna@example.org");
    assert!(text.contains("/login/recover#"), "{text}");
    let token = fragment(&text);
    let weak = complete(&house, &token, "anna@example.org").await;
    assert_eq!(weak.code(), "WEAK_PASSWORD");
    let done = complete(&house, &token, NEW).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.text);
    assert_eq!(done.cookie(), "", "the second factor may still be asked for: nobody is signed in by a link");
    assert_eq!(complete(&house, &token, NEW).await.code(), "LINK_VOID", "once");
    assert_eq!(
        fetch(&house, "/auth/sessions", &[("authorization", &before)]).await.code(),
        "UNAUTHENTICATED"
    );
    let refreshed = post(&house, "/auth/refresh", &[("cookie", cookie.pair().as_str())], json!({})).await;
    assert_eq!(refreshed.code(), "SESSION_ENDED", "every session ends");
    let old = json!({ "email": "anna@example.org", "password": PASSWORD });
    assert_eq!(post(&house, "/auth/login", &[], old).await.code(), "WRONG_DETAILS");
    let new = json!({ "email": "anna@example.org", "password": NEW });
    assert_eq!(post(&house, "/auth/login", &[], new).await.status, StatusCode::OK);
    let told = house.only_message("mail").await;
    assert_eq!(told.0, "anna@example.org", "whoever did not do this learns of it");
    assert!(!told.1.contains('#'), "{}", told.1);
    let facts = house.facts(&format!("staff-{anna}")).await;
    let changed = facts.iter().find(|it| it.event.wire().0 == "staff.password_changed").expect("a fact");
    assert_eq!(changed.event.data(), r#"{"how":"recovered"}"#);
}

#[tokio::test]
async fn nobody_learns_whether_there_is_such_an_account() {
    let house = house_with_messages().await;
    house.anna().await;
    let gone = house.employ("gone@example.org", Role::Head, at("centre")).await;
    house.dismiss(&gone).await;
    let mut answers = Vec::new();
    for email in ["anna@example.org", "gone@example.org", "nobody@example.org", "not an address", ""] {
        let answer = ask(&house, email).await;
        answers.push((answer.status, answer.text, answer.headers));
    }
    assert_eq!(answers[0].0, StatusCode::ACCEPTED);
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    assert_eq!(house.only_message("mail").await.0, "anna@example.org");
}

#[tokio::test]
async fn another_link_makes_the_first_one_void_and_none_is_good_after_half_an_hour() {
    let house = house_with_messages().await;
    house.anna().await;
    ask(&house, "anna@example.org").await;
    let first = fragment(&house.only_message("mail").await.1);
    house.pass(TimeDelta::minutes(5));
    ask(&house, "anna@example.org").await;
    let second = fragment(&house.only_message("mail").await.1);
    assert_eq!(complete(&house, &first, NEW).await.code(), "LINK_VOID");
    house.pass(TimeDelta::minutes(30));
    assert_eq!(complete(&house, &second, NEW).await.code(), "LINK_VOID");
    let reasons: Vec<_> = house.facts("access-2026-11-20").await.iter().map(|it| it.event.data()).collect();
    assert!(reasons.iter().all(|it| String::from_utf8_lossy(it).contains("\"recovery\"")), "{reasons:?}");
    assert_eq!(reasons.len(), 2);
}

#[tokio::test]
async fn asking_again_and_again_locks_known_and_unknown_accounts_alike() {
    let house = house_with_messages().await;
    house.anna().await;
    for email in ["anna@example.org", "nobody@example.org"] {
        for _ in 0..3 {
            assert_eq!(ask(&house, email).await.status, StatusCode::ACCEPTED);
        }
        let locked = ask(&house, email).await;
        assert_eq!(
            (locked.code().as_str(), &locked.headers["retry-after"]),
            ("TOO_MANY_ATTEMPTS", &"60".parse().expect("a value"))
        );
    }
    assert_eq!(house.messages("mail").await.len(), 3);
}

#[tokio::test]
async fn without_mail_everybody_is_told_so() {
    let house = house().await;
    house.anna().await;
    for email in ["anna@example.org", "nobody@example.org"] {
        assert_eq!(ask(&house, email).await.code(), "MAIL_OFF");
    }
}

#[tokio::test]
async fn another_address_is_told_at_the_old_one() {
    let house = house_with_messages().await;
    let anna = house.anna().await;
    let boss = house.boss();
    let new = NewDetails { email: Some("anna@example.com".into()), ..NewDetails::default() };
    house.access.change_details(&house.order(&boss), &anna, new).await.expect("changed");
    let (to, text) = house.only_message("mail").await;
    assert_eq!(to, "anna@example.org");
    assert!(!text.contains("example.com"), "nobody reads there where she went: {text}");
    let form = json!({ "email": "anna@example.org", "password": PASSWORD });
    assert_eq!(post(&house, "/auth/login", &[], form).await.code(), "WRONG_DETAILS");
}

#[tokio::test]
async fn an_address_that_never_became_somebodys_opens_nothing_of_theirs() {
    let house = house_with_messages().await;
    let anna = house.anna().await;
    // What a change leaves behind that broke off half-way.
    let put = house.storage.vault.put_identity("email", "alias@example.org", anna.as_str()).await;
    assert_eq!(put.ok(), Some(true));
    let form = json!({ "email": "alias@example.org", "password": PASSWORD });
    assert_eq!(post(&house, "/auth/login", &[], form).await.code(), "WRONG_DETAILS");
    assert_eq!(ask(&house, "alias@example.org").await.status, StatusCode::ACCEPTED);
    assert_eq!(house.messages("mail").await, []);
    ask(&house, "anna@example.org").await;
    assert_eq!(house.only_message("mail").await.0, "anna@example.org");
}
