//! The vault on every database: what is sealed opens again, what may happen once happens once.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "vault/misses.rs"]
mod misses;
#[path = "vault/outbox.rs"]
mod outbox;
mod support;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use support::{Home, homes};
use talon_storage::{
    Access, Storage, VaultError,
    vault::{Checkpoint, MasterKey, NewPass, NewSession, Offer, PersonKind, Renewal, Rotation, Vault},
};
use uuid::Uuid;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

fn minutes(count: i64) -> TimeDelta {
    TimeDelta::minutes(count)
}

async fn each(test: impl AsyncFn(&Home, &Vault)) {
    for home in homes().await {
        let storage = home.open().await;
        test(&home, &storage.vault).await;
        storage.close().await;
    }
}

#[tokio::test]
async fn a_sealed_value_opens_only_where_it_was_sealed() {
    each(async |_, vault| {
        let sealed = vault.seal("staff-7", b"command name", "Анна".as_bytes()).await.unwrap();
        assert_eq!(vault.open_text(&sealed, b"command name").await.unwrap().as_deref(), Some("Анна"));
        let elsewhere = vault.open_text(&sealed, b"command e-mail").await;
        assert!(matches!(elsewhere, Err(VaultError::Damaged { .. })));
        assert!(!sealed.value.contains("Анна"));
        let again = vault.seal("staff-7", b"command name", "Анна".as_bytes()).await.unwrap();
        assert_eq!(again.key, sealed.key);
        assert_ne!(again.value, sealed.value);
        assert_eq!(vault.key_name("staff-7").await.unwrap(), sealed.key);
        assert_ne!(vault.key_name("staff-8").await.unwrap(), sealed.key);
    })
    .await;
}

#[tokio::test]
async fn a_value_without_its_key_is_erased_not_an_error() {
    each(async |_, vault| {
        let mut sealed = vault.seal("staff-7", b"aad", b"x").await.unwrap();
        sealed.key = "gone".into();
        assert_eq!(vault.open_sealed(&sealed, b"aad").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn sealed_values_open_after_a_restart_and_only_with_the_same_master_key() {
    for home in homes().await.into_iter().filter(Home::is_durable) {
        let storage = home.open().await;
        let sealed = storage.vault.seal("staff-7", b"aad", b"x").await.unwrap();
        let index = storage.vault.blind_index("email", "a@b");
        storage.close().await;
        drop(storage);
        let storage = home.open().await;
        assert_eq!(storage.vault.open_text(&sealed, b"aad").await.unwrap().as_deref(), Some("x"));
        assert_eq!(storage.vault.blind_index("email", "a@b"), index);
        storage.close().await;
        drop(storage);
        let other = MasterKey::generate().unwrap();
        let refused = Storage::open(&home.url(), Access::Owner, Some(other)).await.unwrap_err();
        assert!(refused.to_string().contains("does not open this vault"), "{refused}");
    }
}

#[tokio::test]
async fn an_identity_belongs_to_one_person_however_it_is_spelt() {
    each(async |_, vault| {
        assert!(vault.put_identity("email", " Anna@Post.example ", "staff-7").await.unwrap());
        assert!(vault.put_identity("email", "anna@post.example", "staff-7").await.unwrap());
        assert!(!vault.put_identity("email", "ANNA@post.example", "staff-8").await.unwrap());
        assert!(vault.put_identity("telegram", "anna@post.example", "staff-8").await.unwrap());
        let found = vault.find_identity("email", "anna@POST.example").await.unwrap();
        assert_eq!(found.as_deref(), Some("staff-7"));
        assert_eq!(vault.find_identity("email", "nobody").await.unwrap(), None);
        assert!(!vault.remove_identity("email", "anna@post.example", "staff-8").await.unwrap());
        assert!(vault.remove_identity("email", "anna@post.example", "staff-7").await.unwrap());
        assert_eq!(vault.find_identity("email", "anna@post.example").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_new_password_replaces_the_old() {
    each(async |_, vault| {
        assert_eq!(vault.password_of("staff-7").await.unwrap(), None);
        vault.set_password("staff-7", "$argon2id$one", now()).await.unwrap();
        vault.set_password("staff-7", "$argon2id$two", now()).await.unwrap();
        assert_eq!(vault.password_of("staff-7").await.unwrap().as_deref(), Some("$argon2id$two"));
    })
    .await;
}

async fn signed_in(vault: &Vault, token: u8) -> Uuid {
    let family = Uuid::from_u128(u128::from(token));
    let new = NewSession {
        family,
        person: "staff-7".into(),
        kind: PersonKind::Staff,
        label: "Firefox, Linux".into(),
        token_hash: [token; 32],
        now: now(),
        token_expires: now() + minutes(60),
        session_expires: now() + minutes(600),
    };
    vault.create_session(&new).await.unwrap();
    family
}

fn renewal(shown: u8, next: u8, after: TimeDelta) -> Renewal {
    Renewal {
        shown: [shown; 32],
        next: [next; 32],
        now: now() + after,
        next_expires: now() + after + minutes(60),
        grace: TimeDelta::seconds(10),
    }
}

#[tokio::test]
async fn a_refresh_token_works_once_and_reuse_ends_the_family() {
    each(async |_, vault| {
        let family = signed_in(vault, 1).await;
        let Rotation::Rotated(session) = vault.rotate(&renewal(1, 2, minutes(1))).await.unwrap() else {
            panic!("a live token must rotate");
        };
        assert_eq!((session.family, session.person.as_str()), (family, "staff-7"));
        assert!(matches!(vault.rotate(&renewal(2, 3, minutes(2))).await.unwrap(), Rotation::Rotated(_)));
        let reused = vault.rotate(&renewal(1, 9, minutes(3))).await.unwrap();
        assert!(
            matches!(&reused, Rotation::Reused(it) if it.family == family && it.person == "staff-7"),
            "{reused:?}"
        );
        assert_eq!(vault.rotate(&renewal(3, 4, minutes(4))).await.unwrap(), Rotation::Unknown);
        assert_eq!(vault.session(family, now()).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn an_answer_lost_on_the_way_is_forgiven_until_its_successor_was_used() {
    each(async |_, vault| {
        signed_in(vault, 1).await;
        assert!(matches!(vault.rotate(&renewal(1, 2, minutes(1))).await.unwrap(), Rotation::Rotated(_)));
        let soon = minutes(1) + TimeDelta::seconds(5);
        assert!(matches!(vault.rotate(&renewal(1, 2, soon)).await.unwrap(), Rotation::Rotated(_)));
        // Both answers told the same token.
        assert!(matches!(vault.rotate(&renewal(2, 3, soon)).await.unwrap(), Rotation::Rotated(_)));
        assert!(matches!(vault.rotate(&renewal(1, 2, soon)).await.unwrap(), Rotation::Reused { .. }));
        assert_eq!(vault.rotate(&renewal(3, 4, soon)).await.unwrap(), Rotation::Unknown);
    })
    .await;
}

#[tokio::test]
async fn after_the_grace_a_used_token_ends_the_family() {
    each(async |_, vault| {
        signed_in(vault, 1).await;
        assert!(matches!(vault.rotate(&renewal(1, 2, minutes(1))).await.unwrap(), Rotation::Rotated(_)));
        let late = minutes(1) + TimeDelta::seconds(11);
        assert!(matches!(vault.rotate(&renewal(1, 2, late)).await.unwrap(), Rotation::Reused(_)));
        assert_eq!(vault.rotate(&renewal(2, 3, late)).await.unwrap(), Rotation::Unknown);
    })
    .await;
}

#[tokio::test]
async fn each_token_has_one_successor_that_nobody_else_can_tell() {
    let mut houses = Vec::new();
    for home in homes().await {
        let storage = home.open().await;
        let next = storage.vault.next_token("a token");
        assert_eq!(next, storage.vault.next_token("a token"));
        assert_ne!(next, storage.vault.next_token("A token"));
        assert_eq!(next.len(), 43);
        houses.push(next);
        storage.close().await;
    }
    let different: std::collections::BTreeSet<_> = houses.iter().collect();
    assert_eq!(different.len(), houses.len());
}

#[tokio::test]
async fn unknown_and_expired_tokens_are_told_apart() {
    each(async |_, vault| {
        let family = signed_in(vault, 1).await;
        assert_eq!(vault.rotate(&renewal(7, 8, minutes(1))).await.unwrap(), Rotation::Unknown);
        assert_eq!(vault.rotate(&renewal(1, 2, minutes(60))).await.unwrap(), Rotation::Expired);
        assert_eq!(vault.session(family, now() + minutes(600)).await.unwrap(), None);
        assert_eq!(vault.forget_expired_sessions(now() + minutes(700)).await.unwrap(), 1);
        assert_eq!(vault.rotate(&renewal(1, 2, minutes(1))).await.unwrap(), Rotation::Unknown);
    })
    .await;
}

#[tokio::test]
async fn one_token_shown_many_times_at_once_never_gives_two_live_successors() {
    for home in homes().await {
        let storage = Arc::new(home.open().await);
        signed_in(&storage.vault, 1).await;
        let mut tasks = tokio::task::JoinSet::new();
        for next in 10..26 {
            let storage = storage.clone();
            let mut renewal = renewal(1, next, minutes(1));
            renewal.grace = TimeDelta::zero() - minutes(1);
            tasks.spawn(async move { storage.vault.rotate(&renewal).await.unwrap() });
        }
        let outcomes = tasks.join_all().await;
        let rotated = outcomes.iter().filter(|it| matches!(it, Rotation::Rotated(_))).count();
        assert_eq!(rotated, 1, "{outcomes:?}");
        storage.close().await;
    }
}

#[tokio::test]
async fn signing_out_ends_one_sign_in_or_all() {
    each(async |_, vault| {
        let first = signed_in(vault, 1).await;
        signed_in(vault, 2).await;
        signed_in(vault, 3).await;
        assert_eq!(vault.family_of_token(&[1; 32]).await.unwrap(), Some(first));
        assert!(vault.revoke_family(first, now()).await.unwrap());
        assert!(!vault.revoke_family(first, now()).await.unwrap());
        assert_eq!(vault.sessions_of("staff-7", now()).await.unwrap().len(), 2);
        for session in vault.sessions_of("staff-7", now()).await.unwrap() {
            assert!(vault.revoke_family(session.family, now()).await.unwrap());
        }
        assert_eq!(vault.sessions_of("staff-7", now()).await.unwrap(), []);
    })
    .await;
}

fn offer(device: &str) -> Offer {
    Offer {
        device: device.into(),
        kind: "kiosk".into(),
        branch: "centre".into(),
        window: None,
        name: "У входа".into(),
        offered_by: "staff-7".into(),
    }
}

#[tokio::test]
async fn a_pairing_code_works_once_and_not_after_its_time() {
    each(async |_, vault| {
        let until = now() + minutes(10);
        assert!(vault.put_pairing(&[1; 32], &offer("kiosk-1"), now(), until).await.unwrap());
        assert!(!vault.put_pairing(&[1; 32], &offer("kiosk-2"), now(), until).await.unwrap());
        assert_eq!(vault.take_pairing(&[1; 32], now()).await.unwrap(), Some(offer("kiosk-1")));
        assert_eq!(vault.take_pairing(&[1; 32], now()).await.unwrap(), None);
        assert!(vault.put_pairing(&[2; 32], &offer("kiosk-1"), now(), until).await.unwrap());
        assert_eq!(vault.take_pairing(&[2; 32], until).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_device_is_known_by_its_last_token_until_it_is_revoked() {
    each(async |_, vault| {
        vault.put_device(&offer("kiosk-1"), &[1; 32], now()).await.unwrap();
        vault.put_device(&offer("kiosk-1"), &[2; 32], now()).await.unwrap();
        assert_eq!(vault.device_by_token_hash(&[1; 32]).await.unwrap(), None);
        let device = vault.device_by_token_hash(&[2; 32]).await.unwrap().unwrap();
        assert_eq!((device.device.as_str(), device.name.as_str()), ("kiosk-1", "У входа"));
        assert!(vault.revoke_device("kiosk-1", now()).await.unwrap());
        assert!(!vault.revoke_device("kiosk-1", now()).await.unwrap());
        assert_eq!(vault.device_by_token_hash(&[2; 32]).await.unwrap(), None);
        assert_eq!(vault.devices().await.unwrap()[0].revoked_at, Some(now()));
    })
    .await;
}

#[tokio::test]
async fn signing_keys_come_newest_first_and_are_wrapped_at_rest() {
    each(async |_, vault| {
        assert!(vault.add_signing_key("one", b"private one", b"public one", now()).await.unwrap());
        assert!(
            vault.add_signing_key("two", b"private two", b"public two", now() + minutes(1)).await.unwrap()
        );
        assert!(!vault.add_signing_key("two", b"another", b"another", now()).await.unwrap());
        assert!(vault.retire_signing_key("one", now() + minutes(2)).await.unwrap());
        let keys = vault.signing_keys().await.unwrap();
        assert_eq!(keys.iter().map(|it| it.kid.as_str()).collect::<Vec<_>>(), ["two", "one"]);
        assert_eq!(keys[0].private.as_slice(), b"private two");
        assert_eq!(keys[1].retired_at, Some(now() + minutes(2)));
        let rows =
            talon_storage::ask!(vault.db(), (Vec<u8>,), "select wrapped from signing_keys order by kid")
                .unwrap();
        assert!(rows.iter().all(|(wrapped,)| !wrapped.windows(7).any(|it| it == b"private")));
    })
    .await;
}

#[tokio::test]
async fn a_checkpoint_moves_only_from_where_it_stands() {
    each(async |_, vault| {
        let at = |position| Checkpoint { log_id: Uuid::from_u128(5), position };
        assert_eq!(vault.checkpoint("reactor").await.unwrap(), None);
        assert!(!vault.set_checkpoint("reactor", Some(at(1)), at(2)).await.unwrap());
        assert!(vault.set_checkpoint("reactor", None, at(2)).await.unwrap());
        assert!(!vault.set_checkpoint("reactor", None, at(3)).await.unwrap());
        assert!(!vault.set_checkpoint("reactor", Some(at(1)), at(3)).await.unwrap());
        let elsewhere = Checkpoint { log_id: Uuid::from_u128(6), position: 2 };
        assert!(!vault.set_checkpoint("reactor", Some(elsewhere), at(3)).await.unwrap());
        assert!(vault.set_checkpoint("reactor", Some(at(2)), at(3)).await.unwrap());
        assert_eq!(vault.checkpoint("reactor").await.unwrap(), Some(at(3)));
    })
    .await;
}

#[tokio::test]
async fn the_set_up_link_works_once() {
    each(async |_, vault| {
        assert_eq!(vault.setup_token_hash().await.unwrap(), None);
        vault.set_setup_token_hash(&[1; 32]).await.unwrap();
        vault.set_setup_token_hash(&[2; 32]).await.unwrap();
        assert_eq!(vault.setup_token_hash().await.unwrap(), Some([2; 32]));
        assert!(!vault.take_setup_token(&[1; 32]).await.unwrap());
        assert!(vault.take_setup_token(&[2; 32]).await.unwrap());
        assert!(!vault.take_setup_token(&[2; 32]).await.unwrap());
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn the_master_key_s_file_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    let made = MasterKey::read_or_create(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let read = MasterKey::read_or_create(&path).unwrap();
    assert_eq!(read.fingerprint(), made.fingerprint());
    std::fs::write(&path, "short").unwrap();
    assert!(matches!(MasterKey::read_or_create(&path), Err(VaultError::MasterKey(_))));
    assert_eq!(format!("{made:?}"), "MasterKey(***)");
}

fn link(id: u8, body: &[u8]) -> NewPass<'_> {
    NewPass {
        kind: "link",
        id: [id; 32],
        person: Some("staff-7"),
        body,
        tries: 2,
        now: now(),
        expires: now() + minutes(5),
    }
}

#[tokio::test]
async fn a_pass_is_good_once_for_one_thing_and_for_a_while() {
    each(async |_, vault| {
        assert!(vault.put_pass(&link(1, b"for Anna")).await.unwrap());
        assert!(!vault.put_pass(&link(1, b"for Boris")).await.unwrap(), "it is out already");
        let looked = vault.pass("link", &[1; 32], now()).await.unwrap().expect("out");
        assert_eq!((looked.body.as_slice(), looked.person.as_deref()), (&b"for Anna"[..], Some("staff-7")));
        assert_eq!((looked.created_at, looked.expires_at), (now(), now() + minutes(5)));
        assert!(vault.take_pass("code", &[1; 32], now()).await.unwrap().is_none(), "of another kind");
        assert!(vault.pass("link", &[1; 32], now() + minutes(5)).await.unwrap().is_none(), "ran out");
        assert!(vault.take_pass("link", &[1; 32], now()).await.unwrap().is_some());
        assert!(vault.take_pass("link", &[1; 32], now()).await.unwrap().is_none(), "once");
        assert!(vault.put_pass(&link(2, b"x")).await.unwrap());
        assert!(vault.take_pass("link", &[2; 32], now() + minutes(5)).await.unwrap().is_none(), "too late");
    })
    .await;
}

#[tokio::test]
async fn of_all_who_use_a_pass_up_at_once_one_gets_it() {
    each(async |_, vault| {
        for round in 0..8 {
            assert!(vault.put_pass(&link(round, b"x")).await.unwrap());
            let id = [round; 32];
            let (one, other) =
                tokio::join!(vault.take_pass("link", &id, now()), vault.take_pass("link", &id, now()));
            let got = [one.unwrap(), other.unwrap()].iter().flatten().count();
            assert_eq!(got, 1, "round {round}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_pass_is_tried_so_often_and_changed_by_whoever_saw_it_last() {
    each(async |_, vault| {
        assert!(vault.put_pass(&link(1, b"waiting")).await.unwrap());
        let id = [1; 32];
        let first = vault.try_pass("link", &id, now()).await.unwrap().expect("a try");
        assert_eq!(first.tries_left, 1);
        assert!(vault.try_pass("link", &id, now()).await.unwrap().is_some());
        assert!(vault.try_pass("link", &id, now()).await.unwrap().is_none(), "no try is left");
        assert!(vault.change_pass("link", &id, &first, b"confirmed", now()).await.unwrap());
        assert!(!vault.change_pass("link", &id, &first, b"refused", now()).await.unwrap(), "changed since");
        let seen = vault.pass("link", &id, now()).await.unwrap().expect("out");
        assert_eq!(seen.body.as_slice(), b"confirmed");
        assert_eq!(vault.forget_passes_of("link", "staff-8").await.unwrap(), 0);
        assert_eq!(vault.forget_passes_of("link", "staff-7").await.unwrap(), 1);
        assert!(vault.put_pass(&link(2, b"x")).await.unwrap());
        assert_eq!(vault.forget_expired_passes(now() + minutes(5)).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_step_and_a_recovery_code_count_once() {
    each(async |_, vault| {
        let codes = ["aaaa-bbbb", "cccc-dddd"].map(|code| vault.recovery_code_index("anna", code));
        assert!(vault.offer_second_factor("anna", b"former", now()).await.unwrap());
        assert!(
            vault.offer_second_factor("anna", b"secret", now()).await.unwrap(),
            "an offer may be renewed"
        );
        assert!(!vault.confirm_second_factor("boris", 7, &codes, now()).await.unwrap());
        assert!(vault.confirm_second_factor("anna", 7, &codes, now()).await.unwrap());
        assert!(!vault.offer_second_factor("anna", b"another", now()).await.unwrap(), "confirmed stays");
        let known = vault.second_factor("anna").await.unwrap().expect("a factor");
        assert_eq!((known.secret.as_slice(), known.confirmed_at), (&b"secret"[..], Some(now())));
        assert!(!vault.use_step("anna", 7).await.unwrap(), "used when it was confirmed");
        assert!(vault.use_step("anna", 8).await.unwrap());
        assert!(!vault.use_step("anna", 8).await.unwrap());
        assert!(!vault.use_step("anna", 7).await.unwrap(), "nor an earlier one");
        assert_eq!(vault.recovery_codes_left("anna").await.unwrap(), 2);
        assert!(!vault.use_recovery_code("boris", "aaaa-bbbb").await.unwrap(), "somebody else's");
        assert!(vault.use_recovery_code("anna", " AAAA-bbbb ").await.unwrap());
        assert!(!vault.use_recovery_code("anna", "aaaa-bbbb").await.unwrap(), "once");
        assert_eq!(vault.recovery_codes_left("anna").await.unwrap(), 1);
        assert!(vault.remove_second_factor("anna").await.unwrap());
        assert!(vault.second_factor("anna").await.unwrap().is_none());
        assert_eq!(vault.recovery_codes_left("anna").await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn of_all_who_replace_a_signing_key_one_succeeds() {
    each(async |_, vault| {
        assert!(vault.add_signing_key("one", b"private", b"public", now()).await.unwrap());
        let replace = |kid: &'static str| vault.replace_signing_key("one", kid, b"private", b"public", now());
        let (two, three) = tokio::join!(replace("two"), replace("three"));
        assert_ne!(two.unwrap(), three.unwrap());
        let keys = vault.signing_keys().await.unwrap();
        assert_eq!(keys.iter().filter(|key| key.retired_at.is_none()).count(), 1);
        assert_eq!(keys.len(), 2);
        assert_eq!(vault.forget_retired_signing_keys(now()).await.unwrap(), 0);
        assert_eq!(vault.forget_retired_signing_keys(now() + minutes(1)).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_command_replaces_a_key_beside_the_vaults_owner() {
    for home in homes().await.into_iter().filter(Home::is_durable) {
        let storage = home.open().await;
        assert!(storage.vault.add_signing_key("one", b"private", b"public", now()).await.unwrap());
        let beside = talon_storage::open_vault(&home.url(), Some(support::master())).await.unwrap();
        assert!(beside.replace_signing_key("one", "two", b"private", b"public", now()).await.unwrap());
        beside.db().close().await;
        let signing = storage.vault.signing_keys().await.unwrap();
        let kids: Vec<_> = signing.iter().filter(|it| it.retired_at.is_none()).map(|it| &it.kid).collect();
        assert_eq!(kids, ["two"]);
        let other = talon_storage::open_vault(&home.url(), Some(MasterKey::generate().unwrap())).await;
        let refused = other.unwrap_err().to_string();
        assert!(refused.contains("does not open this vault"), "{refused}");
        storage.close().await;
    }
}
