//! Keys that sign access tokens: published, replaced by age and by command, and refused afterwards.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use http::{StatusCode, header};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};
use talon_core::time::Clock;

use crate::{
    account::{bearer, sign_in},
    over_http::fetch,
    support::{House, house},
};

async fn published(house: &House) -> Vec<Value> {
    let answer = fetch(house, "/.well-known/jwks.json", &[]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers[header::CACHE_CONTROL], "public, max-age=60");
    answer.json()["keys"].as_array().expect("keys").clone()
}

fn kid(bearer: &str) -> String {
    let token = bearer.trim_start_matches("Bearer ");
    jsonwebtoken::decode_header(token).expect("a header").kid.expect("a kid")
}

#[tokio::test]
async fn others_can_check_our_tokens_by_the_published_keys() {
    let house = house().await;
    house.anna().await;
    let (bearer, _) = sign_in(&house, "anna@example.org", "").await;
    let keys = published(&house).await;
    assert_eq!(keys.len(), 1);
    let key = &keys[0];
    assert_eq!(
        (key["kty"].as_str(), key["crv"].as_str(), key["alg"].as_str(), key["use"].as_str()),
        (Some("OKP"), Some("Ed25519"), Some("EdDSA"), Some("sig"))
    );
    assert_eq!(key["kid"], kid(&bearer));
    assert!(key.get("d").is_none(), "the private half stays here");
    let public = DecodingKey::from_ed_components(key["x"].as_str().expect("x")).expect("a key");
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&["talon-api"]);
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Value>(bearer.trim_start_matches("Bearer "), &public, &validation);
    assert_eq!(claims.expect("a good signature").claims["iss"], "talon");
}

#[tokio::test]
async fn a_key_is_replaced_at_its_age_and_old_tokens_live_out_their_time() {
    let house = house().await;
    house.anna().await;
    house.pass(TimeDelta::days(30) - TimeDelta::minutes(5));
    let (old, _) = sign_in(&house, "anna@example.org", "").await;
    house.access.tend().await.expect("tended");
    assert_eq!(published(&house).await.len(), 1, "not yet");
    house.pass(TimeDelta::minutes(5));
    house.access.tend().await.expect("tended");
    let (new, _) = sign_in(&house, "anna@example.org", "").await;
    assert_ne!(kid(&old), kid(&new));
    let both: Vec<_> = published(&house).await.iter().map(|key| key["kid"].clone()).collect();
    assert_eq!(both, [json!(kid(&new)), json!(kid(&old))]);
    assert_eq!(fetch(&house, "/auth/sessions", &[("authorization", &old)]).await.status, StatusCode::OK);
    house.pass(TimeDelta::minutes(10));
    house.access.tend().await.expect("tended");
    let left: Vec<_> = published(&house).await.iter().map(|key| key["kid"].clone()).collect();
    assert_eq!(left, [json!(kid(&new))]);
    house.pass(TimeDelta::hours(1));
    house.access.tend().await.expect("tended");
    assert_eq!(house.storage.vault.signing_keys().await.expect("keys").len(), 1, "the old one is deleted");
}

#[tokio::test]
async fn two_nodes_replace_an_old_key_once() {
    let house = house().await;
    let other = house.another_node().await;
    house.pass(TimeDelta::days(30));
    let (one, two) = tokio::join!(house.access.tend(), other.tend());
    one.and(two).expect("tended");
    let keys = house.storage.vault.signing_keys().await.expect("keys");
    assert_eq!(keys.iter().filter(|key| key.retired_at.is_none()).count(), 1);
    assert_eq!(keys.len(), 2);
}

/// Over the real routes: what is no good, is not let in anywhere, and is told so without detail.
#[tokio::test]
async fn tokens_that_are_no_good_open_no_route() {
    let house = house().await;
    let anna = house.anna().await;
    let (good, _) = sign_in(&house, "anna@example.org", "").await;
    let stolen = house.storage.vault.signing_keys().await.expect("keys")[0].clone();
    let now = house.clock.now().timestamp();
    let claims = json!({
        "iss": "talon", "aud": "talon-api", "sub": anna.as_str(), "sid": "s", "iat": now, "nbf": now, "exp": now + 600,
    });
    let signed = |change: &dyn Fn(&mut Value)| {
        let mut claims = claims.clone();
        change(&mut claims);
        let header = Header { kid: Some(stolen.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(&stolen.private)).expect("a token")
    };
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = format!("{}.{}.", part(&json!({ "alg": "none", "kid": stolen.kid })), part(&claims));
    let (head, tail) = good.split_at(good.len() - 4);
    let forged = format!("{head}{}", if tail == "AAAA" { "BBBB" } else { "AAAA" });
    let bad = [
        ("forged", forged.trim_start_matches("Bearer ").to_owned()),
        ("expired", signed(&|it| it["exp"] = json!(now))),
        ("for somebody else", signed(&|it| it["aud"] = json!("another-house"))),
        ("from somebody else", signed(&|it| it["iss"] = json!("another-house"))),
        ("alg none", unsigned),
    ];
    for (why, token) in bad {
        let answer = fetch(&house, "/auth/sessions", &[("authorization", &format!("Bearer {token}"))]).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"),
            "{why}"
        );
        assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer");
    }
    house.access.rotate_signing_key().await.expect("rotated");
    house.pass(TimeDelta::minutes(11));
    house.access.tend().await.expect("tended");
    let later = now + 660;
    let by_old_key = signed(&|it| {
        it["iat"] = json!(later);
        it["nbf"] = json!(later);
        it["exp"] = json!(later + 600);
    });
    let answer = fetch(&house, "/auth/sessions", &[("authorization", &format!("Bearer {by_old_key}"))]).await;
    assert_eq!(answer.code(), "UNAUTHENTICATED", "signed by a key that was replaced");
    let (fresh, answer) = sign_in(&house, "anna@example.org", "").await;
    assert_eq!(fetch(&house, "/auth/sessions", &[("authorization", &fresh)]).await.status, StatusCode::OK);
    assert_eq!(bearer(&answer), fresh);
}
