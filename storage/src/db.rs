//! Pools and transactions of the `read` and `vault` storages, on SQLite or PostgreSQL, and the macros that run one SQL
//! text on both. SQLite writes through one connection, so that writers queue instead of failing; readers have a pool
//! of their own. Knows nothing of the tables.

use std::{path::Path, time::Duration};

use sqlx::{
    Connection, PgPool, Postgres, Sqlite, SqlitePool, Transaction,
    migrate::{MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

/// A storage that is not the log.
#[derive(Debug, Clone)]
pub enum Db {
    Sqlite { writer: SqlitePool, readers: SqlitePool },
    Postgres(PgPool),
}

/// A transaction on either database; dropped without `commit`, it leaves nothing.
#[derive(Debug)]
pub enum Tx<'c> {
    Sqlite(Transaction<'c, Sqlite>),
    Postgres(Transaction<'c, Postgres>),
}

/// Which dialect a statement that must differ is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// Runs a statement in a `Tx` and gives the number of rows it touched.
#[macro_export]
macro_rules! run {
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        match &mut *$tx {
            $crate::db::Tx::Sqlite(it) =>
                $crate::sqlx::query($sql)$(.bind($arg))*.execute(&mut **it).await.map(|done| done.rows_affected()),
            $crate::db::Tx::Postgres(it) =>
                $crate::sqlx::query($sql)$(.bind($arg))*.execute(&mut **it).await.map(|done| done.rows_affected()),
        }
    };
}

/// Runs a query in a `Tx` and gives its rows as a `Vec` of `$row` (a tuple or a `FromRow`).
#[macro_export]
macro_rules! fetch {
    ($tx:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        match &mut *$tx {
            $crate::db::Tx::Sqlite(it) =>
                $crate::sqlx::query_as::<_, $row>($sql)$(.bind($arg))*.fetch_all(&mut **it).await,
            $crate::db::Tx::Postgres(it) =>
                $crate::sqlx::query_as::<_, $row>($sql)$(.bind($arg))*.fetch_all(&mut **it).await,
        }
    };
}

/// `fetch!` on a `&Db`, outside any transaction: SQLite answers from a reader connection.
#[macro_export]
macro_rules! ask {
    ($db:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        match $db {
            $crate::db::Db::Sqlite { readers, .. } =>
                $crate::sqlx::query_as::<_, $row>($sql)$(.bind($arg))*.fetch_all(readers).await,
            $crate::db::Db::Postgres(pool) =>
                $crate::sqlx::query_as::<_, $row>($sql)$(.bind($arg))*.fetch_all(pool).await,
        }
    };
}

/// The statement in the calling crate's `sql/{name}.sql`.
#[macro_export]
macro_rules! sql {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/", $name, ".sql"))
    };
}

/// The statement in `sql/{name}.sqlite.sql` or `sql/{name}.postgres.sql`, for the few that must differ.
#[macro_export]
macro_rules! dialect_sql {
    ($dialect:expr, $name:literal) => {
        match $dialect {
            $crate::db::Dialect::Sqlite => {
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/", $name, ".sqlite.sql"))
            }
            $crate::db::Dialect::Postgres => {
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/", $name, ".postgres.sql"))
            }
        }
    };
}

impl Db {
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite { .. } => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Begins a transaction that may write. On SQLite it takes the one writer and its lock at once.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin(&self) -> Result<Tx<'static>, sqlx::Error> {
        Ok(match self {
            Self::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with("begin immediate").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Begins a transaction that only reads and sees one moment throughout.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn snapshot(&self) -> Result<Tx<'static>, sqlx::Error> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Tx::Sqlite(readers.begin().await?),
            Self::Postgres(pool) => {
                Tx::Postgres(pool.begin_with("begin isolation level repeatable read read only").await?)
            }
        })
    }

    /// Waits until no connection is left.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx<'_> {
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// # Errors
    /// When the database refuses; nothing is written then.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(it) => it.commit().await,
            Self::Postgres(it) => it.commit().await,
        }
    }

    /// # Errors
    /// When the connection broke; nothing is written in that case either.
    pub async fn rollback(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(it) => it.rollback().await,
            Self::Postgres(it) => it.rollback().await,
        }
    }
}

/// The three storages, named as the folders of migrations and the schemas of PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Log,
    Read,
    Vault,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Read => "read",
            Self::Vault => "vault",
        }
    }

    pub(crate) fn migrations(self, dialect: Dialect) -> Migrator {
        match (dialect, self) {
            (Dialect::Sqlite, Self::Log) => sqlx::migrate!("../migrations/sqlite/log"),
            (Dialect::Sqlite, Self::Read) => sqlx::migrate!("../migrations/sqlite/read"),
            (Dialect::Sqlite, Self::Vault) => sqlx::migrate!("../migrations/sqlite/vault"),
            (Dialect::Postgres, Self::Log) => sqlx::migrate!("../migrations/postgres/log"),
            (Dialect::Postgres, Self::Read) => sqlx::migrate!("../migrations/postgres/read"),
            (Dialect::Postgres, Self::Vault) => sqlx::migrate!("../migrations/postgres/vault"),
        }
    }
}

/// How the file of a kind is opened: the log and the vault lose nothing that was answered; the read models are at worst
/// behind after a power cut, and catch up.
pub(crate) fn sqlite_options(directory: &Path, kind: Kind) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new()
        .filename(directory.join(kind.name()).with_extension("db"))
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(Duration::from_secs(10))
        .foreign_keys(true)
        .pragma("recursive_triggers", "on")
        .pragma("temp_store", "memory");
    match kind {
        Kind::Log => options
            .synchronous(SqliteSynchronous::Full)
            .pragma("mmap_size", "1073741824")
            .pragma("wal_autocheckpoint", "4000"),
        Kind::Vault => options.synchronous(SqliteSynchronous::Full).pragma("secure_delete", "on"),
        Kind::Read => options.synchronous(SqliteSynchronous::Normal).pragma("wal_autocheckpoint", "4000"),
    }
}

/// The pool of readers: connections that could not write if they tried.
pub(crate) async fn sqlite_readers(
    options: SqliteConnectOptions,
    most: u32,
) -> Result<SqlitePool, sqlx::Error> {
    SqlitePoolOptions::new()
        .max_connections(most)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options.read_only(true).create_if_missing(false))
        .await
}

/// Opens, and for an owner migrates, a storage in a file of its own.
pub(crate) async fn open_sqlite(directory: &Path, kind: Kind, owner: bool) -> Result<Db, MigrateError> {
    let options = sqlite_options(directory, kind);
    if !owner {
        let readers = sqlite_readers(options, 4).await?;
        return Ok(Db::Sqlite { writer: readers.clone(), readers });
    }
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(30))
        // A full disk makes SQLite roll back by itself. sqlx then goes on counting a transaction that is no more and would
        // never begin another one on this connection.
        .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
        .connect_with(options.clone().create_if_missing(true))
        .await?;
    kind.migrations(Dialect::Sqlite).run(&writer).await?;
    let readers = sqlite_readers(options, 4).await?;
    Ok(Db::Sqlite { writer, readers })
}

/// Opens a file for writing beside its owner. SQLite lets them take turns; what the owner keeps in memory it must not
/// rely on.
pub(crate) async fn open_sqlite_beside(directory: &Path, kind: Kind) -> Result<Db, sqlx::Error> {
    let options = sqlite_options(directory, kind);
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(30))
        .connect_with(options.clone().create_if_missing(false))
        .await?;
    let readers = sqlite_readers(options, 1).await?;
    Ok(Db::Sqlite { writer, readers })
}

/// Connection options of one schema: its tables are found without a prefix.
fn schema_options(base: &PgConnectOptions, kind: Kind) -> PgConnectOptions {
    base.clone().application_name("talon").options([("search_path", kind.name())])
}

/// The same for daily work, where no statement may hang for ever. Read models may take longer: rebuilds make indexes.
pub(crate) fn postgres_options(base: &PgConnectOptions, kind: Kind) -> PgConnectOptions {
    let statement = if kind == Kind::Read { "300s" } else { "30s" };
    schema_options(base, kind).options([
        ("statement_timeout", statement),
        ("lock_timeout", "10s"),
        ("idle_in_transaction_session_timeout", "60s"),
    ])
}

/// Opens, and for an owner migrates, a schema of its own.
pub(crate) async fn open_postgres(
    base: &PgConnectOptions,
    kind: Kind,
    owner: bool,
    most: u32,
) -> Result<PgPool, MigrateError> {
    if owner {
        migrate_postgres(base, kind).await?;
    }
    let pool = PgPoolOptions::new()
        .max_connections(most)
        // Whoever waits longer is told that the store is unavailable.
        .acquire_timeout(Duration::from_secs(3))
        .connect_with(postgres_options(base, kind))
        .await?;
    Ok(pool)
}

/// Creates the schema and migrates it. Two nodes may start at once: `create schema if not exists` alone can collide, so
/// a lock of our own stands around it.
async fn migrate_postgres(base: &PgConnectOptions, kind: Kind) -> Result<(), MigrateError> {
    let pool = PgPoolOptions::new().max_connections(1).connect_with(schema_options(base, kind)).await?;
    let mut tx = pool.begin().await?;
    sqlx::query("select pg_advisory_xact_lock(7234017283807667300)").execute(&mut *tx).await?;
    sqlx::raw_sql(match kind {
        Kind::Log => "create schema if not exists \"log\"",
        Kind::Read => "create schema if not exists \"read\"",
        Kind::Vault => "create schema if not exists \"vault\"",
    })
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    let done = kind.migrations(Dialect::Postgres).run(&pool).await;
    pool.close().await;
    done
}
