//! Access tokens: what makes one good, and everything that does not.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use talon_api::auth::{AccessDenied, AuthConfig};

use crate::support::{HERE, House, PASSWORD, house, house_with, nine_oclock};

fn seconds(count: i64) -> TimeDelta {
    TimeDelta::seconds(count)
}

#[tokio::test]
async fn an_access_token_lives_ten_minutes_and_no_configuration_makes_it_live_longer() {
    let config = AuthConfig { access_life: TimeDelta::hours(5), ..AuthConfig::default() };
    let house = house_with(config).await;
    house.anna().await;
    let signed_in = house.sign_in_anna().await;
    let principal = house.access.verify(&signed_in.access_token).expect("good");
    house.pass(seconds(599));
    house.access.verify(&signed_in.access_token).expect("still good");
    assert!(house.access.stands(&principal));
    house.pass(seconds(1));
    assert_eq!(house.access.verify(&signed_in.access_token), Err(AccessDenied::Unauthenticated));
    assert!(!house.access.stands(&principal));
}

struct Forge {
    house: House,
    kid: String,
    key: EncodingKey,
    public: Vec<u8>,
    claims: Value,
}

/// Somebody who even holds the right key, and tokens that are wrong in one thing each.
async fn forge() -> Forge {
    let house = house().await;
    let anna = house.anna().await;
    let now = nine_oclock().timestamp();
    let keys = house.storage.vault.signing_keys().await.expect("keys");
    let claims = json!({
        "iss": "talon", "aud": "talon-api", "sub": anna.as_str(), "sid": "s", "iat": now, "nbf": now,
        "exp": now + 600,
    });
    let key = EncodingKey::from_ed_der(&keys[0].private);
    Forge { house, kid: keys[0].kid.clone(), key, public: keys[0].public.clone(), claims }
}

impl Forge {
    fn signed(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, &self.key).expect("a token")
    }

    fn with(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        claims[name] = value;
        self.signed(&claims)
    }

    fn raw(&self, header: &Value, signature: &str) -> String {
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.{signature}", part(header), part(&self.claims))
    }

    #[track_caller]
    fn refused(&self, token: &str, why: &str) {
        assert_eq!(self.house.access.verify(token), Err(AccessDenied::Unauthenticated), "{why}");
    }
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let forge = forge().await;
    let good = forge.signed(&forge.claims);
    forge.house.access.verify(&good).expect("the pattern itself is good");

    forge.refused("", "empty");
    forge.refused("a.b.c", "nonsense");
    forge.refused(&"x".repeat(100_000), "huge");
    forge.refused(&forge.raw(&json!({"alg": "none", "kid": forge.kid}), ""), "alg none");
    forge.refused(&forge.raw(&json!({"alg": "None", "kid": forge.kid}), ""), "alg None");
    let signature = good.rsplit('.').next().expect("a signature");
    forge.refused(
        &forge.raw(&json!({"alg": "EdDSA", "kid": forge.kid, "x": 1}), signature),
        "another header under the old signature",
    );
    let (head, tail) = good.split_at(good.len() - 4);
    let other_end = if tail == "AAAA" { "BBBB" } else { "AAAA" };
    forge.refused(&format!("{head}{other_end}"), "another signature");

    let symmetric = Header { kid: Some(forge.kid.clone()), ..Header::new(Algorithm::HS256) };
    let confused = jsonwebtoken::encode(&symmetric, &forge.claims, &EncodingKey::from_secret(&forge.public));
    forge.refused(&confused.expect("a token"), "the public key used as a secret");

    let nameless = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &forge.claims, &forge.key);
    forge.refused(&nameless.expect("a token"), "no kid");
    let stranger = Header { kid: Some("0123456789abcdef".into()), ..Header::new(Algorithm::EdDSA) };
    let unknown = jsonwebtoken::encode(&stranger, &forge.claims, &forge.key).expect("a token");
    forge.refused(&unknown, "unknown kid");
    let asked = forge.house.access.bearer(&unknown).await;
    assert_eq!(asked, Err(AccessDenied::Unauthenticated), "not even after a look into the vault");
}

#[tokio::test]
async fn tokens_with_a_wrong_claim_are_refused() {
    let forge = forge().await;
    let now = nine_oclock().timestamp();
    forge.refused(&forge.with("aud", json!("somebody-else")), "audience");
    forge.refused(&forge.with("iss", json!("somebody-else")), "issuer");
    forge.refused(&forge.with("exp", json!(now)), "expired");
    forge.refused(&forge.with("exp", json!(now + 601)), "too long a life");
    forge.refused(&forge.with("nbf", json!(now + 1)), "not yet");
    forge.refused(&forge.with("sub", json!("s-000000000000")), "nobody of the staff");
    forge.refused(&forge.with("sub", json!("../anna")), "no name at all");
    for missing in ["iss", "aud", "sub", "sid", "iat", "nbf", "exp"] {
        let mut claims = forge.claims.clone();
        claims.as_object_mut().expect("an object").remove(missing);
        forge.refused(&forge.signed(&claims), missing);
    }
}

#[tokio::test]
async fn a_key_made_by_another_node_is_found() {
    let house = house().await;
    house.anna().await;
    let known = house.storage.vault.signing_keys().await.expect("keys")[0].kid.clone();
    let now = nine_oclock();
    assert!(house.storage.vault.retire_signing_key(&known, now).await.expect("retired"));
    let other = house.another_node().await;
    let signed_in = other.login("anna@example.org", PASSWORD, HERE).await.expect("signed in");
    assert_eq!(house.access.verify(&signed_in.access_token), Err(AccessDenied::Unauthenticated));
    house.access.bearer(&signed_in.access_token).await.expect("after a look into the vault");
    house.access.verify(&signed_in.access_token).expect("and from then on");
    let old = house.sign_in_anna().await;
    other.bearer(&old.access_token).await.expect("a retired key still verifies");
}

#[tokio::test]
async fn a_retired_key_is_believed_only_as_long_as_its_last_token_could_live() {
    let house = house().await;
    house.anna().await;
    let other = house.another_node().await;
    let stolen = house.storage.vault.signing_keys().await.expect("keys")[0].private.clone();
    let before = house.sign_in_anna().await;
    house.access.rotate_signing_key().await.expect("rotated");
    let after = house.sign_in_anna().await;
    let kid = |token: &str| jsonwebtoken::decode_header(token).expect("a header").kid.expect("a kid");
    assert_ne!(kid(&before.access_token), kid(&after.access_token));
    other.tend().await.expect("tended");
    for access in [&house.access, &other] {
        access.verify(&before.access_token).expect("good until it runs out");
        access.verify(&after.access_token).expect("good");
    }
    house.pass(seconds(601));
    for access in [&house.access, &other] {
        access.tend().await.expect("tended");
    }
    let now = (nine_oclock() + seconds(601)).timestamp();
    let staff = after.me.id;
    let claims = json!({
        "iss": "talon", "aud": "talon-api", "sub": staff, "sid": "s", "iat": now, "nbf": now, "exp": now + 600,
    });
    let header = Header { kid: Some(kid(&before.access_token)), ..Header::new(Algorithm::EdDSA) };
    let forged = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(&stolen)).expect("a token");
    for access in [&house.access, &other] {
        assert_eq!(access.bearer(&forged).await, Err(AccessDenied::Unauthenticated));
    }
}
