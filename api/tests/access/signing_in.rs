//! Passwords, sessions, people.

use std::time::{Duration, Instant};

use crate::support::{HERE, PASSWORD, at, house};
use chrono::TimeDelta;
use talon_api::auth::{AccessDenied, Hint, NewStaff, Permission, Role, Who};
use talon_core::{
    fact::Actor,
    ids::BranchId,
    refusal::Refusal,
    staff::event::{Role as StaffRole, Scope},
};

fn seconds(count: i64) -> TimeDelta {
    TimeDelta::seconds(count)
}

#[tokio::test]
async fn a_colleague_signs_in_and_acts_in_their_branch() {
    let house = house().await;
    let anna = house.anna().await;
    let signed_in = house.sign_in_anna().await;
    assert_eq!(signed_in.me.name.as_deref(), Some("Анна Иванова"));
    assert_eq!(signed_in.me.role, Role::Operator);
    assert_eq!(signed_in.me.branches, [BranchId::trusted("centre")]);

    let principal = house.access.verify(&signed_in.access_token).expect("a good token");
    assert_eq!(principal.staff_id(), Some(&anna));
    assert!(principal.may(Permission::CallCustomers, Some(&BranchId::trusted("centre"))));
    assert!(!principal.may(Permission::CallCustomers, Some(&BranchId::trusted("north"))));
    let stream = format!("staff-{anna}");
    assert_eq!(house.kinds(&stream).await, ["staff.added", "staff.role_granted", "staff.session_started"]);
    assert_eq!(house.kinds("organisation").await, ["organisation.staff_listed"]);
}

#[tokio::test]
async fn names_and_addresses_stand_sealed_in_the_log() {
    let house = house().await;
    let anna = house.anna().await;
    let stream = talon_core::event_store::StreamId::new(&format!("staff-{anna}"));
    for raw in house.storage.events.read_stream(&stream, 0, 100).await.expect("facts") {
        let text = String::from_utf8_lossy(&raw.data).into_owned() + &String::from_utf8_lossy(&raw.meta);
        for secret in ["Анна", "anna@", "example", PASSWORD] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    assert!(!anna.as_str().contains("anna"));
}

#[tokio::test]
async fn an_administrator_sees_every_branch() {
    let house = house().await;
    house.register("centre").await;
    house.register("north").await;
    house.employ("boss@example.org", StaffRole::Admin, Scope::Organisation).await;
    let me = house.access.login("boss@example.org", PASSWORD, HERE).await.expect("signed in").me;
    assert_eq!(me.branches, [BranchId::trusted("centre"), BranchId::trusted("north")]);
}

#[tokio::test]
async fn unknown_accounts_and_wrong_passwords_look_and_take_the_same() {
    let house = house().await;
    house.anna().await;
    let try_in = async |email: &str| {
        let began = Instant::now();
        let answer = house.access.login(email, "not the password", HERE).await;
        assert!(matches!(answer, Err(AccessDenied::WrongDetails)), "{answer:?}");
        began.elapsed()
    };
    try_in("warm-up@example.org").await;
    let mut known = Duration::MAX;
    let mut unknown = Duration::MAX;
    for _ in 0..3 {
        known = known.min(try_in("anna@example.org").await);
        unknown = unknown.min(try_in("nobody@example.org").await);
    }
    // Without the hash the answer would come some fifty times sooner.
    assert!(unknown * 3 > known, "unknown {unknown:?}, known {known:?}");
}

#[tokio::test]
async fn guessing_locks_known_and_unknown_accounts_alike_and_no_others() {
    let house = house().await;
    house.anna().await;
    house.employ("boris@example.org", StaffRole::Head, at("centre")).await;
    for email in ["anna@example.org", "nobody@example.org"] {
        for _ in 0..5 {
            let answer = house.access.login(email, "not the password", HERE).await;
            assert!(matches!(answer, Err(AccessDenied::WrongDetails)), "{answer:?}");
        }
        let answer = house.access.login(email, PASSWORD, HERE).await;
        assert!(matches!(answer, Err(AccessDenied::TooManyAttempts { seconds: 5 })), "{answer:?}");
    }
    house.access.login("boris@example.org", PASSWORD, HERE).await.expect("somebody else");
    house.pass(seconds(5));
    house.access.login(" Anna@Example.org ", PASSWORD, HERE).await.expect("the wait is over");
    house.access.login("anna@example.org", "not the password", HERE).await.expect_err("wrong");
    house.access.login("anna@example.org", PASSWORD, HERE).await.expect("success forgives");
}

#[tokio::test]
async fn misses_of_one_node_count_on_another_and_a_restart_forgives_nobody() {
    let house = house().await;
    house.anna().await;
    let other = house.another_node().await;
    for email in ["anna@example.org", "nobody@example.org"] {
        for number in 0..5 {
            let node = if number % 2 == 0 { &house.access } else { &other };
            let answer = node.login(email, "not the password", HERE).await;
            assert!(matches!(answer, Err(AccessDenied::WrongDetails)), "{answer:?}");
        }
        for node in [&house.access, &other, &house.another_node().await] {
            let answer = node.login(email, PASSWORD, HERE).await;
            assert!(matches!(answer, Err(AccessDenied::TooManyAttempts { seconds: 5 })), "{answer:?}");
        }
    }
    house.pass(seconds(5));
    other.login("anna@example.org", PASSWORD, HERE).await.expect("the wait is over");
    house.access.login("anna@example.org", "not the password", HERE).await.expect_err("wrong");
    house.access.login("anna@example.org", PASSWORD, HERE).await.expect("success there forgives here");
}

#[tokio::test]
async fn an_address_that_guesses_at_many_accounts_waits_on_every_node() {
    let house = house().await;
    house.anna().await;
    let other = house.another_node().await;
    for number in 0..21 {
        let node = if number % 2 == 0 { &house.access } else { &other };
        let answer = node.login(&format!("guess-{number}@example.org"), "not the password", HERE).await;
        assert!(matches!(answer, Err(AccessDenied::WrongDetails)), "{answer:?}");
    }
    let restarted = house.another_node().await;
    for node in [&house.access, &other, &restarted] {
        let answer = node.login("anna@example.org", PASSWORD, HERE).await;
        assert!(matches!(answer, Err(AccessDenied::TooManyAttempts { seconds: 5 })), "{answer:?}");
    }
    let elsewhere = std::net::IpAddr::from([192, 0, 2, 2]);
    other.login("anna@example.org", PASSWORD, elsewhere).await.expect("only the address waits");
}

#[tokio::test]
async fn a_session_renews_itself_and_its_old_token_is_used_up() {
    let house = house().await;
    house.anna().await;
    let first = house.sign_in_anna().await;
    house.pass(seconds(300));
    let second = house.access.refresh(&first.refresh_token).await.expect("renewed");
    assert_ne!(first.refresh_token, second.refresh_token);
    assert_ne!(first.access_token, second.access_token);
    assert_eq!(second.me, first.me);
    let session = |token: &str| match house.access.verify(token).expect("good").who {
        Who::Staff { session, .. } => session,
        other => panic!("{other:?}"),
    };
    assert_eq!(session(&first.access_token), session(&second.access_token));
}

#[tokio::test]
async fn a_token_shown_twice_ends_the_whole_session() {
    let house = house().await;
    let anna = house.anna().await;
    let first = house.sign_in_anna().await;
    house.pass(seconds(300));
    let second = house.access.refresh(&first.refresh_token).await.expect("renewed");
    house.pass(seconds(300));
    let stolen = house.access.refresh(&first.refresh_token).await;
    assert!(matches!(stolen, Err(AccessDenied::SessionEnded)), "{stolen:?}");
    let owner = house.access.refresh(&second.refresh_token).await;
    assert!(matches!(owner, Err(AccessDenied::SessionEnded)), "{owner:?}");
    assert_eq!(house.access.verify(&second.access_token), Err(AccessDenied::Unauthenticated));
    let kinds = house.kinds(&format!("staff-{anna}")).await;
    assert_eq!(kinds.last().map(String::as_str), Some("staff.session_revoked"));
    house.sign_in_anna().await;
}

#[tokio::test]
async fn an_answer_lost_on_the_way_may_be_asked_for_again() {
    let house = house().await;
    house.anna().await;
    let first = house.sign_in_anna().await;
    let lost = house.access.refresh(&first.refresh_token).await.expect("the answer that was lost");
    house.pass(seconds(5));
    let again = house.access.refresh(&first.refresh_token).await.expect("asked again");
    assert_eq!(again.refresh_token, lost.refresh_token);
}

#[tokio::test]
async fn two_windows_at_once_stay_in_whichever_answer_comes_last() {
    let house = house().await;
    house.anna().await;
    let mut cookie = house.sign_in_anna().await.refresh_token;
    for _ in 0..3 {
        let (one, other) = tokio::join!(house.access.refresh(&cookie), house.access.refresh(&cookie));
        let (one, other) = (one.expect("one window"), other.expect("the other"));
        assert_eq!(one.refresh_token, other.refresh_token, "the browser keeps the same cookie");
        cookie = one.refresh_token;
        house.pass(TimeDelta::minutes(9));
    }
}

#[tokio::test]
async fn a_thief_within_the_grace_is_found_out_at_the_next_renewal() {
    for thief_is_first in [true, false] {
        let house = house().await;
        house.anna().await;
        let stolen = house.sign_in_anna().await.refresh_token;
        let owner = house.access.refresh(&stolen).await.expect("renewed").refresh_token;
        house.pass(seconds(5));
        let thief = house.access.refresh(&stolen).await.expect("within the grace").refresh_token;
        house.pass(TimeDelta::minutes(9));
        let (first, second) = if thief_is_first { (&thief, &owner) } else { (&owner, &thief) };
        let kept = house.access.refresh(first).await.expect("the first of both");
        house.pass(TimeDelta::minutes(1));
        let found_out = house.access.refresh(second).await;
        assert!(matches!(found_out, Err(AccessDenied::SessionEnded)), "{found_out:?}");
        let over = house.access.refresh(&kept.refresh_token).await;
        assert!(matches!(over, Err(AccessDenied::SessionEnded)), "{over:?}");
        assert_eq!(house.access.verify(&kept.access_token), Err(AccessDenied::Unauthenticated));
    }
}

#[tokio::test]
async fn sessions_end_by_idleness_and_at_the_latest_by_age() {
    let house = house().await;
    house.anna().await;
    let first = house.sign_in_anna().await;
    house.pass(TimeDelta::hours(12) + seconds(1));
    assert!(matches!(house.access.refresh(&first.refresh_token).await, Err(AccessDenied::SessionEnded)));

    let mut busy = house.sign_in_anna().await;
    for _ in 0..15 {
        house.pass(TimeDelta::hours(11));
        busy = house.access.refresh(&busy.refresh_token).await.expect("still within a week");
    }
    house.pass(TimeDelta::hours(11));
    assert!(matches!(house.access.refresh(&busy.refresh_token).await, Err(AccessDenied::SessionEnded)));
}

#[tokio::test]
async fn signing_out_ends_session_and_token_at_once() {
    let house = house().await;
    house.anna().await;
    let signed_in = house.sign_in_anna().await;
    let other_device = house.sign_in_anna().await;
    let principal = house.access.verify(&signed_in.access_token).expect("good");
    house.access.logout(&signed_in.refresh_token).await.expect("signed out");
    house.access.logout(&signed_in.refresh_token).await.expect("twice is no harm");
    house.access.logout("made up").await.expect("neither is nonsense");
    assert_eq!(house.access.verify(&signed_in.access_token), Err(AccessDenied::Unauthenticated));
    assert!(!house.access.stands(&principal));
    assert!(house.access.refresh(&signed_in.refresh_token).await.is_err());
    house.access.verify(&other_device.access_token).expect("the other device stays in");
}

#[tokio::test]
async fn dismissal_takes_effect_at_once_here_and_with_its_fact_elsewhere() {
    let house = house().await;
    let anna = house.anna().await;
    let other = house.another_node().await;
    let signed_in = house.sign_in_anna().await;
    other.verify(&signed_in.access_token).expect("good on both");
    house.dismiss(&anna).await;
    assert_eq!(house.access.verify(&signed_in.access_token), Err(AccessDenied::Unauthenticated));
    assert!(house.access.refresh(&signed_in.refresh_token).await.is_err());
    let again = house.access.login("anna@example.org", PASSWORD, HERE).await;
    assert!(matches!(again, Err(AccessDenied::WrongDetails)), "{again:?}");
    for fact in house.facts(&format!("staff-{anna}")).await {
        other.take_in(&fact).await.expect("taken in");
    }
    assert_eq!(other.verify(&signed_in.access_token), Err(AccessDenied::Unauthenticated));
    let restarted = house.another_node().await;
    assert_eq!(restarted.verify(&signed_in.access_token), Err(AccessDenied::Unauthenticated));
}

#[tokio::test]
async fn a_sign_out_reaches_other_nodes_with_its_fact_and_survives_a_restart() {
    let house = house().await;
    let anna = house.anna().await;
    let other = house.another_node().await;
    let signed_in = house.sign_in_anna().await;
    house.access.logout(&signed_in.refresh_token).await.expect("signed out");
    other.verify(&signed_in.access_token).expect("the fact is on its way");
    // The last fact only: what came before it is read from the person's stream.
    let facts = house.facts(&format!("staff-{anna}")).await;
    other.take_in(facts.last().expect("a fact")).await.expect("taken in");
    assert_eq!(other.verify(&signed_in.access_token), Err(AccessDenied::Unauthenticated));
    let restarted = house.another_node().await;
    assert_eq!(restarted.verify(&signed_in.access_token), Err(AccessDenied::Unauthenticated));
}

#[tokio::test]
async fn roles_are_looked_up_when_the_token_is_used() {
    let house = house().await;
    house.register("centre").await;
    let anna = house.anna().await;
    let token = house.sign_in_anna().await.access_token;
    let may = |permission| {
        let principal = house.access.verify(&token).expect("good");
        principal.may(permission, Some(&BranchId::trusted("centre")))
    };
    assert!(!may(Permission::ManageDay));
    let boss = house.boss();
    house.access.grant(&house.order(&boss), &anna, StaffRole::Head, at("centre")).await.expect("granted");
    assert!(may(Permission::ManageDay));
    house.access.withdraw(&house.order(&boss), &anna, StaffRole::Head).await.expect("withdrawn");
    assert!(!may(Permission::ManageDay));
    assert!(may(Permission::CallCustomers));
}

#[tokio::test]
async fn the_set_up_link_works_once() {
    let house = house().await;
    let former = house.access.setup_token().await.expect("answer").expect("a link");
    let token = house.access.setup_token().await.expect("answer").expect("a link after a restart");
    let setup = async |token: &str, email: &str, password: &str| {
        house.access.complete_setup(token, email, "Ольга", password, HERE).await.map(|it| it.me)
    };
    let email = "olga@example.org";
    assert_eq!(setup(&former, email, PASSWORD).await, Err(AccessDenied::SetupDone), "void since");
    assert_eq!(setup("guessed", email, PASSWORD).await, Err(AccessDenied::SetupDone));
    assert_eq!(setup(&token, "no address", PASSWORD).await, Err(AccessDenied::Malformed { field: "email" }));
    assert_eq!(setup(&token, email, "short").await, Err(AccessDenied::WeakPassword { hint: Hint::TooShort }));
    let me = setup(&token, email, PASSWORD).await.expect("wrong forms have not used it up");
    assert_eq!(me.role, Role::Admin);
    assert_eq!(setup(&token, "second@example.org", PASSWORD).await, Err(AccessDenied::SetupDone));
    assert_eq!(house.access.setup_token().await, Ok(None), "there is an administrator now");
    assert_eq!(house.another_node().await.setup_token().await, Ok(None), "after a restart too");
    house.access.login(email, PASSWORD, HERE).await.expect("the administrator signs in");
}

#[tokio::test]
async fn one_e_mail_is_one_person_and_the_same_press_is_the_same_person() {
    let house = house().await;
    let new = || NewStaff {
        email: "anna@example.org".into(),
        name: "Анна".into(),
        password: PASSWORD.to_owned().into(),
        role: StaffRole::Operator,
        scope: at("centre"),
        skills: Vec::new(),
    };
    let press = house.press();
    let first = house.access.add_staff(new(), Actor::system(), press).await.expect("added");
    let repeat = house.access.add_staff(new(), Actor::system(), press).await;
    assert_eq!(repeat, Ok(first.clone()));
    let changed =
        NewStaff { password: "quite another password".to_owned().into(), name: "Нина".into(), ..new() };
    let reused = house.access.add_staff(changed, Actor::system(), press).await;
    assert_eq!(reused, Err(AccessDenied::Refused(Refusal::CommandIdReused)));
    house.access.login("anna@example.org", PASSWORD, HERE).await.expect("the password stands");
    let second = house.access.add_staff(new(), Actor::system(), house.press()).await;
    assert_eq!(second, Err(AccessDenied::Refused(Refusal::AlreadyExists { what: "email" })));
    let kinds = house.kinds(&format!("staff-{first}")).await;
    assert_eq!(kinds, ["staff.added", "staff.role_granted", "staff.session_started"]);
}

#[tokio::test]
async fn a_try_that_broke_off_half_way_does_not_lock_the_e_mail_for_ever() {
    let house = house().await;
    let vault = &house.storage.vault;
    assert!(vault.put_identity("email", "anna@example.org", "s-aborted").await.expect("put"));
    let anna = house.anna().await;
    assert_eq!(anna.as_str(), "s-aborted");
    house.sign_in_anna().await;
}
