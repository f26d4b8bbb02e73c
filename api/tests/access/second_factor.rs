//! The second factor over HTTP: added, asked for, lost and taken away; and every code that is not good.

use chrono::TimeDelta;
use http::StatusCode;
use serde_json::{Value, json};
use talon_api::auth::Order;
use talon_core::time::Clock;
use totp_rs::{Builder, Secret};

use crate::{
    account::{bearer, sign_in},
    over_http::{Answer, fetch, post},
    support::{House, PASSWORD, house, house_with_messages},
};

struct Anna {
    house: House,
    id: talon_core::ids::OperatorId,
    bearer: String,
    secret: String,
    codes: Vec<String>,
}

/// Anna, whose account asks for a second factor.
async fn anna() -> Anna {
    let house = house().await;
    let id = house.anna().await;
    let (bearer, _) = sign_in(&house, "anna@example.org", "").await;
    let offer = begin(&house, &bearer).await.json();
    let secret = offer["secret"].as_str().expect("a secret").to_owned();
    let form = json!({ "code": digits(&house, &secret) });
    let confirmed = post(&house, "/auth/totp/confirm", &[("authorization", &bearer)], form).await;
    assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.text);
    let codes = confirmed.json()["recoveryCodes"].as_array().expect("codes").clone();
    let codes = codes.iter().map(|it| it.as_str().expect("a code").to_owned()).collect();
    // The step of the confirmation is used up.
    house.pass(TimeDelta::seconds(30));
    Anna { house, id, bearer, secret, codes }
}

pub(crate) async fn begin(house: &House, bearer: &str) -> Answer {
    post(house, "/auth/totp/begin", &[("authorization", bearer)], json!({ "password": PASSWORD })).await
}

/// What the authenticator shows now.
pub(crate) fn digits(house: &House, secret: &str) -> String {
    let secret = Secret::try_from_base32(secret).expect("base32");
    let totp = Builder::new().with_secret(secret).build().expect("a factor");
    totp.generate(house.clock.now().timestamp().unsigned_abs()).to_string()
}

impl Anna {
    fn digits(&self) -> String {
        digits(&self.house, &self.secret)
    }

    async fn challenge(&self) -> String {
        let form = json!({ "email": "anna@example.org", "password": PASSWORD });
        let answer = post(&self.house, "/auth/login", &[], form).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert_eq!(answer.cookie(), "", "nobody is signed in yet");
        let body = answer.json();
        assert_eq!(body["step"], "TOTP");
        assert!(body.get("accessToken").is_none());
        body["challenge"].as_str().expect("a challenge").to_owned()
    }

    async fn answer(&self, challenge: &str, code: &str) -> Answer {
        post(&self.house, "/auth/login/totp", &[], json!({ "challenge": challenge, "code": code })).await
    }

    async fn state(&self) -> Value {
        fetch(&self.house, "/auth/totp", &[("authorization", &self.bearer)]).await.json()
    }

    async fn sessions(&self) -> usize {
        let now = self.house.clock.now();
        self.house.storage.vault.sessions_of(self.id.as_str(), now).await.expect("the vault").len()
    }

    async fn last_failure(&self) -> String {
        let facts = self.house.facts("access-2026-11-20").await;
        let last = facts.iter().rev().find(|fact| fact.event.wire().0 == "access.sign_in_failed");
        String::from_utf8(last.expect("a failure").event.data().to_vec()).expect("JSON")
    }
}

#[tokio::test]
async fn a_second_factor_is_offered_confirmed_and_asked_for() {
    let anna = anna().await;
    assert_eq!(anna.state().await, json!({ "enabled": true, "required": false, "recoveryCodesLeft": 10 }));
    let challenge = anna.challenge().await;
    let done = anna.answer(&challenge, &anna.digits()).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert_eq!(done.json()["me"]["id"], anna.id.as_str());
    assert!(done.cookie().starts_with("talon_refresh="));
    let kinds = anna.house.kinds(&format!("staff-{}", anna.id)).await;
    let tail: Vec<_> = kinds.iter().rev().take(2).map(String::as_str).collect();
    assert_eq!(tail, ["staff.session_started", "staff.second_factor_added"]);
}

#[tokio::test]
async fn the_offer_is_an_address_an_authenticator_reads_and_a_picture_of_it() {
    let house = house().await;
    house.anna().await;
    let (bearer, _) = sign_in(&house, "anna@example.org", "").await;
    let wrong = json!({ "password": "not the password" });
    let wrong = post(&house, "/auth/totp/begin", &[("authorization", &bearer)], wrong).await;
    assert_eq!(wrong.code(), "WRONG_PASSWORD");
    let offer = begin(&house, &bearer).await;
    let body = offer.json();
    let uri = body["uri"].as_str().expect("an address");
    assert!(uri.starts_with("otpauth://totp/Talon:anna%40example.org?"), "{uri}");
    assert!(uri.contains(body["secret"].as_str().expect("a secret")), "{uri}");
    assert!(body["qr"].as_str().expect("a picture").contains("<svg"));
    assert_eq!(offer.headers[http::header::CACHE_CONTROL], "no-store");
    // Until it is confirmed, the password is enough; an offer left lying is void.
    sign_in(&house, "anna@example.org", "").await;
    house.pass(TimeDelta::minutes(15));
    let renewed = sign_in(&house, "anna@example.org", "").await.0;
    let late = json!({ "code": digits(&house, body["secret"].as_str().expect("a secret")) });
    let late = post(&house, "/auth/totp/confirm", &[("authorization", &renewed)], late).await;
    assert_eq!((late.status, late.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "WRONG_CODE"));
}

#[tokio::test]
async fn the_same_digits_do_not_sign_in_twice() {
    let anna = anna().await;
    let shown = anna.digits();
    let (one, other) = (anna.challenge().await, anna.challenge().await);
    assert_eq!(anna.answer(&one, &shown).await.status, StatusCode::OK);
    let replayed = anna.answer(&other, &shown).await;
    assert_eq!((replayed.status, replayed.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "WRONG_CODE"));
    assert!(anna.last_failure().await.contains("\"replayed\""));
    anna.house.pass(TimeDelta::seconds(30));
    assert_eq!(anna.answer(&other, &anna.digits()).await.status, StatusCode::OK, "the next step is good");
}

#[tokio::test]
async fn two_answers_at_once_sign_in_once() {
    let anna = anna().await;
    let shown = anna.digits();
    let (one, other) = (anna.challenge().await, anna.challenge().await);
    let (a, b) = tokio::join!(anna.answer(&one, &shown), anna.answer(&other, &shown));
    let in_now = [a.status, b.status].iter().filter(|it| **it == StatusCode::OK).count();
    assert_eq!(in_now, 1, "{} {}", a.text, b.text);
}

#[tokio::test]
async fn a_challenge_ends_by_success_by_time_and_by_tries() {
    let anna = anna().await;
    for _ in 0..5 {
        assert_eq!(anna.answer("made up", "000000").await.code(), "CHALLENGE_ENDED");
    }
    let used = anna.challenge().await;
    assert_eq!(anna.answer(&used, &anna.digits()).await.status, StatusCode::OK);
    anna.house.pass(TimeDelta::seconds(30));
    assert_eq!(anna.answer(&used, &anna.digits()).await.code(), "CHALLENGE_ENDED");
    let late = anna.challenge().await;
    anna.house.pass(TimeDelta::minutes(5));
    assert_eq!(anna.answer(&late, &anna.digits()).await.code(), "CHALLENGE_ENDED");

    let tried = anna.challenge().await;
    for _ in 0..5 {
        assert_eq!(anna.answer(&tried, "not digits").await.code(), "WRONG_CODE");
    }
    assert_eq!(anna.answer(&tried, &anna.digits()).await.code(), "CHALLENGE_ENDED", "tried too often");
    let fresh = anna.challenge().await;
    let locked = anna.answer(&fresh, &anna.digits()).await;
    assert_eq!(locked.code(), "TOO_MANY_ATTEMPTS", "a fresh challenge gives no fresh tries");
    anna.house.pass(TimeDelta::seconds(30));
    assert_eq!(anna.answer(&fresh, &anna.digits()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_recovery_code_takes_the_place_of_the_digits_once() {
    let anna = anna().await;
    let code = anna.codes[3].to_lowercase().replace('-', " ");
    let done = anna.answer(&anna.challenge().await, &code).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert_eq!(anna.state().await["recoveryCodesLeft"], 9);
    let again = anna.answer(&anna.challenge().await, &code).await;
    assert_eq!(again.code(), "WRONG_CODE");
    let kinds = anna.house.kinds(&format!("staff-{}", anna.id)).await;
    assert!(kinds.contains(&"staff.recovery_code_used".to_owned()), "{kinds:?}");
}

#[tokio::test]
async fn removing_it_wants_the_password_and_a_code() {
    let anna = anna().await;
    let remove = async |password: &str, code: &str| {
        let form = json!({ "password": password, "code": code });
        post(&anna.house, "/auth/totp/remove", &[("authorization", &anna.bearer)], form).await
    };
    assert_eq!(remove("not the password", &anna.digits()).await.code(), "WRONG_PASSWORD");
    assert_eq!(remove(PASSWORD, "000000").await.code(), "WRONG_CODE");
    assert_eq!(begin(&anna.house, &anna.bearer).await.status, StatusCode::CONFLICT, "it is there already");
    assert_eq!(remove(PASSWORD, &anna.digits()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(anna.state().await, json!({ "enabled": false, "required": false, "recoveryCodesLeft": 0 }));
    sign_in(&anna.house, "anna@example.org", "").await;
    let kinds = anna.house.kinds(&format!("staff-{}", anna.id)).await;
    assert!(kinds.contains(&"staff.second_factor_removed".to_owned()), "{kinds:?}");
}

#[tokio::test]
async fn an_invitation_sets_the_password_and_asks_for_the_second_factor() {
    let anna = anna().await;
    let link = anna.house.access.invitation(&anna.id).await.expect("a link").token;
    let form = json!({ "token": link, "password": "seven green bicycles" });
    let step = post(&anna.house, "/auth/invitation/complete", &[], form).await;
    assert_eq!(step.status, StatusCode::OK, "{}", step.text);
    assert_eq!((step.cookie(), &step.json()["step"]), ("", &json!("TOTP")), "nobody is signed in yet");
    assert_eq!(step.json().get("accessToken"), None);
    assert_eq!(anna.sessions().await, 0, "those of the old password ended");
    let challenge = step.json()["challenge"].as_str().expect("a challenge").to_owned();
    assert_eq!(anna.answer(&challenge, "000000").await.code(), "WRONG_CODE");
    assert_eq!(anna.answer(&challenge, &anna.digits()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_new_password_voids_challenges_and_links_that_are_out() {
    let anna = anna().await;
    let challenge = anna.challenge().await;
    let link = anna.house.access.invitation(&anna.id).await.expect("a link").token;
    let form = json!({ "current": PASSWORD, "password": "seven green bicycles" });
    let changed = post(&anna.house, "/auth/password", &[("authorization", &anna.bearer)], form).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT, "{}", changed.text);
    assert_eq!(anna.answer(&challenge, &anna.digits()).await.code(), "CHALLENGE_ENDED");
    let form = json!({ "token": link, "password": "eight green bicycles" });
    assert_eq!(post(&anna.house, "/auth/invitation/complete", &[], form).await.code(), "LINK_VOID");
}

#[tokio::test]
async fn every_change_of_it_ends_the_other_sessions_and_is_told() {
    let house = house_with_messages().await;
    let id = house.anna().await;
    let (before, _) = sign_in(&house, "anna@example.org", "").await;
    let (here, _) = sign_in(&house, "anna@example.org", "").await;
    let secret = begin(&house, &here).await.json()["secret"].as_str().expect("a secret").to_owned();
    let form = json!({ "code": digits(&house, &secret) });
    let confirmed = post(&house, "/auth/totp/confirm", &[("authorization", &here)], form).await;
    assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.text);
    let is_in = async |bearer: &str| {
        fetch(&house, "/auth/totp", &[("authorization", bearer)]).await.status == StatusCode::OK
    };
    assert!(!is_in(&before).await && is_in(&here).await);
    let told = async |subject: &str| {
        let (to, text) = house.only_message("mail").await;
        assert!(to == "anna@example.org" && text.contains(subject), "{to}: {text}");
    };
    told("включён").await;

    let (boss, order) = (house.boss(), house.press());
    let reset = Order { by: &boss, command: order, sent: b"reset".to_vec() };
    house.access.forget_second_factor(&reset, &id).await.expect("reset");
    assert!(!is_in(&here).await, "whoever held the account without it is out");
    told("Администратор").await;
    let (here, _) = sign_in(&house, "anna@example.org", "").await;
    let secret = begin(&house, &here).await.json()["secret"].as_str().expect("a secret").to_owned();
    let form = json!({ "code": digits(&house, &secret) });
    post(&house, "/auth/totp/confirm", &[("authorization", &here)], form).await;
    told("включён").await;
    // The old press again is no new one.
    house.access.forget_second_factor(&reset, &id).await.expect("a repeat");
    assert!(is_in(&here).await && house.messages("mail").await.is_empty());
    house.pass(TimeDelta::seconds(30));
    let form = json!({ "password": PASSWORD, "code": digits(&house, &secret) });
    let removed = post(&house, "/auth/totp/remove", &[("authorization", &here)], form).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT, "{}", removed.text);
    assert!(is_in(&here).await);
    told("выключен").await;
}

#[tokio::test]
async fn a_new_password_leaves_the_second_factor() {
    let anna = anna().await;
    let form = json!({ "current": PASSWORD, "password": "seven green bicycles" });
    let changed = post(&anna.house, "/auth/password", &[("authorization", &anna.bearer)], form).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT, "{}", changed.text);
    let form = json!({ "email": "anna@example.org", "password": "seven green bicycles" });
    assert_eq!(post(&anna.house, "/auth/login", &[], form).await.json()["step"], "TOTP");
}

#[tokio::test]
async fn a_secret_stands_sealed_in_the_vault() {
    let anna = anna().await;
    let known =
        anna.house.storage.vault.second_factor(anna.id.as_str()).await.expect("the vault").expect("one");
    let rows: Vec<(String,)> =
        talon_storage::ask!(anna.house.storage.vault.db(), (String,), "select secret from second_factors")
            .expect("rows");
    assert!(!rows[0].0.contains(&anna.secret) && !rows[0].0.contains(&hex::encode(&known.secret[..])));
    assert_eq!(bearer(&anna.answer(&anna.challenge().await, &anna.digits()).await).split('.').count(), 3);
}
