//! What only the writing connection itself can show, and the ear without its safety net.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use talon_core::testing::conformance::{events, written};
use tokio::time::timeout;

use super::{PostgresWriter, head, heard, subscribe};
use crate::{
    committer::Writer,
    db::{Kind, postgres_options},
    support::Home,
};

async fn shown(writer: &mut PostgresWriter, statement: &'static str) -> String {
    sqlx::query_scalar(statement).fetch_one(writer.open().unwrap()).await.unwrap()
}

#[tokio::test]
async fn the_committing_connection_waits_for_the_disk_whatever_the_server_s_default() {
    let Some(home) = Home::postgres().await else { return };
    let Home::Database(database) = &home else { unreachable!() };
    home.open().await.close().await;
    let mut admin = database.admin().await;
    let careless = format!("alter database {} set synchronous_commit = off", database.name);
    sqlx::raw_sql(sqlx::AssertSqlSafe(careless)).execute(&mut admin).await.unwrap();
    let base: PgConnectOptions = database.url.parse().unwrap();
    let mut writer = PostgresWriter::new(&base);
    writer.begin(&[]).await.unwrap();
    assert_eq!(shown(&mut writer, "show synchronous_commit").await, "on");
    assert_eq!(shown(&mut writer, "show fsync").await, "on");
    assert_eq!(shown(&mut writer, "show full_page_writes").await, "on");
    assert_eq!(shown(&mut writer, "show idle_in_transaction_session_timeout").await, "3s");
    assert_eq!(shown(&mut writer, "show search_path").await, "log");
    writer.close().await;
}

#[tokio::test]
async fn a_commit_is_heard_without_any_poll() {
    let Some(home) = Home::postgres().await else { return };
    let Home::Database(database) = &home else { unreachable!() };
    let storage = home.open().await;
    let base: PgConnectOptions = database.url.parse().unwrap();
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .connect_with(postgres_options(&base, Kind::Log))
        .await
        .unwrap();
    let mut listener = Some(subscribe(&pool).await.unwrap());
    written(&storage.events, "s", 0, events([1, 2])).await;
    let position = timeout(Duration::from_secs(10), heard(&mut listener)).await.unwrap();
    assert_eq!(position, Some(2));
    assert_eq!(head(&pool).await.unwrap(), 2);
    drop(listener);
    storage.close().await;
}
