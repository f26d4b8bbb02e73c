//! A database of its own on a given PostgreSQL server.

use std::str::FromStr;

use talon_storage::sqlx::{self, AssertSqlSafe, ConnectOptions, Connection, postgres::PgConnectOptions};

/// A database that is there until `drop`.
pub(super) struct Database {
    server: PgConnectOptions,
    name: String,
}

impl Database {
    pub(super) async fn create(server: &str) -> Result<Self, sqlx::Error> {
        let database = Self {
            server: PgConnectOptions::from_str(server)?,
            name: format!("talon_bench_{}", std::process::id()),
        };
        database.run("drop database if exists {} with (force)").await?;
        database.run("create database {}").await?;
        Ok(database)
    }

    pub(super) fn url(&self) -> String {
        self.server.clone().database(&self.name).to_url_lossy().to_string()
    }

    pub(super) async fn drop(self) -> Result<(), sqlx::Error> {
        self.run("drop database if exists {} with (force)").await
    }

    /// The name is ours: letters, digits and underscores.
    async fn run(&self, statement: &str) -> Result<(), sqlx::Error> {
        let mut connection = self.server.connect().await?;
        let text = statement.replace("{}", &self.name);
        sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await?;
        connection.close().await
    }
}
