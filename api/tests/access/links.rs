//! Links that set a password: good once, for a while, and void when another one was given out.

use chrono::TimeDelta;
use http::StatusCode;
use serde_json::json;

use crate::{
    over_http::{Answer, post},
    support::{House, PASSWORD, house},
};

const NEW: &str = "seven green bicycles";

async fn complete(house: &House, token: &str, password: &str) -> Answer {
    post(house, "/auth/invitation/complete", &[], json!({ "token": token, "password": password })).await
}

#[tokio::test]
async fn an_invitation_sets_the_first_password_and_signs_in() {
    let house = house().await;
    let anna = house.anna().await;
    let former = house.access.invitation(&anna).await.expect("a link").token;
    let link = house.access.invitation(&anna).await.expect("a link").token;
    assert_eq!(complete(&house, &former, NEW).await.code(), "LINK_VOID", "another one was given out");
    assert_eq!(complete(&house, "made up", NEW).await.code(), "LINK_VOID");
    let weak = complete(&house, &link, "1987-04-12").await;
    assert_eq!((weak.code().as_str(), weak.json()["field"].as_str()), ("WEAK_PASSWORD", Some("password")));
    let done = complete(&house, &link, NEW).await;
    assert_eq!(done.status, StatusCode::OK, "a weak password does not use the link up: {}", done.text);
    assert_eq!(done.json()["me"]["id"], anna.as_str());
    assert!(done.cookie().starts_with("talon_refresh="));
    assert_eq!(complete(&house, &link, NEW).await.code(), "LINK_VOID", "once");
    let old = json!({ "email": "anna@example.org", "password": PASSWORD });
    assert_eq!(post(&house, "/auth/login", &[], old).await.code(), "WRONG_DETAILS");
}

#[tokio::test]
async fn an_invitation_runs_out_and_opens_nothing_for_whoever_was_dismissed() {
    let house = house().await;
    let anna = house.anna().await;
    let link = house.access.invitation(&anna).await.expect("a link").token;
    house.pass(TimeDelta::days(7));
    assert_eq!(complete(&house, &link, NEW).await.code(), "LINK_VOID");
    let link = house.access.invitation(&anna).await.expect("a link").token;
    house.dismiss(&anna).await;
    assert_eq!(complete(&house, &link, NEW).await.code(), "LINK_VOID");
    let reasons: Vec<_> = house.facts("access-2026-11-27").await.iter().map(|it| it.event.data()).collect();
    assert!(String::from_utf8_lossy(&reasons[1]).contains("\"dismissed\""), "{reasons:?}");
}

#[tokio::test]
async fn a_link_shown_by_two_at_once_lets_one_in() {
    let house = house().await;
    let anna = house.anna().await;
    let link = house.access.invitation(&anna).await.expect("a link").token;
    let (one, other) = tokio::join!(complete(&house, &link, NEW), complete(&house, &link, NEW));
    let in_now = [one.status, other.status].iter().filter(|it| **it == StatusCode::OK).count();
    assert_eq!(in_now, 1, "{} {}", one.text, other.text);
}

#[tokio::test]
async fn guessing_links_locks_the_address() {
    let house = house().await;
    for _ in 0..21 {
        assert_eq!(complete(&house, "made up", NEW).await.code(), "LINK_VOID");
    }
    assert_eq!(complete(&house, "made up", NEW).await.code(), "TOO_MANY_ATTEMPTS");
}
