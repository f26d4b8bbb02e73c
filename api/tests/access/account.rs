//! One's own account over HTTP: sessions and the password; and everybody else's, which is out of reach.

use chrono::TimeDelta;
use http::StatusCode;
use serde_json::{Value, json};
use sha2::Digest;
use talon_api::auth::{AuthConfig, OutsideNews, Subject};
use talon_core::{
    access::event::{Failure, Way},
    queue_event::{AccessEvent, Event},
    staff::event::Role,
    time::Clock,
};

use crate::{
    over_http::{Answer, fetch, post},
    support::{House, PASSWORD, at, house, house_with},
};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

pub(crate) async fn sign_in(house: &House, email: &str, agent: &str) -> (String, Answer) {
    let form = json!({ "email": email, "password": PASSWORD });
    let answer = post(house, "/auth/login", &[("user-agent", agent)], form).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    (bearer(&answer), answer)
}

pub(crate) fn bearer(answer: &Answer) -> String {
    format!("Bearer {}", answer.json()["accessToken"].as_str().expect("a token"))
}

async fn sessions(house: &House, bearer: &str) -> Vec<Value> {
    let answer = fetch(house, "/auth/sessions", &[("authorization", bearer)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()["sessions"].as_array().expect("a list").clone()
}

async fn send(house: &House, path: &str, bearer: &str, body: Value) -> Answer {
    post(house, path, &[("authorization", bearer)], body).await
}

#[tokio::test]
async fn everybody_sees_where_they_are_signed_in_and_ends_one_of_it() {
    let house = house().await;
    house.anna().await;
    let (here, _) = sign_in(&house, "anna@example.org", FIREFOX).await;
    house.pass(TimeDelta::minutes(1));
    let (there, other) = sign_in(&house, "anna@example.org", "curl/8.5.0").await;
    house.pass(TimeDelta::minutes(1));
    let refreshed = post(&house, "/auth/refresh", &[("cookie", other.pair().as_str())], json!({})).await;
    assert_eq!(refreshed.status, StatusCode::OK);

    let listed = sessions(&house, &here).await;
    let shown = |at: usize, key: &str| listed[at][key].clone();
    assert_eq!(listed.len(), 2);
    assert_eq!((shown(0, "current"), shown(0, "label")), (json!(true), json!("Firefox, Linux")));
    assert_eq!((shown(1, "current"), shown(1, "label")), (json!(false), json!("")));
    assert_eq!(shown(1, "startedAt"), "2026-11-20T09:01:00.000Z");
    assert_eq!(shown(1, "lastUsedAt"), "2026-11-20T09:02:00.000Z");

    let path = format!("/auth/sessions/{}/revoke", listed[1]["id"].as_str().expect("an id"));
    assert_eq!(send(&house, &path, &here, json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(sessions(&house, &here).await.len(), 1);
    let gone = fetch(&house, "/auth/sessions", &[("authorization", &there)]).await;
    assert_eq!(gone.code(), "UNAUTHENTICATED", "its token is void at once");
    let again = post(&house, "/auth/refresh", &[("cookie", refreshed.pair().as_str())], json!({})).await;
    assert_eq!(again.code(), "SESSION_ENDED");
    assert_eq!(send(&house, &path, &here, json!({})).await.code(), "NOT_FOUND", "it has ended");
}

#[tokio::test]
async fn somebody_elses_session_looks_like_one_that_never_was() {
    let house = house().await;
    house.anna().await;
    house.employ("boris@example.org", Role::Head, at("centre")).await;
    let (anna, _) = sign_in(&house, "anna@example.org", FIREFOX).await;
    let (boris, _) = sign_in(&house, "boris@example.org", FIREFOX).await;
    let theirs = sessions(&house, &anna).await[0]["id"].as_str().expect("an id").to_owned();
    let never = "0197a000-0000-7000-8000-000000000000";
    let mut answers = Vec::new();
    for id in [theirs.as_str(), never, "not-an-id", "..%2f..%2fmetrics"] {
        let answer = send(&house, &format!("/auth/sessions/{id}/revoke"), &boris, json!({})).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::NOT_FOUND, "NOT_FOUND"), "{id}");
        answers.push(answer.text);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    assert_eq!(sessions(&house, &anna).await.len(), 1, "it stands");
}

#[tokio::test]
async fn signing_out_everywhere_leaves_nothing_open_here_either() {
    let house = house().await;
    let anna = house.anna().await;
    let (here, answer) = sign_in(&house, "anna@example.org", FIREFOX).await;
    let (there, other) = sign_in(&house, "anna@example.org", FIREFOX).await;
    let out = send(&house, "/auth/logout-everywhere", &here, json!({})).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.cookie().starts_with("talon_refresh=; "), "{}", out.cookie());
    for token in [&here, &there] {
        assert_eq!(
            fetch(&house, "/auth/sessions", &[("authorization", token)]).await.code(),
            "UNAUTHENTICATED"
        );
    }
    for cookie in [answer.pair(), other.pair()] {
        let refreshed = post(&house, "/auth/refresh", &[("cookie", &cookie)], json!({})).await;
        assert_eq!(refreshed.code(), "SESSION_ENDED");
    }
    let revoked = house.kinds(&format!("staff-{anna}")).await;
    assert_eq!(revoked.iter().filter(|kind| *kind == "staff.session_revoked").count(), 2);
}

#[tokio::test]
async fn whoever_came_by_another_service_is_signed_out_with_everything_else() {
    let house = house_with(AuthConfig { outside_tokens: true, ..AuthConfig::default() }).await;
    let anna = house.anna().await;
    let (here, _) = sign_in(&house, "anna@example.org", FIREFOX).await;
    let boss = house.boss();
    for way in ["everywhere", "password", "administrator"] {
        let news = OutsideNews::Created {
            token: sha2::Sha256::digest(way.as_bytes()).into(),
            subject: Subject::Email("anna@example.org".into()),
            expires_at: house.clock.now() + TimeDelta::hours(1),
        };
        house.access.take_note(news).await.expect("noted");
        let elsewhere = format!("Bearer {way}");
        // It is good until then.
        sessions(&house, &elsewhere).await;
        match way {
            "everywhere" => {
                let out = send(&house, "/auth/logout-everywhere", &elsewhere, json!({})).await;
                assert_eq!(out.status, StatusCode::NO_CONTENT);
                assert_eq!(fetch(&house, "/auth/sessions", &[("authorization", &here)]).await.status, 401);
            }
            "password" => {
                let (here, _) = sign_in(&house, "anna@example.org", FIREFOX).await;
                let form = json!({ "current": PASSWORD, "password": "seven green bicycles" });
                let changed = send(&house, "/auth/password", &here, form).await;
                assert_eq!(changed.status, StatusCode::NO_CONTENT, "{}", changed.text);
                sessions(&house, &here).await;
            }
            _ => house.access.sign_out(&house.order(&boss), &anna).await.expect("signed out"),
        }
        let after = fetch(&house, "/auth/sessions", &[("authorization", &elsewhere)]).await;
        assert_eq!(after.code(), "UNAUTHENTICATED", "{way}");
    }
    let kinds = house.kinds(&format!("staff-{anna}")).await;
    let count = |kind: &str| kinds.iter().filter(|it| *it == kind).count();
    assert_eq!((count("staff.session_started"), count("staff.session_revoked")), (5, 5), "{kinds:?}");
}

#[tokio::test]
async fn a_new_password_wants_the_old_one_and_ends_the_other_sessions() {
    let house = house().await;
    let anna = house.anna().await;
    let (here, answer) = sign_in(&house, "anna@example.org", FIREFOX).await;
    let (there, _) = sign_in(&house, "anna@example.org", FIREFOX).await;
    let change = async |current: &str, new: &str| {
        send(&house, "/auth/password", &here, json!({ "current": current, "password": new })).await
    };
    let new = "seven green bicycles";
    assert_eq!(change("not the password", new).await.code(), "WRONG_PASSWORD");
    let weak = change(PASSWORD, "anna@example.org").await;
    assert_eq!((weak.code().as_str(), &weak.json()["hint"]), ("WEAK_PASSWORD", &json!("PERSONAL")));
    assert_eq!(weak.json()["field"], "password");
    let done = change(PASSWORD, new).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.text);
    assert_eq!(sessions(&house, &here).await.len(), 1);
    assert_eq!(fetch(&house, "/auth/sessions", &[("authorization", &there)]).await.code(), "UNAUTHENTICATED");
    let kept = post(&house, "/auth/refresh", &[("cookie", answer.pair().as_str())], json!({})).await;
    assert_eq!(kept.status, StatusCode::OK, "who changed it stays signed in");
    let old = json!({ "email": "anna@example.org", "password": PASSWORD });
    assert_eq!(post(&house, "/auth/login", &[], old).await.code(), "WRONG_DETAILS");
    let form = json!({ "email": "anna@example.org", "password": new });
    assert_eq!(post(&house, "/auth/login", &[], form).await.status, StatusCode::OK);
    let kinds = house.kinds(&format!("staff-{anna}")).await;
    assert!(kinds.contains(&"staff.password_changed".to_owned()), "{kinds:?}");
}

#[tokio::test]
async fn a_new_password_has_12_to_128_characters() {
    let house = house().await;
    house.anna().await;
    let (here, _) = sign_in(&house, "anna@example.org", FIREFOX).await;
    let mut current = PASSWORD.to_owned();
    let of = |length: usize| "кобыла ждёт трамвая у моста ".chars().cycle().take(length).collect::<String>();
    for (length, hint) in
        [(11, Some("TOO_SHORT")), (129, Some("TOO_LONG")), (12, None), (64, None), (128, None)]
    {
        let new = of(length);
        let form = json!({ "current": current, "password": new });
        let answer = send(&house, "/auth/password", &here, form).await;
        if let Some(hint) = hint {
            assert_eq!((answer.code().as_str(), &answer.json()["hint"]), ("WEAK_PASSWORD", &json!(hint)));
        } else {
            assert_eq!(answer.status, StatusCode::NO_CONTENT, "{length}: {}", answer.text);
            let form = json!({ "email": "anna@example.org", "password": new });
            assert_eq!(post(&house, "/auth/login", &[], form).await.status, StatusCode::OK, "{length}");
            // Nothing behind any place is left unread.
            let cut = json!({ "email": "anna@example.org", "password": of(length - 1) });
            assert_eq!(post(&house, "/auth/login", &[], cut).await.code(), "WRONG_DETAILS", "{length}");
            current = new;
        }
    }
}

#[tokio::test]
async fn guessing_the_password_of_a_page_left_open_is_slow_too() {
    let house = house().await;
    house.anna().await;
    let (here, _) = sign_in(&house, "anna@example.org", FIREFOX).await;
    let guess = || json!({ "current": "not the password", "password": "seven green bicycles" });
    for _ in 0..5 {
        assert_eq!(send(&house, "/auth/password", &here, guess()).await.code(), "WRONG_PASSWORD");
    }
    let right = json!({ "current": PASSWORD, "password": "seven green bicycles" });
    let locked = send(&house, "/auth/password", &here, right).await;
    assert_eq!(locked.code(), "TOO_MANY_ATTEMPTS");
    sign_in(&house, "anna@example.org", FIREFOX).await;
}

#[tokio::test]
async fn own_accounts_are_nobodys_and_no_devices_business() {
    let house = house().await;
    for (path, body) in [
        ("/auth/logout-everywhere", json!({})),
        ("/auth/password", json!({ "current": "x", "password": "y" })),
        ("/auth/totp/begin", json!({ "password": "x" })),
        ("/auth/totp/confirm", json!({ "code": "000000" })),
        ("/auth/totp/remove", json!({ "password": "x", "code": "000000" })),
        ("/auth/sessions/0197a000-0000-7000-8000-000000000000/revoke", json!({})),
    ] {
        assert_eq!(post(&house, path, &[], body).await.code(), "UNAUTHENTICATED", "{path}");
    }
    for path in ["/auth/sessions", "/auth/totp"] {
        assert_eq!(fetch(&house, path, &[]).await.code(), "UNAUTHENTICATED", "{path}");
    }
}

#[tokio::test]
async fn failures_and_locks_are_facts_of_their_day_for_known_and_unknown_accounts_alike() {
    let house = house().await;
    let anna = house.anna().await;
    for email in ["anna@example.org", "nobody@example.org"] {
        for _ in 0..6 {
            let form = json!({ "email": email, "password": "not the password" });
            post(&house, "/auth/login", &[], form).await;
        }
    }
    let stream = "access-2026-11-20";
    let one = ["access.sign_in_failed"; 5].map(str::to_owned).to_vec();
    let one = [one, vec!["access.account_locked".to_owned()]].concat();
    assert_eq!(house.kinds(stream).await, [one.clone(), one].concat());
    let mut whose = Vec::new();
    for fact in house.facts(stream).await {
        match &*fact.event {
            Event::Access(AccessEvent::SignInFailed(it)) => {
                assert_eq!((it.way, it.reason), (Way::Password, Failure::WrongDetails));
                whose.push(it.staff.clone());
            }
            Event::Access(AccessEvent::AccountLocked(it)) => {
                let rest = fact.occurred_at + TimeDelta::seconds(5) - it.until;
                assert!(rest < TimeDelta::milliseconds(1), "{rest}");
                whose.push(it.staff.clone());
            }
            other => panic!("{other:?}"),
        }
    }
    let expected = [vec![Some(anna); 6], vec![None; 6]].concat();
    assert_eq!(whose, expected);
    let text = format!("{:?}", house.facts(stream).await);
    assert!(!text.contains("example.org"), "no address stands in the log");
}
