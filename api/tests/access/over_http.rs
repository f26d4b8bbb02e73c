//! Getting in over HTTP: cookies, problems, pages of other sites; and who a request comes from.

use std::{collections::BTreeMap, net::SocketAddr};

use crate::support::{House, PASSWORD, at, house, house_with};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{ConnectInfo, FromRef},
    middleware,
    routing::get,
};
use chrono::TimeDelta;
use http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};
use talon_api::{
    auth::{Access, AuthConfig, Caller, ClientAddress, NewDevice, Permission, Who},
    http::{access, problem},
};
use talon_core::{
    device::event::DeviceKind,
    fact::Actor,
    ids::{BranchId, CommandId, DeviceId},
    refusal::Refusal,
    staff::event::Role,
};
use tower::ServiceExt;
use uuid::Uuid;

#[derive(Clone)]
struct AppState {
    access: Access,
}

impl FromRef<AppState> for Access {
    fn from_ref(state: &AppState) -> Self {
        state.access.clone()
    }
}

async fn who(Caller(caller): Caller, ClientAddress(from): ClientAddress) -> String {
    let name = match caller.who {
        Who::Staff { .. } => "staff",
        Who::Customer { .. } => "customer",
        Who::Device { .. } => "device",
        Who::Nobody => "nobody",
    };
    format!("{name} from {from}")
}

async fn manage(Caller(caller): Caller) -> Result<&'static str, problem::Problem> {
    caller.require(Permission::ManageDay, Some(&BranchId::trusted("centre")))?;
    Ok("done")
}

pub(crate) fn router(house: &House) -> Router {
    Router::new()
        .merge(access::routes())
        .merge(access::lasting())
        .route("/who", get(who))
        .route("/manage", get(manage))
        .layer(middleware::from_fn(problem::in_words))
        .with_state(AppState { access: house.access.clone() })
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub(crate) fn code(&self) -> String {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json; charset=utf-8");
        self.json()["code"].as_str().expect("a code").to_owned()
    }

    pub(crate) fn cookie(&self) -> &str {
        self.headers.get(header::SET_COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// What a browser sends back.
    pub(crate) fn pair(&self) -> String {
        self.cookie().split(';').next().unwrap_or_default().to_owned()
    }
}

async fn send(house: &House, request: Request<Body>) -> Answer {
    let response = router(house).oneshot(request).await.expect("an answer");
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body, 100_000).await.expect("a body");
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    Answer { status: head.status, headers: head.headers, text }
}

pub(crate) async fn post(house: &House, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
    let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(house, request.body(Body::from(body.to_string())).expect("a request")).await
}

pub(crate) async fn fetch(house: &House, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).expect("a request");
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 7], 4000))));
    send(house, request).await
}

async fn login(house: &House, headers: &[(&str, &str)]) -> Answer {
    let form = json!({ "email": "anna@example.org", "password": PASSWORD });
    post(house, "/auth/login", headers, form).await
}

#[tokio::test]
async fn signing_in_gives_a_token_to_the_page_and_a_cookie_to_the_browser() {
    let house = house().await;
    let anna = house.anna().await;
    let answer = login(&house, &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let body = answer.json();
    assert_eq!(body["expiresAt"], "2026-11-20T09:10:00.000Z");
    let me = json!({ "id": anna.as_str(), "kind": "STAFF", "name": "Анна Иванова", "role": "operator",
        "branches": ["centre"], "mustSetUpSecondFactor": false });
    assert_eq!(body["me"], me);
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    let (value, rest) = answer.cookie().split_once(';').expect("attributes");
    assert!(value.strip_prefix("talon_refresh=").is_some_and(|secret| secret.len() == 43), "{value}");
    assert_eq!(rest, " Path=/auth; Max-Age=43200; HttpOnly; SameSite=Strict");
    assert!(!answer.text.contains(&value["talon_refresh=".len()..]), "the secret stays out of the page");
}

#[tokio::test]
async fn a_session_is_renewed_by_its_cookie_and_cleared_at_the_end() {
    let house = house().await;
    house.anna().await;
    let first = login(&house, &[]).await;
    house.pass(TimeDelta::minutes(5));
    let cookie = first.pair();
    let second = post(&house, "/auth/refresh", &[("cookie", cookie.as_str())], json!({})).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.text);
    assert_eq!(second.json()["me"], first.json()["me"]);
    assert_ne!(second.pair(), cookie);

    let out = post(&house, "/auth/logout", &[("cookie", second.pair().as_str())], json!({})).await;
    assert_eq!((out.status, out.text.as_str()), (StatusCode::NO_CONTENT, ""));
    let gone = "talon_refresh=; Path=/auth; Max-Age=0; HttpOnly; SameSite=Strict";
    assert_eq!(out.cookie(), gone);
    let after = post(&house, "/auth/refresh", &[("cookie", second.pair().as_str())], json!({})).await;
    assert_eq!((after.status, after.code().as_str()), (StatusCode::UNAUTHORIZED, "SESSION_ENDED"));
    assert_eq!(after.cookie(), gone, "a cookie that is no good is taken away");
    let none = post(&house, "/auth/refresh", &[], json!({})).await;
    assert_eq!(none.code(), "SESSION_ENDED");
}

#[tokio::test]
async fn unknown_and_wrong_answer_the_same_to_the_byte() {
    let house = house().await;
    house.anna().await;
    let mut answers = Vec::new();
    for email in ["anna@example.org", "nobody@example.org"] {
        let form = json!({ "email": email, "password": "not the password" });
        answers.push(post(&house, "/auth/login", &[("accept-language", "en")], form).await);
    }
    assert_eq!(answers[0].status, StatusCode::UNAUTHORIZED);
    assert_eq!(answers[0].code(), "WRONG_DETAILS");
    assert_eq!(answers[0].json()["detail"], "Wrong details. Check the address and the password.");
    assert_eq!(answers[0].text, answers[1].text);
    assert_eq!(answers[0].headers, answers[1].headers);
}

#[tokio::test]
async fn too_many_attempts_say_when_to_come_back() {
    let house = house().await;
    let form = || json!({ "email": "anna@example.org", "password": "not the password" });
    for _ in 0..5 {
        assert_eq!(post(&house, "/auth/login", &[], form()).await.code(), "WRONG_DETAILS");
    }
    let locked = post(&house, "/auth/login", &[], form()).await;
    assert_eq!((locked.status, locked.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_ATTEMPTS"));
    assert_eq!(locked.headers[header::RETRY_AFTER], "5");
}

#[tokio::test]
async fn pages_of_other_sites_cannot_sign_anybody_in_or_out() {
    let house = house().await;
    house.anna().await;
    let cookie = login(&house, &[]).await.pair();
    for path in ["/auth/login", "/auth/refresh", "/auth/logout", "/auth/pair", "/auth/setup"] {
        let foreign = [
            ("host", "queue.example"),
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
            ("cookie", cookie.as_str()),
        ];
        let answer = post(&house, path, &foreign, json!({})).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "CROSS_SITE"), "{path}");
    }
    let own = [
        ("host", "queue.example"),
        ("origin", "https://queue.example"),
        ("sec-fetch-site", "same-origin"),
        ("cookie", cookie.as_str()),
    ];
    assert_eq!(post(&house, "/auth/refresh", &own, json!({})).await.status, StatusCode::OK);
}

#[tokio::test]
async fn bad_input_is_a_problem_and_never_a_failure() {
    let house = house().await;
    let malformed = [
        json!(null),
        json!([]),
        json!({}),
        json!({ "email": 1, "password": [] }),
        json!({ "email": "a@b" }),
        json!("text"),
    ];
    for form in malformed {
        for path in ["/auth/login", "/auth/setup", "/auth/pair"] {
            let answer = post(&house, path, &[], form.clone()).await;
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (StatusCode::UNPROCESSABLE_ENTITY, "MALFORMED"),
                "{path} {form}"
            );
        }
    }
    let request = |body: &str| {
        let request = Request::post("/auth/login").header(header::CONTENT_TYPE, "application/json");
        request.body(Body::from(body.to_owned())).expect("a request")
    };
    assert_eq!(send(&house, request("{")).await.code(), "MALFORMED");
    assert_eq!(send(&house, request(&"[".repeat(10_000))).await.code(), "MALFORMED");
    let big = format!("{{\"email\":\"{}\"}}", "x".repeat(100_000));
    let answer = send(&house, request(&big)).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE"));
    let untyped = Request::post("/auth/login").body(Body::from("{}")).expect("a request");
    assert_eq!(send(&house, untyped).await.code(), "MALFORMED");
    let read = fetch(&house, "/auth/login", &[]).await;
    assert_eq!((read.status, read.code().as_str()), (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"));
    for cookie in ["talon_refresh=", "talon_refresh=%00", "talon_refresh=x; talon_refresh=y"] {
        assert_eq!(
            post(&house, "/auth/refresh", &[("cookie", cookie)], json!({})).await.code(),
            "SESSION_ENDED"
        );
    }
}

#[tokio::test]
async fn the_first_administrator_comes_in_by_the_link() {
    let house = house().await;
    let token = house.access.setup_token().await.expect("answer").expect("a link");
    let form = |token: &str| json!({ "token": token, "email": "olga@example.org", "name": "Ольга", "password": PASSWORD });
    let wrong = post(&house, "/auth/setup", &[], form("guessed")).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (StatusCode::FORBIDDEN, "SETUP_DONE"));
    let weak = json!({ "token": token, "email": "olga@example.org", "name": "Ольга", "password": "short" });
    let weak = post(&house, "/auth/setup", &[], weak).await;
    assert_eq!(weak.code(), "WEAK_PASSWORD");
    assert_eq!(weak.json()["field"], "password");
    let done = post(&house, "/auth/setup", &[], form(&token)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert_eq!(done.json()["me"]["role"], "admin");
    assert!(done.cookie().starts_with("talon_refresh="));
    assert_eq!(post(&house, "/auth/setup", &[], form(&token)).await.code(), "SETUP_DONE");
}

fn kiosk(name: &str) -> NewDevice {
    let branch = BranchId::trusted("centre");
    NewDevice { branch, kind: DeviceKind::Kiosk, name: name.into(), window: None }
}

#[tokio::test]
async fn a_device_is_paired_by_six_digits_and_keeps_a_cookie_until_revoked() {
    let house = house().await;
    let code = house.access.create_pairing(kiosk("By the door"), &Actor::system()).await.expect("a code");
    assert!(code.code.len() == 6 && code.code.bytes().all(|digit| digit.is_ascii_digit()));
    let form = json!({ "code": code.code });
    let paired = post(&house, "/auth/pair", &[], form.clone()).await;
    assert_eq!(paired.status, StatusCode::OK, "{}", paired.text);
    let device =
        json!({ "id": code.device.as_str(), "kind": "kiosk", "branch": "centre", "name": "By the door" });
    assert_eq!(paired.json(), json!({ "device": device }));
    let rest = paired.cookie().split_once(';').expect("attributes").1;
    assert_eq!(rest, " Path=/; Max-Age=34560000; HttpOnly; SameSite=Strict");
    let again = post(&house, "/auth/pair", &[], form).await;
    assert_eq!((again.status, again.code().as_str()), (StatusCode::NOT_FOUND, "PAIRING_UNKNOWN"), "once");

    let cookie = paired.pair();
    let me = fetch(&house, "/auth/device", &[("cookie", cookie.as_str())]).await;
    assert_eq!(me.json(), json!({ "device": device }));
    assert_eq!(fetch(&house, "/who", &[("cookie", cookie.as_str())]).await.text, "device from 192.0.2.7");
    let other = house.another_node().await;
    let secret = cookie.trim_start_matches("talon_device=").to_owned();
    assert!(other.device(&secret).await.expect("answer").is_some());

    let principal = house.access.device(&secret).await.expect("answer").expect("paired").principal();
    house.access.revoke_device(&code.device, Actor::system(), house.press()).await.expect("revoked");
    let me = fetch(&house, "/auth/device", &[("cookie", cookie.as_str())]).await;
    assert_eq!((me.status, me.code().as_str()), (StatusCode::UNAUTHORIZED, "DEVICE_UNKNOWN"));
    assert!(!house.access.stands(&principal));
    assert_eq!(fetch(&house, "/who", &[("cookie", cookie.as_str())]).await.text, "nobody from 192.0.2.7");
    // The other node has not seen the fact yet and asks the vault within five seconds.
    house.pass(TimeDelta::seconds(4));
    assert_eq!(other.device(&secret).await, Ok(None));
    let kinds = house.kinds(&format!("device-{}", code.device)).await;
    assert_eq!(kinds, ["device.paired", "device.revoked"]);
}

#[tokio::test]
async fn a_revoked_device_is_gone_elsewhere_as_soon_as_the_fact_arrives() {
    let house = house().await;
    let paired = house.access.pair_directly(kiosk("Demo"), &Actor::system()).await.expect("paired");
    let other = house.another_node().await;
    let principal = other.device(&paired.cookie).await.expect("answer").expect("known").principal();
    let id = &paired.device.id;
    house.access.revoke_device(id, Actor::system(), house.press()).await.expect("revoked");
    for fact in house.facts(&format!("device-{id}")).await {
        other.take_in(&fact).await.expect("taken in");
    }
    assert_eq!(other.device(&paired.cookie).await, Ok(None));
    assert!(!other.stands(&principal));
}

#[tokio::test]
async fn a_device_paired_again_is_the_same_device_with_a_new_cookie() {
    let house = house().await;
    let pair =
        async |name: &str| house.access.pair_again(kiosk(name), &Actor::system()).await.expect("paired");
    let (first, again) = (pair("Demo").await, pair("Demo").await);
    assert_eq!(first.device, again.device);
    let known = house.access.device(&again.cookie).await.expect("an answer");
    assert_eq!(known.map(|it| it.id), Some(first.device.id.clone()));
    assert!(house.access.device(&first.cookie).await.expect("an answer").is_none(), "one cookie, one device");
    assert_eq!(house.kinds(&format!("device-{}", first.device.id)).await, ["device.paired"]);
    assert_ne!(pair("Other").await.device, first.device);
    house
        .access
        .revoke_device(&first.device.id, Actor::system(), CommandId(Uuid::from_u128(7)))
        .await
        .expect("revoked");
    assert_ne!(pair("Demo").await.device, first.device, "what was revoked stays so");
}

#[tokio::test]
async fn devices_survive_the_absence_of_the_vault() {
    let house = house().await;
    let paired = house.access.pair_directly(kiosk("Demo"), &Actor::system()).await.expect("paired");
    assert!(house.access.device(&paired.cookie).await.expect("answer").is_some());
    house.storage.vault.db().close().await;
    house.pass(TimeDelta::minutes(10));
    assert!(house.access.device(&paired.cookie).await.expect("remembered").is_some());
    let cookie = "talon_device=never-seen-before";
    let unknown = fetch(&house, "/auth/device", &[("cookie", cookie)]).await;
    assert_eq!((unknown.status, unknown.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"));
    for _ in 0..10 {
        assert_eq!(login(&house, &[]).await.code(), "UNAVAILABLE", "an outage locks nobody out");
    }
    let sign_in = login(&house, &[]).await;
    assert_eq!((sign_in.status, sign_in.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"));
    for word in ["sqlx", "pool", "database"] {
        assert!(!sign_in.text.to_lowercase().contains(word), "{}", sign_in.text);
    }
}

#[tokio::test]
async fn pairing_codes_run_out_and_guessing_them_is_slow() {
    let house = house().await;
    let code = house.access.create_pairing(kiosk("Late"), &Actor::system()).await.expect("a code");
    house.pass(TimeDelta::minutes(10));
    let guess = async |code: &str| post(&house, "/auth/pair", &[], json!({ "code": code })).await;
    assert_eq!(guess(&code.code).await.code(), "PAIRING_UNKNOWN", "too old");
    for _ in 0..4 {
        assert_eq!(guess("nonsense").await.code(), "PAIRING_UNKNOWN");
    }
    assert_eq!(guess("000000").await.code(), "TOO_MANY_ATTEMPTS");
    let unknown = DeviceId::trusted("kiosk-0");
    let gone = house.access.revoke_device(&unknown, Actor::system(), house.press()).await;
    let refusal = Refusal::UnknownThing { what: "device" };
    assert_eq!(gone, Err(talon_api::auth::AccessDenied::Refused(refusal)));
}

#[tokio::test]
async fn a_request_is_somebodys_by_its_token_and_a_bad_token_is_not_nobodys() {
    let house = house().await;
    house.employ("boss@example.org", Role::Head, at("centre")).await;
    let form = json!({ "email": "boss@example.org", "password": PASSWORD });
    let token = post(&house, "/auth/login", &[], form).await.json()["accessToken"]
        .as_str()
        .expect("a token")
        .to_owned();
    let bearer = format!("Bearer {token}");
    assert_eq!(fetch(&house, "/who", &[("authorization", &bearer)]).await.text, "staff from 192.0.2.7");
    assert_eq!(fetch(&house, "/manage", &[("authorization", &bearer)]).await.text, "done");
    assert_eq!(fetch(&house, "/who", &[]).await.text, "nobody from 192.0.2.7");
    let unsigned = fetch(&house, "/manage", &[]).await;
    assert_eq!((unsigned.status, unsigned.code().as_str()), (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"));
    for bad in ["Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", &format!("{bearer}x")] {
        let answer = fetch(&house, "/who", &[("authorization", bad)]).await;
        assert_eq!(answer.code(), "UNAUTHENTICATED", "{bad}");
        assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer");
    }
    house.anna().await;
    let operator = format!("Bearer {}", house.sign_in_anna().await.access_token);
    let forbidden = fetch(&house, "/manage", &[("authorization", &operator)]).await;
    assert_eq!((forbidden.status, forbidden.code().as_str()), (StatusCode::FORBIDDEN, "FORBIDDEN"));
}

/// What a browser does with an answer: every cookie by its name, with what is said about it; nothing for one that goes.
fn cookies_of(answer: &Answer) -> BTreeMap<String, Option<(String, String)>> {
    let all = answer.headers.get_all(header::SET_COOKIE).iter().map(|it| it.to_str().expect("text"));
    let parts = all.map(|it| {
        let (pair, rest) = it.split_once(';').expect("attributes");
        let (name, value) = pair.split_once('=').expect("a value");
        let is_gone = rest.contains("Max-Age=0;");
        (name.to_owned(), (!is_gone).then(|| (value.to_owned(), rest.trim().to_owned())))
    });
    parts.collect()
}

#[tokio::test]
async fn by_https_every_cookie_is_bound_to_its_host() {
    let house = house_with(AuthConfig { secure_cookies: true, ..AuthConfig::default() }).await;
    house.anna().await;
    let code = house.access.create_pairing(kiosk("centre"), &Actor::system()).await.expect("a code").code;
    let all = [
        (login(&house, &[]).await, "__Host-talon_refresh"),
        (post(&house, "/auth/pair", &[], json!({ "code": code })).await, "__Host-talon_device"),
        (post(&house, "/auth/qr", &[], json!({})).await, "__Host-talon_qr"),
    ];
    for (answer, name) in &all {
        let given = cookies_of(answer);
        assert_eq!(given.keys().collect::<Vec<_>>(), [name], "{}", answer.text);
        let rest = &given[*name].as_ref().expect("given").1;
        // Without all three of these a browser would not take it.
        assert!(rest.starts_with("Path=/; ") && rest.ends_with("; Secure"), "{name}: {rest}");
        assert!(rest.contains("HttpOnly; SameSite=Strict") && !rest.contains("Domain"), "{name}: {rest}");
    }
    let cookie = all[0].0.pair();
    let renewed = post(&house, "/auth/refresh", &[("cookie", &cookie)], json!({})).await;
    assert_eq!(renewed.status, StatusCode::OK, "{}", renewed.text);
    assert_ne!(renewed.pair(), cookie);
    let out = post(&house, "/auth/logout", &[("cookie", &renewed.pair())], json!({})).await;
    assert_eq!(cookies_of(&out), [("__Host-talon_refresh".to_owned(), None)].into());
    let device = all[1].0.pair();
    assert_eq!(fetch(&house, "/who", &[("cookie", &device)]).await.text, "device from 192.0.2.7");
}

#[tokio::test]
async fn cookies_of_an_earlier_version_are_taken_once_more_and_replaced() {
    let plain = house_with(AuthConfig { trust_proxy: true, ..AuthConfig::default() }).await;
    plain.anna().await;
    // Given without a prefix; the next request says that the browser comes by https.
    let https = ("x-forwarded-proto", "https");
    let before = login(&plain, &[]).await.pair();
    assert!(before.starts_with("talon_refresh="), "{before}");
    let renewed = post(&plain, "/auth/refresh", &[https, ("cookie", &before)], json!({})).await;
    assert_eq!(renewed.status, StatusCode::OK, "nobody is signed out: {}", renewed.text);
    let now = cookies_of(&renewed);
    assert_eq!(now["talon_refresh"], None, "the former one goes");
    let (value, _) = now["__Host-talon_refresh"].clone().expect("another took its place");
    // A neighbour under the same domain may plant one without the prefix: where there is one with it, it counts for nothing.
    let planted = login(&plain, &[]).await.pair();
    let both = format!("{planted}; __Host-talon_refresh={value}");
    let again = post(&plain, "/auth/refresh", &[https, ("cookie", &both)], json!({})).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text);
    assert_eq!(
        post(&plain, "/auth/refresh", &[("cookie", &planted)], json!({})).await.status,
        StatusCode::OK,
        "it was not looked at"
    );

    let code = plain.access.create_pairing(kiosk("centre"), &Actor::system()).await.expect("a code").code;
    let device = post(&plain, "/auth/pair", &[], json!({ "code": code })).await.pair();
    assert_eq!(fetch(&plain, "/who", &[https, ("cookie", &device)]).await.status, StatusCode::OK);
    let renamed = fetch(&plain, "/auth/device", &[https, ("cookie", &device)]).await;
    let now = cookies_of(&renamed);
    let (value, rest) = now["__Host-talon_device"].clone().expect("the same under its new name");
    assert_eq!((&now["talon_device"], device.as_str()), (&None, format!("talon_device={value}").as_str()));
    assert!(rest.contains("Max-Age=34560000"), "{rest}");
    let device = format!("__Host-talon_device={value}");
    let known = fetch(&plain, "/auth/device", &[https, ("cookie", &device)]).await;
    assert_eq!((known.status, known.cookie()), (StatusCode::OK, ""));
}

#[tokio::test]
async fn a_public_address_by_https_tells_how_browsers_come() {
    let public_host = Some("queue.example.org".to_owned());
    let house = house_with(AuthConfig { public_host, ..AuthConfig::default() }).await;
    house.anna().await;
    let name =
        async |host| login(&house, &[("host", host)]).await.pair().split('=').next().map(str::to_owned);
    assert_eq!(name("Queue.example.org").await.as_deref(), Some("__Host-talon_refresh"));
    assert_eq!(name("10.0.0.5:8080").await.as_deref(), Some("talon_refresh"), "a screen within the house");
    let mut http = talon_api::config::Http {
        public_url: "https://queue.example.org:8443/".into(),
        ..Default::default()
    };
    assert_eq!(http.public_https_host().as_deref(), Some("queue.example.org:8443"));
    http.public_url = "http://queue.example.org".into();
    assert_eq!(http.public_https_host(), None);
}

#[tokio::test]
async fn only_a_trusted_proxy_may_say_where_a_request_comes_from() {
    let told = [("x-forwarded-for", "203.0.113.9, 198.51.100.4"), ("x-forwarded-proto", "https")];
    let open = house().await;
    open.anna().await;
    assert_eq!(fetch(&open, "/who", &told).await.text, "nobody from 192.0.2.7");
    assert!(!login(&open, &told).await.cookie().contains("Secure"));

    let behind = house_with(AuthConfig { trust_proxy: true, ..AuthConfig::default() }).await;
    behind.anna().await;
    assert_eq!(fetch(&behind, "/who", &told).await.text, "nobody from 198.51.100.4");
    assert_eq!(fetch(&behind, "/who", &[("x-forwarded-for", "junk")]).await.text, "nobody from 192.0.2.7");
    assert!(login(&behind, &told).await.cookie().ends_with("; Secure"));
    assert!(!login(&behind, &[]).await.cookie().contains("Secure"));

    let strict = house_with(AuthConfig { secure_cookies: true, ..AuthConfig::default() }).await;
    strict.anna().await;
    assert!(login(&strict, &[]).await.cookie().ends_with("; Secure"));
}
