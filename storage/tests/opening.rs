//! Who may open a store, what a store refuses for ever, and what it notices when it starts.

mod support;

use std::path::PathBuf;

use support::{Home, homes, master};
use talon_core::{
    event_store::StoreError,
    testing::conformance::{audit, events, stream, whole, written},
};
use talon_storage::{
    Access, OpenError, Storage, StoreUrl,
    sqlx::{self, AssertSqlSafe, ConnectOptions, postgres::PgConnectOptions, sqlite::SqliteConnectOptions},
};

#[test]
fn addresses_are_read_strictly() {
    assert_eq!(StoreUrl::parse("memory").unwrap(), StoreUrl::Memory);
    assert_eq!(StoreUrl::parse("sqlite:data").unwrap(), StoreUrl::Sqlite(PathBuf::from("data")));
    assert_eq!(
        StoreUrl::parse("sqlite:///var/talon").unwrap(),
        StoreUrl::Sqlite(PathBuf::from("/var/talon"))
    );
    assert!(matches!(StoreUrl::parse("postgres://talon@db/talon").unwrap(), StoreUrl::Postgres(_)));
    for wrong in ["", "sqlite:", "mysql://x", "postgres:/x", "data", "Memory"] {
        assert!(matches!(StoreUrl::parse(wrong), Err(OpenError::Address(_))), "{wrong}");
    }
}

#[tokio::test]
async fn an_embedded_store_has_one_owner_at_a_time() {
    let home = Home::sqlite();
    let owner = home.open().await;
    let second = Storage::open(&home.url(), Access::Owner, Some(master())).await;
    assert!(matches!(second, Err(OpenError::Locked(_))), "{second:?}");
    written(&owner.events, "s", 0, events([1])).await;
    owner.close().await;
    drop(owner);
    let next = home.open().await;
    assert_eq!(next.tail.head(), 1);
    next.close().await;
}

#[tokio::test]
async fn readers_come_beside_the_owner_and_write_nothing() {
    for home in homes().await.into_iter().filter(Home::is_durable) {
        let owner = home.open().await;
        written(&owner.events, "s", 0, events([1])).await;
        let reader = Storage::open(&home.url(), Access::ReadOnly, Some(master())).await.unwrap();
        assert_eq!(whole(&reader.events).await.len(), 1);
        let refused = reader.events.append(&stream("s"), 1, events([2])).await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        written(&owner.events, "s", 1, events([2])).await;
        assert_eq!(whole(&reader.events).await.len(), 2);
        reader.close().await;
        owner.close().await;
    }
}

#[tokio::test]
async fn a_store_that_is_not_there_cannot_be_read() {
    let home = Home::sqlite();
    let absent = Storage::open(&home.url(), Access::ReadOnly, None).await;
    assert!(matches!(absent, Err(OpenError::Absent(_))), "{absent:?}");
}

#[tokio::test]
async fn a_closed_store_refuses_and_has_written_what_was_queued() {
    for home in homes().await.into_iter().filter(Home::is_durable) {
        let storage = home.open().await;
        let events_port = storage.events.clone();
        let queued = tokio::spawn({
            let port = events_port.clone();
            async move { port.append(&stream("s"), 0, events([1])).await }
        });
        queued.await.unwrap().unwrap();
        storage.close().await;
        let refused = events_port.append(&stream("s"), 1, events([2])).await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        drop(storage);
        let storage = home.open().await;
        assert_eq!(whole(&storage.events).await.len(), 1);
        storage.close().await;
    }
}

/// Statements that would change history, for either dialect.
const FORBIDDEN: [&str; 9] = [
    "update events set data = meta",
    "update events set position = position + 100",
    "delete from events where position = 2",
    "delete from streams",
    "update streams set name = 'other' where name = 's'",
    "update streams set stream_id = stream_id + 1",
    "update log_head set position = 0",
    "delete from log_head",
    "insert into events select * from events where position = 1",
];

#[tokio::test]
async fn history_cannot_be_changed_on_sqlite() {
    let home = Home::sqlite();
    let Home::Directory(folder) = &home else { unreachable!() };
    let storage = home.open().await;
    written(&storage.events, "s", 0, events([1, 2, 3])).await;
    let before = whole(&storage.events).await;
    let options = SqliteConnectOptions::new().filename(folder.path().join("log.db"));
    let mut connection = options.pragma("recursive_triggers", "on").connect().await.unwrap();
    let replace = "insert or replace into events select 1, stream_id, version, event_id, type, schema_version, \
                   occurred_at, recorded_at, x'00', meta, prev_hash, hash from events where position = 1";
    for statement in FORBIDDEN.into_iter().chain([replace]) {
        let refused = sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await;
        let error = refused.expect_err(statement).to_string();
        assert!(error.contains("append-only") || error.contains("UNIQUE"), "{statement}: {error}");
    }
    assert_eq!(whole(&storage.events).await, before);
    audit(&storage.events).await;
    storage.close().await;
}

#[tokio::test]
async fn history_cannot_be_changed_on_postgres() {
    let Some(home) = Home::postgres().await else { return };
    let Home::Database(database) = &home else { unreachable!() };
    let storage = home.open().await;
    written(&storage.events, "s", 0, events([1, 2, 3])).await;
    let before = whole(&storage.events).await;
    let options: PgConnectOptions = database.url.parse().unwrap();
    let mut connection = options.options([("search_path", "log")]).connect().await.unwrap();
    let truncates =
        ["truncate events", "truncate streams", "truncate log_head", "truncate events, streams cascade"];
    for statement in FORBIDDEN.into_iter().chain(truncates) {
        let refused = sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await;
        let error = refused.expect_err(statement).to_string();
        assert!(error.contains("append-only") || error.contains("unique"), "{statement}: {error}");
    }
    assert_eq!(whole(&storage.events).await, before);
    audit(&storage.events).await;
    storage.close().await;
}

#[tokio::test]
async fn a_log_that_lost_its_end_takes_nothing_more() {
    let home = Home::sqlite();
    let Home::Directory(folder) = &home else { unreachable!() };
    let storage = home.open().await;
    written(&storage.events, "s", 0, events([1, 2, 3])).await;
    storage.close().await;
    drop(storage);
    let options = SqliteConnectOptions::new().filename(folder.path().join("log.db"));
    let mut connection = options.connect().await.unwrap();
    for statement in ["drop trigger events_refuse_delete", "delete from events where position = 3"] {
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }
    sqlx::Connection::close(connection).await.unwrap();
    let storage = home.open().await;
    let refused = storage.events.append(&stream("s"), 3, events([4])).await;
    let Err(StoreError::Unavailable(cause)) = &refused else { panic!("{refused:?}") };
    assert!(cause.to_string().contains("its head says 3"), "{cause}");
    storage.close().await;
}

#[tokio::test]
async fn the_vault_shreds_what_it_deletes() {
    let home = Home::sqlite();
    let Home::Directory(folder) = &home else { unreachable!() };
    let storage = home.open().await;
    let secret = "$argon2id$a-hash-that-must-not-linger-anywhere";
    storage.vault.put_setting("secret", secret).await.unwrap();
    assert!(storage.vault.take_setting("secret", secret).await.unwrap());
    storage.close().await;
    drop(storage);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes.windows(secret.len()).any(|it| it == secret.as_bytes());
        assert!(!found, "{} still holds it", path.display());
    }
}
