//! Signing in by QR over HTTP: one screen asks, a signed-in phone answers, the first screen takes it; once, in a minute.

use axum::body::Body;
use chrono::TimeDelta;
use futures_util::StreamExt;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use sha2::Digest;
use talon_api::auth::{AuthConfig, OutsideNews, Subject};
use talon_core::time::Clock;
use tower::ServiceExt;

use crate::{
    account::{bearer, sign_in},
    codes::customer,
    over_http::{Answer, fetch, post, router},
    support::{House, house, house_with, house_with_messages},
};

const SCREEN: &str = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/128.0";

struct Shown {
    id: String,
    secret: String,
    code: String,
    cookie: String,
}

async fn shown(house: &House) -> Shown {
    shown_at(house, Some("2026-11-20T09:01:00.000Z")).await
}

async fn shown_at(house: &House, until: Option<&str>) -> Shown {
    let answer = post(house, "/auth/qr", &[("user-agent", SCREEN)], json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let body = answer.json();
    let text = |key: &str| body[key].as_str().expect("text").to_owned();
    if let Some(until) = until {
        assert_eq!(text("expiresAt"), until);
    }
    assert!(text("svg").contains("<svg"));
    let url = text("url");
    let (page, code) = url.split_once('#').expect("a fragment");
    assert!(page.ends_with(&format!("/login/qr/{}", text("id"))), "{url}");
    assert!(!url.contains(&text("secret")), "the screen's secret stays with the screen");
    let cookie = answer.pair();
    let rest = answer.cookie().split_once(';').expect("attributes").1.to_owned();
    assert_eq!(rest, " Path=/auth/qr; Max-Age=60; HttpOnly; SameSite=Strict");
    Shown { id: text("id"), secret: text("secret"), code: code.to_owned(), cookie }
}

async fn answer(house: &House, shown: &Shown, what: &str, code: &str, bearer: &str) -> Answer {
    let path = format!("/auth/qr/{}/{what}", shown.id);
    post(house, &path, &[("authorization", bearer)], json!({ "code": code })).await
}

async fn take(house: &House, shown: &Shown, secret: &str) -> Answer {
    let path = format!("/auth/qr/{}/take", shown.id);
    post(house, &path, &[("user-agent", SCREEN)], json!({ "secret": secret })).await
}

#[tokio::test]
async fn a_phone_that_is_signed_in_lets_the_screen_in_once() {
    let house = house().await;
    let anna = house.anna().await;
    let (phone, _) = sign_in(&house, "anna@example.org", "").await;
    let qr = shown(&house).await;
    let asked = fetch(&house, &format!("/auth/qr/{}", qr.id), &[("authorization", &phone)]).await.json();
    assert_eq!(
        (&asked["label"], &asked["askedAt"]),
        (&json!("Firefox, Windows"), &json!("2026-11-20T09:00:00.000Z"))
    );
    assert_eq!(take(&house, &qr, &qr.secret).await.code(), "QR_WAITING");
    assert_eq!(answer(&house, &qr, "confirm", &qr.code, &phone).await.status, StatusCode::NO_CONTENT);
    assert_eq!(answer(&house, &qr, "confirm", &qr.code, &phone).await.code(), "QR_ENDED", "it was answered");
    let taken = take(&house, &qr, &qr.secret).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text);
    assert_eq!(taken.json()["me"]["id"], anna.as_str());
    assert!(taken.cookie().starts_with("talon_refresh="));
    assert_eq!(take(&house, &qr, &qr.secret).await.code(), "QR_ENDED", "once");
    let sessions = fetch(&house, "/auth/sessions", &[("authorization", &phone)]).await.json();
    assert_eq!(sessions["sessions"][1]["label"], "Firefox, Windows", "a session of its own");
}

#[tokio::test]
async fn a_customer_lets_a_screen_in_as_themselves() {
    let house = house_with_messages().await;
    let vera = customer(&house, "+79161234567").await;
    let qr = shown(&house).await;
    let phone = crate::account::bearer(&vera);
    assert_eq!(answer(&house, &qr, "confirm", &qr.code, &phone).await.status, StatusCode::NO_CONTENT);
    assert_eq!(take(&house, &qr, &qr.secret).await.json()["me"], vera.json()["me"]);
}

#[tokio::test]
async fn a_minute_is_all_there_is() {
    let house = house().await;
    house.anna().await;
    let (phone, _) = sign_in(&house, "anna@example.org", "").await;
    let qr = shown(&house).await;
    house.pass(TimeDelta::seconds(60));
    assert_eq!(answer(&house, &qr, "confirm", &qr.code, &phone).await.code(), "QR_ENDED");
    assert_eq!(take(&house, &qr, &qr.secret).await.code(), "QR_ENDED");
    let asked = fetch(&house, &format!("/auth/qr/{}", qr.id), &[("authorization", &phone)]).await;
    assert_eq!((asked.status, asked.code().as_str()), (StatusCode::GONE, "QR_ENDED"));
}

#[tokio::test]
async fn neither_id_nor_code_nor_secret_alone_opens_anything() {
    let house = house().await;
    house.anna().await;
    let (phone, _) = sign_in(&house, "anna@example.org", "").await;
    let qr = shown(&house).await;
    assert_eq!(answer(&house, &qr, "confirm", "guessed", &phone).await.code(), "WRONG_CODE");
    let path = format!("/auth/qr/{}/confirm", qr.id);
    let stranger = post(&house, &path, &[], json!({ "code": qr.code })).await;
    assert_eq!(stranger.code(), "UNAUTHENTICATED", "whoever is nobody lets nobody in");
    assert_eq!(answer(&house, &qr, "confirm", &qr.code, &phone).await.status, StatusCode::NO_CONTENT);
    assert_eq!(take(&house, &qr, &qr.code).await.code(), "NOT_FOUND");
    assert_eq!(take(&house, &qr, "guessed").await.code(), "NOT_FOUND");
    let other = shown(&house).await;
    assert_eq!(take(&house, &qr, &other.secret).await.code(), "NOT_FOUND", "another screen's secret");
    assert_eq!(take(&house, &qr, &qr.secret).await.status, StatusCode::OK);

    for _ in 0..5 {
        assert_eq!(answer(&house, &other, "confirm", "guessed", &phone).await.code(), "WRONG_CODE");
    }
    assert_eq!(
        answer(&house, &other, "confirm", &other.code, &phone).await.code(),
        "QR_ENDED",
        "tried too often"
    );
}

#[tokio::test]
async fn a_phone_that_says_no_ends_it() {
    let house = house().await;
    house.anna().await;
    let (phone, _) = sign_in(&house, "anna@example.org", "").await;
    let qr = shown(&house).await;
    assert_eq!(answer(&house, &qr, "refuse", &qr.code, &phone).await.status, StatusCode::NO_CONTENT);
    assert_eq!(take(&house, &qr, &qr.secret).await.code(), "QR_ENDED");
    assert_eq!(answer(&house, &qr, "confirm", &qr.code, &phone).await.code(), "QR_ENDED");
}

#[tokio::test]
async fn a_session_by_qr_lasts_no_longer_than_the_one_that_let_it_in() {
    let house = house().await;
    house.anna().await;
    let mut phone = sign_in(&house, "anna@example.org", "").await.1;
    let renewed = async |answer: &Answer| {
        post(&house, "/auth/refresh", &[("cookie", answer.pair().as_str())], json!({})).await
    };
    for _ in 0..15 {
        house.pass(TimeDelta::hours(11));
        phone = renewed(&phone).await;
        assert_eq!(phone.status, StatusCode::OK, "{}", phone.text);
    }
    let qr = shown_at(&house, None).await;
    let confirmed = answer(&house, &qr, "confirm", &qr.code, &bearer(&phone)).await;
    assert_eq!(confirmed.status, StatusCode::NO_CONTENT);
    let screen = take(&house, &qr, &qr.secret).await;
    assert_eq!(screen.status, StatusCode::OK, "{}", screen.text);
    house.pass(TimeDelta::hours(11));
    assert_eq!(renewed(&phone).await.code(), "SESSION_ENDED", "seven days are over");
    assert_eq!(renewed(&screen).await.code(), "SESSION_ENDED", "for the screen too");
}

#[tokio::test]
async fn a_session_that_ended_meanwhile_lets_nobody_in() {
    let house = house().await;
    house.anna().await;
    let (phone, _) = sign_in(&house, "anna@example.org", "").await;
    let qr = shown(&house).await;
    assert_eq!(answer(&house, &qr, "confirm", &qr.code, &phone).await.status, StatusCode::NO_CONTENT);
    let out = post(&house, "/auth/logout-everywhere", &[("authorization", &phone)], json!({})).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert_eq!(take(&house, &qr, &qr.secret).await.code(), "QR_ENDED");
}

#[tokio::test]
async fn whoever_came_by_another_service_lets_no_screen_in() {
    let house = house_with(AuthConfig { outside_tokens: true, ..AuthConfig::default() }).await;
    let anna = house.anna().await;
    let news = OutsideNews::Created {
        token: sha2::Sha256::digest(b"from elsewhere").into(),
        subject: Subject::Staff(anna),
        expires_at: house.clock.now() + TimeDelta::hours(1),
    };
    house.access.take_note(news).await.expect("noted");
    let elsewhere = "Bearer from elsewhere";
    let me = fetch(&house, "/auth/sessions", &[("authorization", elsewhere)]).await;
    assert_eq!(me.status, StatusCode::OK, "the token itself is good: {}", me.text);
    let qr = shown(&house).await;
    assert_eq!(answer(&house, &qr, "confirm", &qr.code, elsewhere).await.code(), "UNAUTHENTICATED");
    assert_eq!(take(&house, &qr, &qr.secret).await.code(), "QR_WAITING");
}

/// The events of a line, up to its end.
async fn line(house: &House, qr: &Shown, headers: &[(&str, &str)], until: impl AsyncFnOnce()) -> Vec<String> {
    let mut request = Request::get(format!("/auth/qr/{}/events", qr.id));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response =
        router(house).oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
    let mut frames = response.into_body().into_data_stream();
    let first = frames.next().await.expect("an event").expect("a frame");
    until().await;
    let mut text = String::from_utf8_lossy(&first).into_owned();
    while let Some(frame) = frames.next().await {
        text.push_str(&String::from_utf8_lossy(&frame.expect("a frame")));
    }
    text.lines().filter_map(|it| it.strip_prefix("event: ")).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_screen_hears_what_becomes_of_its_code() {
    let house = house().await;
    house.anna().await;
    let (phone, _) = sign_in(&house, "anna@example.org", "").await;
    let qr = shown(&house).await;
    let by_cookie = [("cookie", qr.cookie.as_str())];
    let heard = line(&house, &qr, &by_cookie, async || {
        answer(&house, &qr, "confirm", &qr.code, &phone).await;
    });
    assert_eq!(heard.await, ["waiting", "confirmed"]);
    let late = shown(&house).await;
    let by_header = [("talon-qr-secret", late.secret.as_str())];
    let heard = line(&house, &late, &by_header, async || house.pass(TimeDelta::seconds(60)));
    assert_eq!(heard.await, ["waiting", "expired"]);
    for headers in [vec![], vec![("cookie", "talon_qr=guessed")]] {
        let qr = shown_later(&house).await;
        let path = format!(
            "/auth/qr/{}/events?secret={}",
            qr["id"].as_str().expect("id"),
            qr["secret"].as_str().expect("secret")
        );
        assert_eq!(fetch(&house, &path, &headers).await.code(), "NOT_FOUND", "never by the address");
    }
}

async fn shown_later(house: &House) -> Value {
    post(house, "/auth/qr", &[], json!({})).await.json()
}

#[tokio::test]
async fn making_codes_without_end_locks_the_address() {
    let house = house().await;
    for _ in 0..31 {
        assert_eq!(post(&house, "/auth/qr", &[], json!({})).await.status, StatusCode::OK);
    }
    assert_eq!(post(&house, "/auth/qr", &[], json!({})).await.code(), "TOO_MANY_ATTEMPTS");
}
