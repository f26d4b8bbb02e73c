//! A backup of either database restores on either, proves itself, and opens only with its master key.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::{fs, path::Path, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use support::{Home, master};
use talon_core::testing::conformance::{audit, events, whole, written};
use talon_storage::{
    Access, MasterKey, OpenError, Storage, VaultError,
    backup::{Backup, BackupError, Restored, backup, restore, verify},
    vault::{Checkpoint, Claim, NewMessage, NewPass},
};
use tempfile::TempDir;
use uuid::Uuid;

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_763_600_000, 0).unwrap()
}

const SILENT: &(dyn Fn(u64, u64) + Send + Sync) = &|_, _| {};

async fn durable_homes() -> Vec<Home> {
    let mut homes = vec![Home::sqlite()];
    homes.extend(Home::postgres().await);
    homes
}

async fn filled(home: &Home) -> Storage {
    let storage = home.open().await;
    written(&storage.events, "organisation", 0, events([1])).await;
    for stream in 0..30_u128 {
        let ids = stream * 100 + 10..stream * 100 + 60;
        written(&storage.events, &format!("queue-центр-{stream}"), 0, events(ids)).await;
    }
    storage.vault.put_identity("email", "anna@post.example", "staff-7").await.unwrap();
    storage.vault.set_password("staff-7", "$argon2id$one", at()).await.unwrap();
    let here = Checkpoint { log_id: storage.events.log_id(), position: 5 };
    assert!(storage.vault.set_checkpoint("reactor", None, here).await.unwrap());
    storage
}

async fn restored(from: &Backup, to: &Home, key: MasterKey) -> Result<Restored, BackupError> {
    restore(&from.log, Some(&from.vault), &to.url(), Some(key), SILENT).await
}

#[tokio::test]
async fn a_backup_of_either_restores_on_either_under_a_new_log_id() {
    for source in durable_homes().await {
        let folder = TempDir::new().unwrap();
        let storage = filled(&source).await;
        let sealed = storage.vault.seal("staff-7", b"name", "Анна".as_bytes()).await.unwrap();
        let before = whole(&storage.events).await;
        let made = backup(&storage, folder.path(), at(), SILENT).await.unwrap();
        // What is written later is not in it.
        written(&storage.events, "later", 0, events([9_000])).await;
        storage.close().await;
        for target in durable_homes().await {
            let done = restored(&made, &target, master()).await.unwrap();
            let copy = target.open().await;
            assert_eq!(copy.events.log_id(), done.log_id);
            assert_ne!(copy.events.log_id(), storage.events.log_id());
            assert_eq!(whole(&copy.events).await, before);
            assert_eq!(copy.tail.head(), 1_501);
            assert_eq!(copy.vault.open_text(&sealed, b"name").await.unwrap().as_deref(), Some("Анна"));
            let owner = copy.vault.find_identity("email", "Anna@post.example").await.unwrap();
            assert_eq!(owner.as_deref(), Some("staff-7"));
            assert_eq!(
                copy.vault.checkpoint("reactor").await.unwrap().unwrap().log_id,
                storage.events.log_id()
            );
            // It is a living store: streams go on, new ones begin.
            written(&copy.events, "queue-центр-3", 50, events([8_001])).await;
            let (position, _) = written(&copy.events, "queue-new", 0, events([8_002])).await;
            assert_eq!(position, 1_503);
            audit(&copy.events).await;
            verify(&*copy.events, position, SILENT).await.unwrap();
            copy.close().await;
        }
    }
}

#[tokio::test]
async fn what_was_on_its_way_does_not_go_again_from_a_restored_store() {
    for source in durable_homes().await {
        let folder = TempDir::new().unwrap();
        let storage = filled(&source).await;
        for number in 1..=3_u128 {
            let id = Uuid::from_u128(number);
            let new = NewMessage {
                id,
                cause: id,
                channel: "webhook",
                recipient: storage.vault.blind_index("webhook", "hook-1"),
                target: Some("hook-1".into()),
                person: None,
                sealed: storage.vault.seal_message(id, None, b"called").await.unwrap(),
                again: true,
                not_before: at(),
                not_after: at() + TimeDelta::days(1),
                now: at(),
            };
            storage.vault.put_message(&new).await.unwrap();
        }
        // One waits, one is under way, one has arrived.
        let claim = Claim::new(Uuid::from_u128(9), at(), TimeDelta::minutes(1));
        let taken = storage.vault.claim_messages("webhook", claim, at(), 2).await.unwrap();
        assert!(storage.vault.message_sent(taken[0].id, claim, at()).await.unwrap());
        let (now, expires) = (at(), at() + TimeDelta::hours(1));
        let pass = NewPass { kind: "code", id: [7; 32], person: None, body: b"1", tries: 5, now, expires };
        assert!(storage.vault.put_pass(&pass).await.unwrap());
        let made = backup(&storage, folder.path(), at(), SILENT).await.unwrap();
        storage.close().await;
        for target in durable_homes().await {
            restored(&made, &target, master()).await.unwrap();
            let copy = target.open().await;
            let later = at() + TimeDelta::minutes(2);
            assert_eq!(copy.vault.release_messages(later, later).await.unwrap(), (0, 0));
            assert!(!copy.vault.messages_due("webhook", later).await.unwrap());
            let mut states: Vec<_> = copy.vault.messages_for("hook-1", 9).await.unwrap();
            states.sort_by_key(|it| it.state.clone());
            let told: Vec<_> = states.iter().map(|it| (&*it.state, it.failure.as_deref())).collect();
            assert_eq!(told, [("dead", Some("RESTORED")), ("dead", Some("RESTORED")), ("sent", None)]);
            let values = talon_storage::ask!(copy.vault.db(), (String,), "select sealed_value from outbox");
            assert!(values.unwrap().iter().all(|(it,)| it.is_empty()));
            assert!(copy.vault.pass("code", &[7; 32], later).await.unwrap().is_none());
            copy.close().await;
        }
    }
}

#[tokio::test]
async fn a_backup_beside_writers_is_one_moment() {
    for home in durable_homes().await {
        let storage = Arc::new(filled(&home).await);
        let folder = TempDir::new().unwrap();
        let writer = tokio::spawn({
            let storage = storage.clone();
            async move {
                for number in 0..300_u64 {
                    written(&storage.events, "busy", number, events([20_000 + u128::from(number)])).await;
                }
            }
        });
        let made = backup(&storage, folder.path(), at(), SILENT).await.unwrap();
        writer.await.unwrap();
        let target = Home::sqlite();
        restored(&made, &target, master()).await.unwrap();
        let copy = target.open().await;
        audit(&copy.events).await;
        assert_eq!(copy.tail.head(), made.log_manifest.head);
        assert!(copy.tail.head() >= 1_501);
        copy.close().await;
        storage.close().await;
    }
}

#[tokio::test]
async fn a_backup_can_be_made_from_beside_the_owner() {
    let home = Home::sqlite();
    let owner = filled(&home).await;
    let reader = Storage::open(&home.url(), Access::ReadOnly, None).await;
    assert!(reader.is_err(), "without the key there is no reading the vault");
    let reader = Storage::open(&home.url(), Access::ReadOnly, Some(master())).await.unwrap();
    let folder = TempDir::new().unwrap();
    backup(&reader, folder.path(), at(), SILENT).await.unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no work is left behind");
    owner.close().await;
}

#[tokio::test]
async fn an_archive_that_was_changed_is_refused_and_leaves_the_store_empty() {
    let folder = TempDir::new().unwrap();
    let storage = filled(&Home::sqlite()).await;
    let made = backup(&storage, folder.path(), at(), SILENT).await.unwrap();
    storage.close().await;
    let forged = forge(&made.log, folder.path()).await;
    for target in durable_homes().await {
        let cut = folder.path().join("cut.tar.gz");
        let bytes = fs::read(&made.log).unwrap();
        fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
        let refused = restore(&cut, None, &target.url(), Some(master()), SILENT).await;
        assert!(matches!(refused, Err(BackupError::Archive { .. })), "{refused:?}");
        let refused = restore(&made.vault, None, &target.url(), Some(master()), SILENT).await;
        assert!(matches!(refused, Err(BackupError::Archive { .. })), "{refused:?}");
        let refused = restore(&forged, None, &target.url(), Some(master()), SILENT).await;
        assert!(matches!(refused, Err(BackupError::Damaged(_))), "{refused:?}");
        restored(&made, &target, master()).await.unwrap();
    }
}

/// An archive whose checksum fits but in which one event says something else.
async fn forge(archive: &Path, folder: &Path) -> std::path::PathBuf {
    use sha2::Digest;
    use talon_storage::sqlx::{self, ConnectOptions, sqlite::SqliteConnectOptions};
    let work = folder.join("forgery");
    fs::create_dir(&work).unwrap();
    let gzip = flate2::read::GzDecoder::new(fs::File::open(archive).unwrap());
    tar::Archive::new(gzip).unpack(&work).unwrap();
    let file = work.join("log.db");
    let mut connection = SqliteConnectOptions::new().filename(&file).connect().await.unwrap();
    for statement in
        ["drop trigger events_refuse_update", "update events set data = x'7b7d' where position = 700"]
    {
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }
    sqlx::Connection::close(connection).await.unwrap();
    let text = fs::read_to_string(work.join("manifest.json")).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    manifest["sha256"] = hex::encode(sha2::Sha256::digest(fs::read(&file).unwrap())).into();
    fs::write(work.join("manifest.json"), manifest.to_string()).unwrap();
    let forged = folder.join("forged.tar.gz");
    let gzip = flate2::write::GzEncoder::new(fs::File::create(&forged).unwrap(), flate2::Compression::fast());
    let mut tar = tar::Builder::new(gzip);
    tar.append_path_with_name(work.join("manifest.json"), "manifest.json").unwrap();
    tar.append_path_with_name(&file, "log.db").unwrap();
    tar.into_inner().unwrap().finish().unwrap();
    forged
}

#[tokio::test]
async fn a_vault_needs_its_own_master_key() {
    let folder = TempDir::new().unwrap();
    let storage = filled(&Home::sqlite()).await;
    let made = backup(&storage, folder.path(), at(), SILENT).await.unwrap();
    storage.close().await;
    for target in durable_homes().await {
        let refused = restored(&made, &target, MasterKey::generate().unwrap()).await;
        assert!(matches!(refused, Err(BackupError::Vault(VaultError::WrongMasterKey))), "{refused:?}");
        restored(&made, &target, master()).await.unwrap();
    }
}

#[tokio::test]
async fn the_log_restores_without_a_vault() {
    let folder = TempDir::new().unwrap();
    let storage = filled(&Home::sqlite()).await;
    let made = backup(&storage, folder.path(), at(), SILENT).await.unwrap();
    storage.close().await;
    for target in durable_homes().await {
        let done = restore(&made.log, None, &target.url(), Some(master()), SILENT).await.unwrap();
        assert!(!done.with_vault);
        let copy = target.open().await;
        assert_eq!(copy.tail.head(), 1_501);
        assert_eq!(copy.vault.find_identity("email", "anna@post.example").await.unwrap(), None);
        copy.close().await;
    }
}

#[tokio::test]
async fn a_store_that_holds_something_is_never_restored_into() {
    let folder = TempDir::new().unwrap();
    let storage = filled(&Home::sqlite()).await;
    let made = backup(&storage, folder.path(), at(), SILENT).await.unwrap();
    storage.close().await;
    for target in durable_homes().await {
        let living = filled(&target).await;
        let before = whole(&living.events).await;
        let refused = restored(&made, &target, master()).await;
        match &target {
            Home::Directory(_) => {
                assert!(matches!(refused, Err(BackupError::Open(OpenError::Locked(_)))), "{refused:?}");
            }
            _ => assert!(matches!(refused, Err(BackupError::NotEmpty)), "{refused:?}"),
        }
        living.close().await;
        drop(living);
        let refused = restored(&made, &target, master()).await;
        assert!(matches!(refused, Err(BackupError::NotEmpty)), "{refused:?}");
        let living = target.open().await;
        assert_eq!(whole(&living.events).await, before);
        living.close().await;
    }
}

#[tokio::test]
async fn an_empty_store_can_be_backed_up_too() {
    for source in durable_homes().await {
        let folder = TempDir::new().unwrap();
        let storage = source.open().await;
        let made = backup(&storage, folder.path(), at(), SILENT).await.unwrap();
        storage.close().await;
        for target in durable_homes().await {
            restored(&made, &target, master()).await.unwrap();
            let copy = target.open().await;
            assert_eq!(copy.tail.head(), 0);
            written(&copy.events, "s", 0, events([1])).await;
            copy.close().await;
        }
    }
}
