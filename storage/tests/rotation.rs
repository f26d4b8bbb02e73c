//! Another master key: everything opens with it, nothing with the old one, and there is no moment when nothing does.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::{collections::BTreeSet, fs, path::Path};

use support::{Home, homes, master};
use talon_core::sealed::Sealed;
use talon_storage::{
    Access, MasterKey, Storage, StoreUrl, ask, run,
    vault::{BlindIndex, Vault},
};

const AAD: &[u8] = b"command/name";

/// Some of everything that is wrapped.
async fn fill(vault: &Vault) -> (Vec<Sealed>, BlindIndex) {
    let mut sealed = Vec::new();
    for number in 0..1_203 {
        sealed.push(vault.seal(&format!("c-{number}"), AAD, b"Anna").await.unwrap());
    }
    let now = chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    vault.add_signing_key("k1", b"private", b"public", now).await.unwrap();
    (sealed, vault.blind_index("email", "anna@example.org"))
}

async fn all_open(vault: &Vault, (sealed, index): &(Vec<Sealed>, BlindIndex)) {
    for one in sealed {
        assert_eq!(vault.open_text(one, AAD).await.unwrap().as_deref(), Some("Anna"));
    }
    assert_eq!(vault.signing_keys().await.unwrap()[0].private.as_slice(), b"private");
    assert_eq!(vault.blind_index("email", "anna@example.org"), *index);
}

#[tokio::test]
async fn everything_opens_under_the_new_key_and_nothing_under_the_old_one() {
    for home in homes().await.into_iter().filter(Home::is_durable) {
        let storage = home.open().await;
        let known = fill(&storage.vault).await;
        let new = MasterKey::generate().unwrap();
        let count = storage.rotate_master_key(Some(new.clone()), &|_| {}).await.unwrap();
        assert_eq!(count, 1_204);
        storage.close().await;
        drop(storage);
        let refused = Storage::open(&home.url(), Access::Owner, Some(master())).await.unwrap_err();
        assert!(refused.to_string().contains("does not open this vault"), "{refused}");
        let storage = Storage::open(&home.url(), Access::Owner, Some(new.clone())).await.unwrap();
        all_open(&storage.vault, &known).await;
        storage.close().await;
        drop(storage);
        // Whoever was told of both opens it, too.
        let either = master().or_next(&new);
        let storage = Storage::open(&home.url(), Access::Owner, Some(either)).await.unwrap();
        assert_eq!(storage.vault.master_key_fingerprint(), new.fingerprint());
        storage.close().await;
    }
}

#[tokio::test]
async fn a_damaged_row_leaves_everything_under_the_old_key() {
    for home in homes().await.into_iter().filter(Home::is_durable) {
        let storage = home.open().await;
        let known = fill(&storage.vault).await;
        let mut tx = storage.vault.db().begin().await.unwrap();
        let text = "insert into signing_keys (kid, wrapped, public_key, created_at) values ($1, $2, $2, $3)";
        run!(&mut tx, text, "k0", &b"no key at all"[..], 0_i64).unwrap();
        tx.commit().await.unwrap();
        let new = MasterKey::generate().unwrap();
        assert!(storage.rotate_master_key(Some(new), &|_| {}).await.is_err());
        let mut tx = storage.vault.db().begin().await.unwrap();
        run!(&mut tx, "delete from signing_keys where kid = $1", "k0").unwrap();
        tx.commit().await.unwrap();
        storage.close().await;
        drop(storage);
        let storage = home.open().await;
        all_open(&storage.vault, &known).await;
        storage.close().await;
    }
}

fn key_file(folder: &Path) -> String {
    fs::read_to_string(folder.join("master.key")).unwrap()
}

#[tokio::test]
async fn an_embedded_store_keeps_its_new_key_itself() {
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::Sqlite(folder.path().into());
    let storage = Storage::open(&url, Access::Owner, None).await.unwrap();
    let known = fill(&storage.vault).await;
    let old = key_file(folder.path());
    storage.rotate_master_key(None, &|_| {}).await.unwrap();
    storage.close().await;
    drop(storage);
    assert_ne!(key_file(folder.path()), old);
    assert!(!folder.path().join("master.key.next").exists());
    let storage = Storage::open(&url, Access::Owner, None).await.unwrap();
    all_open(&storage.vault, &known).await;
    storage.close().await;
}

#[tokio::test]
async fn a_next_key_half_written_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::Sqlite(folder.path().into());
    let storage = Storage::open(&url, Access::Owner, None).await.unwrap();
    let known = fill(&storage.vault).await;
    storage.close().await;
    drop(storage);
    let next = folder.path().join("master.key.next");
    for torn in ["", "AAAA"] {
        std::fs::write(&next, torn).unwrap();
        let storage = Storage::open(&url, Access::Owner, None).await.unwrap();
        all_open(&storage.vault, &known).await;
        storage.rotate_master_key(None, &|_| {}).await.unwrap();
        storage.close().await;
    }
    assert!(!next.exists());
    let storage = Storage::open(&url, Access::Owner, None).await.unwrap();
    all_open(&storage.vault, &known).await;
    storage.close().await;
}

#[tokio::test]
async fn a_rotation_that_died_before_or_after_its_commit_leaves_a_vault_that_opens() {
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::Sqlite(folder.path().into());
    let storage = Storage::open(&url, Access::Owner, None).await.unwrap();
    let known = fill(&storage.vault).await;
    let old = key_file(folder.path());
    // Died before the commit: the next key lies there, and opens nothing.
    let next = MasterKey::generate().unwrap();
    next.write(&folder.path().join("master.key.next")).unwrap();
    storage.close().await;
    drop(storage);
    let storage = Storage::open(&url, Access::Owner, None).await.unwrap();
    all_open(&storage.vault, &known).await;
    assert_eq!(key_file(folder.path()), old);
    // Died after the commit: it opens everything, and gets its name at the next start.
    storage.vault.rotate_master_key(&next, &|_| {}).await.unwrap();
    storage.close().await;
    drop(storage);
    assert_eq!(key_file(folder.path()), old);
    for access in [Access::ReadOnly, Access::Owner] {
        let storage = Storage::open(&url, access, None).await.unwrap();
        all_open(&storage.vault, &known).await;
        storage.close().await;
    }
    assert_eq!(key_file(folder.path()).trim(), next.to_base64().as_str());
    assert!(!folder.path().join("master.key.next").exists());
}

#[tokio::test]
async fn every_table_that_the_master_key_wraps_is_gone_through() {
    let home = Home::sqlite();
    let storage = home.open().await;
    let text = "select m.name from sqlite_master m, pragma_table_info(m.name) c \
                where m.type = 'table' and c.name = 'wrapped'";
    let found = ask!(storage.vault.db(), (String,), text).unwrap();
    let found: BTreeSet<String> = found.into_iter().map(|(table,)| table).collect();
    let gone_through: BTreeSet<String> = Vault::wrapped_tables().into_iter().map(str::to_owned).collect();
    assert_eq!(found, gone_through);
    storage.close().await;
}
