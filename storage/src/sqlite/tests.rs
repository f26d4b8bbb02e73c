//! What only the writing connection itself can show: how durable it is, and how it bears a full or read-only disk.

use std::{collections::HashMap, path::Path, sync::Arc};

use talon_core::{
    event_store::{Appended, EventStore, StoreError},
    testing::conformance::{events, stream},
};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::SqliteWriter;
use crate::{
    committer::{Committer, Failed, NotCommitted, Writer},
    db::{Kind, sqlite_options},
    feed::Feed,
    plan::{Append, plan},
    sql::SqlStore,
    storage::open_sqlite_log,
};

async fn writer(folder: &Path) -> SqliteWriter {
    open_sqlite_log(folder, true).await.unwrap().close().await;
    SqliteWriter::new(sqlite_options(folder, Kind::Log), None)
}

async fn pragma(writer: &mut SqliteWriter, statement: &'static str) -> String {
    let connection = writer.connection().await.unwrap();
    let row = sqlx::query(statement).fetch_one(connection).await.unwrap();
    let text: Result<String, _> = sqlx::Row::try_get(&row, 0);
    text.unwrap_or_else(|_| sqlx::Row::get::<i64, _>(&row, 0).to_string())
}

/// Writes one append in a transaction of its own.
async fn write(writer: &mut SqliteWriter, expected: u64, id: u128) -> Result<(), NotCommitted> {
    let append = Append { stream: stream("s"), expected, events: large(id) };
    let ends = writer.begin(&[(&append.stream, expected)]).await?;
    let group = [&append];
    let plan = plan(&group, &ends, None);
    assert_eq!(plan.rows.len(), 1, "the version is the right one");
    writer.write(&plan).await?;
    writer.commit().await
}

fn large(id: u128) -> Vec<talon_core::event_store::NewEvent> {
    let mut events = events([id]);
    events[0].data = vec![b'x'; 200_000].into();
    events
}

#[tokio::test]
async fn the_committing_connection_flushes_every_commit() {
    let folder = TempDir::new().unwrap();
    let mut writer = writer(folder.path()).await;
    assert_eq!(pragma(&mut writer, "pragma synchronous").await, "2", "FULL");
    assert_eq!(pragma(&mut writer, "pragma journal_mode").await, "wal");
    assert_eq!(pragma(&mut writer, "pragma wal_autocheckpoint").await, "4000");
    // Also after the connection was replaced.
    writer.close().await;
    assert_eq!(pragma(&mut writer, "pragma synchronous").await, "2");
}

#[tokio::test]
async fn the_vault_flushes_and_shreds_and_the_read_models_may_lag() {
    use sqlx::ConnectOptions;
    let folder = TempDir::new().unwrap();
    for (kind, synchronous, secure_delete) in [(Kind::Vault, 2, 1), (Kind::Read, 1, 0)] {
        let options = sqlite_options(folder.path(), kind).create_if_missing(true);
        let mut connection = options.connect().await.unwrap();
        let found: i64 = sqlx::query_scalar("pragma synchronous").fetch_one(&mut connection).await.unwrap();
        assert_eq!(found, synchronous, "{kind:?}");
        let found: i64 = sqlx::query_scalar("pragma secure_delete").fetch_one(&mut connection).await.unwrap();
        assert_eq!(found, secure_delete, "{kind:?}");
        let found: String =
            sqlx::query_scalar("pragma journal_mode").fetch_one(&mut connection).await.unwrap();
        assert_eq!(found, "wal");
    }
}

#[tokio::test]
async fn a_full_disk_refuses_leaves_nothing_and_heals() {
    let folder = TempDir::new().unwrap();
    let mut writer = writer(folder.path()).await;
    write(&mut writer, 0, 1).await.unwrap();
    let pages: i64 = pragma(&mut writer, "pragma page_count").await.parse().unwrap();
    let connection = writer.connection().await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("pragma max_page_count = {}", pages + 5)))
        .execute(connection)
        .await
        .unwrap();
    let full = write(&mut writer, 1, 2).await;
    assert!(matches!(full, Err(NotCommitted::Failed(Failed::Refused(_)))), "{full:?}");
    writer.rollback().await;
    let connection = writer.connection().await.unwrap();
    sqlx::query("pragma max_page_count = 1000000").execute(connection).await.unwrap();
    write(&mut writer, 1, 2).await.unwrap();
    let ends: HashMap<_, _> = writer.begin(&[(&stream("s"), 2)]).await.unwrap();
    assert_eq!(ends[&stream("s")].head.version, 2);
}

#[tokio::test]
async fn a_read_only_disk_refuses_and_heals() {
    let folder = TempDir::new().unwrap();
    let mut writer = writer(folder.path()).await;
    write(&mut writer, 0, 1).await.unwrap();
    let connection = writer.connection().await.unwrap();
    sqlx::query("pragma query_only = on").execute(connection).await.unwrap();
    let refused = write(&mut writer, 1, 2).await;
    assert!(matches!(refused, Err(NotCommitted::Failed(Failed::Refused(_)))), "{refused:?}");
    writer.rollback().await;
    let connection = writer.connection().await.unwrap();
    sqlx::query("pragma query_only = off").execute(connection).await.unwrap();
    write(&mut writer, 1, 2).await.unwrap();
}

/// The whole road: callers are told `Unavailable`, readers go on, and the first append after the disk has room again is
/// written, without a restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_of_a_full_disk_are_told_and_served_again_later() {
    let folder = TempDir::new().unwrap();
    let mut writer = writer(folder.path()).await;
    let connection = writer.connection().await.unwrap();
    sqlx::query("pragma max_page_count = 200").execute(connection).await.unwrap();
    let log = open_sqlite_log(folder.path(), false).await.unwrap();
    let feed = Feed::new(0);
    let (committer, task) = Committer::start(writer, feed, CancellationToken::new());
    let store: Arc<dyn EventStore> = SqlStore::new(uuid::Uuid::nil(), log, Some(committer));
    let mut written = 0;
    let refused = loop {
        match store.append(&stream("s"), written, large(u128::from(written) + 1)).await {
            Ok(Appended::At(..)) => written += 1,
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
        assert!(written < 10, "200 pages hold less");
    };
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
    assert_eq!(store.read_all(0, 100).await.unwrap().len() as u64, written);
    // Something small still fits: the store was never stuck.
    let small = store.append(&stream("other"), 0, events([500])).await.unwrap();
    assert!(matches!(small, Appended::At(position, _) if position == written + 1), "{small:?}");
    drop(store);
    task.await.unwrap();
}
