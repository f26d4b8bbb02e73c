//! Stores to test against: memory, a directory of its own, a PostgreSQL database of its own.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::allow_attributes,
    reason = "every test binary uses a part of it"
)]

pub(crate) mod proxy;

use std::sync::atomic::{AtomicU32, Ordering};

use talon_storage::{
    Access, MasterKey, Storage, StoreUrl,
    sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions},
};
use tempfile::TempDir;

/// A place where a store lives for one test.
pub(crate) enum Home {
    Memory,
    Directory(TempDir),
    Database(Box<Database>),
}

/// A database of its own on the test server, dropped with its connections at the end.
pub(crate) struct Database {
    server: PgConnectOptions,
    pub(crate) name: String,
    pub(crate) url: String,
}

/// The server's address, or nothing, in which case the caller is skipped by name.
#[expect(clippy::disallowed_methods, reason = "the one place where tests learn of their server")]
fn server() -> Option<String> {
    let found = std::env::var("TALON_TEST_POSTGRES").ok().filter(|it| !it.is_empty());
    if found.is_none() {
        let test = std::thread::current();
        eprintln!(
            "skipped: {} on PostgreSQL (TALON_TEST_POSTGRES is not set)",
            test.name().unwrap_or("a test")
        );
    }
    found
}

/// Everything a test of all stores runs on.
pub(crate) async fn homes() -> Vec<Home> {
    let mut homes = vec![Home::Memory, Home::sqlite()];
    homes.extend(Home::postgres().await);
    homes
}

/// The master key of every store of the tests.
pub(crate) fn master() -> MasterKey {
    MasterKey::from_base64("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap()
}

impl Home {
    pub(crate) fn sqlite() -> Self {
        Self::Directory(TempDir::with_prefix("talon-test-").unwrap())
    }

    pub(crate) async fn postgres() -> Option<Self> {
        Some(Self::Database(Box::new(Database::create().await?)))
    }

    pub(crate) fn is_durable(&self) -> bool {
        !matches!(self, Self::Memory)
    }

    pub(crate) fn url(&self) -> StoreUrl {
        match self {
            Self::Memory => StoreUrl::Memory,
            Self::Directory(folder) => StoreUrl::Sqlite(folder.path().into()),
            Self::Database(database) => StoreUrl::Postgres(database.url.clone()),
        }
    }

    pub(crate) async fn open(&self) -> Storage {
        Storage::open(&self.url(), Access::Owner, Some(master())).await.unwrap()
    }
}

impl Database {
    pub(crate) async fn create() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server: PgConnectOptions = server()?.parse().unwrap();
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("talon_test_{}_{count}", std::process::id());
        let mut connection = server.connect().await.unwrap();
        run(&mut connection, format!("drop database if exists {name} with (force)")).await;
        run(&mut connection, format!("create database {name}")).await;
        connection.close().await.unwrap();
        let url = server.clone().database(&name).to_url_lossy().to_string();
        Some(Self { server, name, url })
    }

    /// This database's address through another port.
    pub(crate) fn url_through(&self, port: u16) -> String {
        self.server.clone().database(&self.name).port(port).to_url_lossy().to_string()
    }

    pub(crate) fn server(&self) -> &PgConnectOptions {
        &self.server
    }

    /// Ends the sessions of this database for which `condition` holds; gives their number.
    pub(crate) async fn terminate(&self, condition: &str) -> i64 {
        let text = format!(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '{}' and {condition}",
            self.name
        );
        let mut admin = self.admin().await;
        let ended = talon_storage::sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(&mut admin).await;
        admin.close().await.unwrap();
        ended.unwrap()
    }

    /// A superuser's connection to the server, outside this database.
    pub(crate) async fn admin(&self) -> PgConnection {
        self.server.connect().await.unwrap()
    }
}

pub(crate) async fn run(connection: &mut PgConnection, statement: String) {
    talon_storage::sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await.unwrap();
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropper = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                if let Ok(mut connection) = server.connect().await {
                    let text = format!("drop database if exists {name} with (force)");
                    let _ = talon_storage::sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await;
                }
            });
        });
        let _ = dropper.join();
    }
}
