//! A second factor that the organisation requires: what somebody may do without it, and what comes back with it.

use http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use talon_api::{
    auth::{AuthConfig, OutsideNews, Permission, Subject},
    config::SecondFactor,
};
use talon_core::{
    fact::Actor,
    ids::OperatorId,
    staff::event::{Role, Scope},
    time::Clock,
};

use crate::{
    account::sign_in,
    over_http::{fetch, post},
    second_factor::{begin, digits},
    support::{House, PASSWORD, at, house_with},
};

const BOSS: &str = "boss@example.org";

async fn house(second_factor: SecondFactor) -> House {
    house_with(AuthConfig { second_factor, outside_tokens: true, ..AuthConfig::default() }).await
}

async fn boss(house: &House) -> OperatorId {
    house.employ(BOSS, Role::Admin, Scope::Organisation).await
}

/// What a page for administrators answers.
async fn manage(house: &House, bearer: &str) -> StatusCode {
    fetch(house, "/manage", &[("authorization", bearer)]).await.status
}

async fn state(house: &House, bearer: &str) -> Value {
    fetch(house, "/auth/totp", &[("authorization", bearer)]).await.json()
}

/// Sets a second factor up: the secret, for further digits.
async fn set_up(house: &House, bearer: &str) -> String {
    let offer = begin(house, bearer).await;
    assert_eq!(offer.status, StatusCode::OK, "{}", offer.text);
    let secret = offer.json()["secret"].as_str().expect("a secret").to_owned();
    let form = json!({ "code": digits(house, &secret) });
    let confirmed = post(house, "/auth/totp/confirm", &[("authorization", bearer)], form).await;
    assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.text);
    secret
}

#[tokio::test]
async fn an_administrator_without_a_second_factor_may_only_set_one_up() {
    let house = house(SecondFactor::Administrators).await;
    boss(&house).await;
    let (here, answer) = sign_in(&house, BOSS, "").await;
    let me = answer.json()["me"].clone();
    assert_eq!((&me["mustSetUpSecondFactor"], &me["role"]), (&json!(true), &json!("admin")));
    assert_eq!(manage(&house, &here).await, StatusCode::FORBIDDEN);
    assert_eq!(
        state(&house, &here).await,
        json!({ "enabled": false, "required": true, "recoveryCodesLeft": 0 })
    );
    let (there, other) = sign_in(&house, BOSS, "").await;
    assert_eq!(fetch(&house, "/auth/sessions", &[("authorization", &there)]).await.status, StatusCode::OK);

    let secret = set_up(&house, &here).await;
    assert_eq!(manage(&house, &here).await, StatusCode::OK, "with the same token");
    let renewed = post(&house, "/auth/refresh", &[("cookie", &answer.pair())], json!({})).await;
    assert_eq!(renewed.json()["me"]["mustSetUpSecondFactor"], false, "{}", renewed.text);
    // Somebody else may have come in with the password alone: they gain nothing by it.
    assert_eq!(manage(&house, &there).await, StatusCode::UNAUTHORIZED);
    let ended = post(&house, "/auth/refresh", &[("cookie", &other.pair())], json!({})).await;
    assert_eq!(ended.code(), "SESSION_ENDED");

    house.pass(chrono::TimeDelta::seconds(30));
    let form = json!({ "password": PASSWORD, "code": digits(&house, &secret) });
    let kept = post(&house, "/auth/totp/remove", &[("authorization", &here)], form).await;
    assert_eq!((kept.status, kept.code().as_str()), (StatusCode::CONFLICT, "SECOND_FACTOR_REQUIRED"));
    assert_eq!(state(&house, &here).await["enabled"], true);
    assert_eq!(manage(&house, &here).await, StatusCode::OK);
}

#[tokio::test]
async fn a_second_factor_is_required_of_those_the_configuration_names() {
    for (wanted, of_head) in
        [(SecondFactor::Optional, false), (SecondFactor::Administrators, false), (SecondFactor::Staff, true)]
    {
        let house = house(wanted).await;
        house.employ("head@example.org", Role::Head, at("centre")).await;
        let (head, answer) = sign_in(&house, "head@example.org", "").await;
        assert_eq!(answer.json()["me"]["mustSetUpSecondFactor"], of_head, "{wanted:?}");
        let expected = if of_head { StatusCode::FORBIDDEN } else { StatusCode::OK };
        assert_eq!(manage(&house, &head).await, expected, "{wanted:?}");
        boss(&house).await;
        let of_boss = wanted != SecondFactor::Optional;
        let (_, answer) = sign_in(&house, BOSS, "").await;
        assert_eq!(answer.json()["me"]["mustSetUpSecondFactor"], of_boss, "{wanted:?}");
    }
}

#[tokio::test]
async fn rights_go_with_the_second_factor_and_come_back_with_another() {
    let house = house(SecondFactor::Administrators).await;
    let id = boss(&house).await;
    let (bearer, _) = sign_in(&house, BOSS, "").await;
    let token = bearer.trim_start_matches("Bearer ").to_owned();
    let before = house.access.verify(&token).expect("signed in");
    set_up(&house, &bearer).await;
    assert!(!house.access.stands(&before), "an open socket asks anew who it belongs to");
    let with = house.access.verify(&token).expect("signed in");
    assert!(with.may(Permission::ManageStaff, None) && house.access.stands(&with));
    house.access.reset_second_factor(&id, Actor::system(), house.press()).await.expect("taken away");
    assert!(!house.access.stands(&with) && house.access.verify(&token).is_err(), "signed out with it");
    let (bearer, _) = sign_in(&house, BOSS, "").await;
    let token = bearer.trim_start_matches("Bearer ").to_owned();
    let without = house.access.verify(&token).expect("signed in");
    assert!(!without.may(Permission::ManageStaff, None) && without.must_set_up_second_factor);
    assert_eq!(without.permissions().iter().filter(|it| **it == Permission::OwnAccount).count(), 1);
    let elsewhere = house.another_node().await;
    assert!(elsewhere.verify(&token).expect("signed in").must_set_up_second_factor);
    set_up(&house, &bearer).await;
    assert_eq!(manage(&house, &bearer).await, StatusCode::OK);
}

#[tokio::test]
async fn an_outside_service_answers_for_those_it_signs_in() {
    let house = house(SecondFactor::Staff).await;
    let id = boss(&house).await;
    let token = "a token of the outside service";
    let expires_at = house.clock.now() + chrono::TimeDelta::hours(1);
    let token_hash = Sha256::digest(token.as_bytes()).into();
    let subject = Subject::Staff(id);
    let news = OutsideNews::Created { token: token_hash, subject, expires_at };
    house.access.take_note(news).await.expect("told");
    let principal = house.access.bearer(token).await.expect("known");
    assert!(principal.may(Permission::ManageStaff, None) && !principal.must_set_up_second_factor);
    assert!(house.access.stands(&principal));
    let (_, by_password) = sign_in(&house, BOSS, "").await;
    assert_eq!(by_password.json()["me"]["mustSetUpSecondFactor"], true, "only in the session it began");
}
