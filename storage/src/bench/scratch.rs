//! A copy of the events' table, empty and alone.

use std::{fs, path::PathBuf};

use sqlx::{ConnectOptions, Connection, PgConnection, SqliteConnection};
use talon_core::event_store::StoreError;

use crate::{
    Storage,
    db::{Db, Dialect, Kind, sqlite_options},
    plan::Plan,
    postgres::{committing, statement},
    sql::{signed, unavailable},
    sqlite::{
        bind_row,
        statements::{EVENTS, sizes},
    },
};

/// Where the yardstick inserts.
#[derive(Debug)]
pub(super) enum Scratch {
    Sqlite { connection: SqliteConnection, folder: PathBuf, position: u64 },
    Postgres { connection: PgConnection, position: u64 },
}

impl Scratch {
    pub(super) async fn open(storage: &Storage) -> Result<Self, StoreError> {
        match (storage.log(), storage.directory()) {
            (Some(Db::Sqlite { .. }), Some(directory)) => {
                let folder = directory.join("bare");
                fs::create_dir_all(&folder).map_err(unavailable)?;
                let options = sqlite_options(&folder, Kind::Log).create_if_missing(true);
                let mut connection = options.connect().await.map_err(unavailable)?;
                let migrations = Kind::Log.migrations(Dialect::Sqlite);
                migrations.run(&mut connection).await.map_err(unavailable)?;
                Ok(Self::Sqlite { connection, folder, position: 1 })
            }
            (Some(Db::Postgres(pool)), _) => {
                let mut connection =
                    committing(&pool.connect_options()).connect().await.map_err(unavailable)?;
                let text =
                    "drop table if exists bare_events; create table bare_events (like events including all)";
                sqlx::raw_sql(text).execute(&mut connection).await.map_err(unavailable)?;
                Ok(Self::Postgres { connection, position: 1 })
            }
            _ => Err(unavailable("a store in memory has no yardstick")),
        }
    }

    /// Inserts the rows of a plan in one transaction.
    pub(super) async fn insert(&mut self, plan: &Plan<'_>) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { connection, position, .. } => {
                let begin = sqlx::query("begin immediate").execute(&mut *connection).await;
                begin.map_err(unavailable)?;
                for (size, chunk) in sizes(&plan.rows) {
                    let mut query = sqlx::query(EVENTS.of(size));
                    for row in chunk {
                        query = bind_row(query, *position, 1, row);
                        *position += 1;
                    }
                    query.execute(&mut *connection).await.map_err(unavailable)?;
                }
                let commit = sqlx::query("commit").execute(&mut *connection).await;
                commit.map(|_| ()).map_err(unavailable)
            }
            Self::Postgres { connection, position } => {
                let rows = &plan.rows;
                let first = *position;
                *position += rows.len() as u64;
                let query = sqlx::query(statement!("log/bare_insert"))
                    .bind(signed(first) - 1)
                    .bind(rows.iter().map(|_| 1_i64).collect::<Vec<_>>())
                    .bind(rows.iter().map(|it| signed(it.version)).collect::<Vec<_>>())
                    .bind(rows.iter().map(|it| it.event.event_id).collect::<Vec<_>>())
                    .bind(rows.iter().map(|it| it.event.kind).collect::<Vec<_>>())
                    .bind(rows.iter().map(|it| i32::from(it.event.schema_version)).collect::<Vec<_>>())
                    .bind(rows.iter().map(|it| it.event.occurred_at).collect::<Vec<_>>())
                    .bind(rows.iter().map(|it| it.event.recorded_at).collect::<Vec<_>>())
                    .bind(rows.iter().map(|it| &it.event.data[..]).collect::<Vec<_>>())
                    .bind(rows.iter().map(|it| &it.event.meta[..]).collect::<Vec<_>>())
                    .bind(rows.iter().map(|it| &it.prev_hash[..]).collect::<Vec<_>>())
                    .bind(rows.iter().map(|it| &it.hash[..]).collect::<Vec<_>>());
                // A statement alone is a transaction: one round trip, one flush.
                query.execute(connection).await.map(|_| ()).map_err(unavailable)
            }
        }
    }

    pub(super) async fn remove(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { connection, folder, .. } => {
                connection.close().await.map_err(unavailable)?;
                fs::remove_dir_all(folder).map_err(unavailable)
            }
            Self::Postgres { mut connection, .. } => {
                let dropped = sqlx::raw_sql("drop table bare_events").execute(&mut connection).await;
                dropped.map_err(unavailable)?;
                connection.close().await.map_err(unavailable)
            }
        }
    }
}
