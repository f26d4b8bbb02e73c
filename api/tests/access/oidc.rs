//! Signing in through an organisation's own provider: the real `oidc-provider`, started by the test with node. The
//! browser between the two houses is a few lines here.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Stdio,
};

use chrono::TimeDelta;
use http::{StatusCode, header};
use serde_json::{Value, json};
use talon_api::{
    auth::{AuthConfig, OidcProvider},
    config::{Oidc, SecondFactor, Secret},
    outgoing::Outgoing,
};
use talon_core::{ids::OperatorId, staff::event::Role};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{
    account::{bearer, sign_in},
    over_http::{Answer, fetch, post},
    support::{House, at as at_branch, house_of_today},
};

/// Where Talon stands in these tests: nobody listens there, the browser stops at the address.
const TALON: &str = "http://127.0.0.1:8080";

/// The provider's process; it ends with the test.
struct Provider {
    issuer: String,
    _process: Child,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc")
}

/// Nothing where node or the provider's package is not installed: the test says so and passes.
async fn provider(account: Value) -> Option<Provider> {
    if !folder().join("node_modules/oidc-provider").exists() {
        eprintln!("skipped: oidc-provider is not installed (npm ci in api/tests/oidc)");
        return None;
    }
    let told = json!({ "redirect": format!("{TALON}/auth/oidc/callback"), "account": account });
    let started = Command::new("node")
        .arg("provider.mjs")
        .arg(told.to_string())
        .current_dir(folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let Ok(mut process) = started else {
        eprintln!("skipped: node is not installed");
        return None;
    };
    let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
    let issuer = lines.next_line().await.expect("its output").expect("the provider begins to listen");
    Some(Provider { issuer, _process: process })
}

pub(crate) async fn house(issuer: &str, client_secret: &str) -> House {
    house_with(issuer, client_secret, AuthConfig::default()).await
}

async fn house_with(issuer: &str, client_secret: &str, auth: AuthConfig) -> House {
    let config = Oidc {
        issuer: issuer.into(),
        client_id: "talon".into(),
        client_secret: Secret::new(client_secret),
        name: "Почта".into(),
    };
    let provider = OidcProvider::of(&config, &Outgoing::new().expect("calls"));
    house_of_today(AuthConfig { provider, ..auth }).await
}

async fn at(provider: &Provider) -> House {
    house(&provider.issuer, "a secret of this test").await
}

/// A browser that keeps the provider's cookies and goes where it is sent, until that is Talon: the address it was sent to.
async fn at_the_provider(start: &str) -> String {
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let mut cookies = BTreeMap::<String, String>::new();
    let mut at = url(start, start);
    for _ in 0..12 {
        let shown =
            cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let answer =
            client.get(&at).header(header::COOKIE, shown).send().await.expect("the provider answers");
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().expect("text").split(';').next().expect("a pair");
            let (name, value) = pair.split_once('=').expect("a pair");
            cookies.insert(name.into(), value.into());
        }
        let Some(next) =
            answer.headers().get(header::LOCATION).map(|it| it.to_str().expect("text").to_owned())
        else {
            panic!("{} {}", answer.status(), answer.text().await.unwrap_or_default());
        };
        at = url(&at, &next);
        if at.starts_with(TALON) {
            return at;
        }
    }
    panic!("the provider sends the browser round and round: {at}");
}

fn url(base: &str, next: &str) -> String {
    if next.starts_with("http") {
        return next.to_owned();
    }
    let host = base.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    format!("{host}{next}")
}

pub(crate) fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::FOUND, "{}", answer.text);
    answer.headers[header::LOCATION].to_str().expect("text").to_owned()
}

/// Begins at Talon: where the browser is sent, and the cookie it was given.
pub(crate) async fn begin(house: &House, to: &str) -> (String, String) {
    let answer = fetch(house, &format!("/auth/oidc/start?to={to}"), &[]).await;
    let rest = answer.cookie().split_once(';').map(|it| it.1.to_owned());
    let lax = " Path=/auth/oidc; Max-Age=600; HttpOnly; SameSite=Lax";
    assert_eq!(rest.as_deref(), Some(lax), "the way back comes from another site");
    (location(&answer), answer.pair())
}

/// Comes back to Talon by this address with this cookie.
pub(crate) async fn back(house: &House, address: &str, cookie: &str) -> Answer {
    let path = address.trim_start_matches(TALON);
    fetch(house, path, &[("cookie", cookie), ("sec-fetch-site", "cross-site")]).await
}

fn refresh_of(answer: &Answer) -> String {
    let all = answer.headers.get_all(header::SET_COOKIE);
    let found = all.iter().filter_map(|it| it.to_str().ok()).find(|it| it.starts_with("talon_refresh="));
    found.and_then(|it| it.split(';').next()).unwrap_or_default().to_owned()
}

async fn signed_in_as(house: &House, answer: &Answer) -> OperatorId {
    let cookie = refresh_of(answer);
    let renewed = post(house, "/auth/refresh", &[("cookie", &cookie)], json!({})).await;
    assert_eq!(renewed.status, StatusCode::OK, "{}", renewed.text);
    OperatorId::trusted(renewed.json()["me"]["id"].as_str().expect("an id"))
}

fn anna() -> Value {
    json!({ "sub": "Anna-7", "email": "anna@example.org", "email_verified": true })
}

#[tokio::test]
async fn an_account_is_joined_by_its_verified_address_and_found_by_its_subject_from_then_on() {
    let Some(provider) = provider(anna()).await else { return };
    let house = at(&provider).await;
    let id = house.anna().await;
    let ways = fetch(&house, "/auth/ways", &[]).await.json();
    assert_eq!(ways["oidc"], json!({ "name": "Почта" }));
    for round in ["first", "again"] {
        let (start, cookie) = begin(&house, "/operator").await;
        assert!(start.contains("code_challenge_method=S256") && start.contains("nonce="), "{start}");
        let done = back(&house, &at_the_provider(&start).await, &cookie).await;
        assert_eq!(location(&done), "/operator", "{round}");
        assert_eq!(signed_in_as(&house, &done).await, id, "{round}");
    }
    let kinds = house.kinds(&format!("staff-{id}")).await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "staff.account_linked").count(), 1, "{kinds:?}");
    let facts = house.facts(&format!("staff-{id}")).await;
    let started = facts.iter().find(|it| it.event.wire().0 == "staff.session_started").expect("a sign-in");
    assert!(String::from_utf8_lossy(&started.event.data()).contains("\"oidc\""));
}

#[tokio::test]
async fn whoever_the_provider_vouches_for_needs_no_second_factor_here() {
    let Some(provider) = provider(anna()).await else { return };
    let auth = AuthConfig { second_factor: SecondFactor::Staff, ..AuthConfig::default() };
    let house = house_with(&provider.issuer, "a secret of this test", auth).await;
    house.employ("anna@example.org", Role::Head, at_branch("centre")).await;
    let (start, cookie) = begin(&house, "/operator").await;
    let done = back(&house, &at_the_provider(&start).await, &cookie).await;
    let renewed = post(&house, "/auth/refresh", &[("cookie", &refresh_of(&done))], json!({})).await;
    assert_eq!(renewed.json()["me"]["mustSetUpSecondFactor"], false, "{}", renewed.text);
    let bearer = bearer(&renewed);
    assert_eq!(fetch(&house, "/manage", &[("authorization", &bearer)]).await.text, "done");
    let token = bearer.trim_start_matches("Bearer ");
    let elsewhere = house.another_node().await.verify(token).expect("signed in there too");
    assert!(!elsewhere.must_set_up_second_factor, "the log says how the session began");
    let (_, by_password) = sign_in(&house, "anna@example.org", "").await;
    assert_eq!(by_password.json()["me"]["mustSetUpSecondFactor"], true);
}

#[tokio::test]
async fn an_address_that_nobody_verified_opens_no_account() {
    let account = json!({ "sub": "mallory", "email": "anna@example.org", "email_verified": false });
    let Some(provider) = provider(account).await else { return };
    let house = at(&provider).await;
    let id = house.anna().await;
    let (start, cookie) = begin(&house, "/operator").await;
    let done = back(&house, &at_the_provider(&start).await, &cookie).await;
    assert_eq!(location(&done), "/login#problem=NOT_VOUCHED_FOR");
    assert_eq!(refresh_of(&done), "");
    assert!(!house.kinds(&format!("staff-{id}")).await.contains(&"staff.account_linked".to_owned()));
}

#[tokio::test]
async fn strangers_and_dismissed_colleagues_are_not_let_in() {
    let Some(provider) = provider(anna()).await else { return };
    let house = at(&provider).await;
    let (start, cookie) = begin(&house, "/operator").await;
    let done = back(&house, &at_the_provider(&start).await, &cookie).await;
    assert_eq!(location(&done), "/login#problem=NOT_VOUCHED_FOR", "nobody of ours");
    let id = house.anna().await;
    house.dismiss(&id).await;
    let (start, cookie) = begin(&house, "/operator").await;
    let done = back(&house, &at_the_provider(&start).await, &cookie).await;
    assert_eq!(location(&done), "/login#problem=NOT_VOUCHED_FOR", "dismissed");
}

#[tokio::test]
async fn the_way_back_is_good_once_in_the_browser_that_left_and_for_ten_minutes() {
    let Some(provider) = provider(anna()).await else { return };
    let house = at(&provider).await;
    house.anna().await;
    let ended = "/login#problem=CHALLENGE_ENDED";
    let (start, cookie) = begin(&house, "/operator").await;
    let returned = at_the_provider(&start).await;
    let (_, other) = begin(&house, "/operator").await;
    assert_eq!(location(&back(&house, &returned, "").await), ended, "another browser");
    assert_eq!(location(&back(&house, &returned, &other).await), ended, "another journey's cookie");
    assert_eq!(location(&back(&house, &returned, &cookie).await), "/operator");
    assert_eq!(location(&back(&house, &returned, &cookie).await), ended, "twice");
    let (start, cookie) = begin(&house, "/operator").await;
    let returned = at_the_provider(&start).await;
    house.pass(TimeDelta::minutes(10));
    assert_eq!(location(&back(&house, &returned, &cookie).await), ended, "too late");
}

#[tokio::test]
async fn a_word_that_has_run_out_opens_nothing() {
    let Some(provider) = provider(anna()).await else { return };
    let house = at(&provider).await;
    house.anna().await;
    let (start, cookie) = begin(&house, "/operator").await;
    let returned = at_the_provider(&start).await;
    house.pass(TimeDelta::minutes(5));
    let done = back(&house, &returned, &cookie).await;
    assert_eq!(location(&done), "/login#problem=NOT_VOUCHED_FOR");
}

#[tokio::test]
async fn nobody_is_sent_elsewhere_after_signing_in() {
    let Some(provider) = provider(anna()).await else { return };
    let house = at(&provider).await;
    house.anna().await;
    let (start, cookie) = begin(&house, "//evil.example/").await;
    let done = back(&house, &at_the_provider(&start).await, &cookie).await;
    assert_eq!(location(&done), "/");
}
