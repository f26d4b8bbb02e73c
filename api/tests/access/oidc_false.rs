//! A provider whose word does not hold: each token is wrong in one thing, and opens nothing.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use talon_core::time::Clock;
use tokio::net::TcpListener;

use crate::{
    oidc::{back, begin, house, location},
    support::House,
};

const SECRET: &str = "a secret that both houses know, long enough for a signature";

/// What the provider's token endpoint answers next.
type Next = Arc<Mutex<String>>;

struct False {
    house: House,
    issuer: String,
    next: Next,
    key: EncodingKey,
}

/// A house, and a provider that says what the test tells it.
async fn provider() -> False {
    let key = SigningKey::from_bytes(&[7; 32]);
    let x = BASE64_URL_SAFE_NO_PAD.encode(key.verifying_key().to_bytes());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let issuer = format!("http://{}", listener.local_addr().expect("an address"));
    let next = Next::default();
    let at = |path: &str| format!("{issuer}{path}");
    let about = json!({
        "issuer": issuer, "authorization_endpoint": at("/auth"), "token_endpoint": at("/token"),
        "jwks_uri": at("/jwks"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA", "HS256", "none"],
    });
    let keys = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "one", "x": x }] });
    let told = next.clone();
    let routes = Router::new()
        .route("/.well-known/openid-configuration", get(async move || Json(about)))
        .route("/jwks", get(async move || Json(keys)))
        .route(
            "/token",
            post(async move || {
                let token = told.lock().expect("no test panicked").clone();
                Json(json!({ "access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": token }))
            }),
        );
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let house = house(&issuer, SECRET).await;
    house.anna().await;
    let der = key.to_pkcs8_der().expect("a key");
    False { house, issuer, next, key: EncodingKey::from_ed_der(der.as_bytes()) }
}

impl False {
    /// Goes there and back with a token made of these claims: where the browser ends.
    async fn vouch(&self, change: impl FnOnce(&mut Value), sign: impl FnOnce(&Value) -> String) -> String {
        let (start, cookie) = begin(&self.house, "/operator").await;
        let of = |name: &str| {
            let found = start.split(['?', '&']).find_map(|it| it.strip_prefix(&format!("{name}=")));
            found.unwrap_or_else(|| panic!("no {name}: {start}")).to_owned()
        };
        let now = self.house.clock.now().timestamp();
        let mut claims = json!({
            "iss": self.issuer, "aud": "talon", "sub": "anna", "iat": now, "exp": now + 60, "nonce": of("nonce"),
            "email": "anna@example.org", "email_verified": true,
        });
        change(&mut claims);
        *self.next.lock().expect("no test panicked") = sign(&claims);
        let returned = format!("/auth/oidc/callback?code=c&state={}", of("state"));
        location(&back(&self.house, &returned, &cookie).await)
    }

    fn signed(&self) -> impl FnOnce(&Value) -> String + '_ {
        |claims| {
            let header = Header { kid: Some("one".into()), ..Header::new(Algorithm::EdDSA) };
            jsonwebtoken::encode(&header, claims, &self.key).expect("a token")
        }
    }
}

#[tokio::test]
async fn a_word_that_is_wrong_in_one_thing_opens_nothing() {
    let said = provider().await;
    let refused = "/login#problem=NOT_VOUCHED_FOR";
    let wrong = |name: &'static str, value: Value| said.vouch(move |it| it[name] = value, said.signed());
    assert_eq!(wrong("aud", json!("another house")).await, refused, "for somebody else");
    assert_eq!(wrong("iss", json!("https://evil.example")).await, refused, "from somebody else");
    assert_eq!(wrong("nonce", json!("another journey's")).await, refused, "replayed");
    assert_eq!(wrong("exp", json!(said.house.clock.now().timestamp() - 1)).await, refused, "expired");
    assert_eq!(wrong("email_verified", json!(false)).await, refused, "not verified");

    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = |claims: &Value| format!("{}.{}.", part(&json!({ "alg": "none" })), part(claims));
    assert_eq!(said.vouch(|_| {}, unsigned).await, refused, "alg none");
    let by_secret = |claims: &Value| {
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).expect("a token")
    };
    assert_eq!(said.vouch(|_| {}, by_secret).await, refused, "signed by what both houses know");
    let by_another = |claims: &Value| {
        let der = SigningKey::from_bytes(&[8; 32]).to_pkcs8_der().expect("a key");
        let header = Header { kid: Some("one".into()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_ed_der(der.as_bytes())).expect("a token")
    };
    assert_eq!(said.vouch(|_| {}, by_another).await, refused, "another key under the same name");
    assert_eq!(said.vouch(|_| {}, |_| "nonsense".to_owned()).await, refused, "no token at all");

    assert_eq!(said.vouch(|_| {}, said.signed()).await, "/operator", "the pattern itself is good");
    let day = said.house.clock.now().date_naive();
    let failures = said.house.kinds(&format!("access-{day}")).await;
    assert_eq!(failures.len(), 9, "each is a fact: {failures:?}");
}
