//! Copies of a running store, and the way back. A backup is two archives: the log, and the vault apart from it, each a
//! SQLite file with a manifest, whatever database it came from, so that either restores on either. The master key is in
//! neither: whoever finds the archives opens nothing with them.

mod archive;
mod copy;
mod restore;
mod verify;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Sqlite, SqlitePool, Transaction, migrate::MigrateError};
use tempfile::TempDir;

pub use self::{
    archive::Manifest,
    restore::{Restored, restore},
    verify::{Damage, Summary, verify},
};
use crate::{
    Storage,
    db::{Db, Dialect, Kind, Tx, sqlite_options},
    sql,
    storage::OpenError,
    vault::VaultError,
};

/// Why a backup could not be made or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("a store in memory has no backup")]
    InMemory,
    #[error("the file cannot be read or written")]
    File(#[from] io::Error),
    #[error("the database cannot be read or written")]
    Database(#[from] sqlx::Error),
    #[error("the database cannot be brought to this version")]
    Migration(#[from] MigrateError),
    #[error("{} is not an archive of a {expected}: {reason}", path.display())]
    Archive { path: PathBuf, expected: &'static str, reason: String },
    #[error("the log in the archive does not verify")]
    Damaged(#[from] Damage),
    #[error("the store to restore into is not empty")]
    NotEmpty,
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// The archives of one backup.
#[derive(Debug, Clone)]
pub struct Backup {
    pub log: PathBuf,
    pub vault: PathBuf,
    pub log_manifest: Manifest,
}

/// Called with how much is done and how much there is.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

/// Copies log and vault of an open store, beside its writers, into two archives named by `at`. The vault is copied
/// after the log: every key that an event in the archive is sealed under is in it.
///
/// # Errors
/// See `BackupError`; half-written archives are removed.
pub async fn backup(
    storage: &Storage,
    into: &Path,
    at: DateTime<Utc>,
    progress: Progress<'_>,
) -> Result<Backup, BackupError> {
    backup_apart(storage, into, into, at, progress).await
}

/// `backup` with a folder of its own for the vault, of which nothing ever lies beside the log's archive.
///
/// # Errors
/// As `backup`.
pub async fn backup_apart(
    storage: &Storage,
    into: &Path,
    vault_into: &Path,
    at: DateTime<Utc>,
    progress: Progress<'_>,
) -> Result<Backup, BackupError> {
    let log = storage.log().ok_or(BackupError::InMemory)?;
    fs::create_dir_all(into)?;
    fs::create_dir_all(vault_into)?;
    let work = TempDir::with_prefix_in(".talon-backup-", into)?;
    copy_out(log, Kind::Log, work.path(), progress).await?;
    let manifest = log_manifest(work.path(), at).await?;
    let stem = format!("talon-{}", at.format("%Y%m%dT%H%M%SZ"));
    let log_archive = into.join(format!("{stem}.log.tar.gz"));
    let manifest = archive::pack(work.path(), Kind::Log, manifest, &log_archive).await?;

    let work = TempDir::with_prefix_in(".talon-backup-", vault_into)?;
    copy_out(storage.vault.db(), Kind::Vault, work.path(), &|_, _| {}).await?;
    let vault_manifest = Manifest {
        kind: Kind::Vault.name().into(),
        master_key: Some(storage.vault.master_key_fingerprint()),
        ..manifest.clone()
    };
    let vault_archive = vault_into.join(format!("{stem}.vault.tar.gz"));
    archive::pack(work.path(), Kind::Vault, vault_manifest, &vault_archive).await?;
    fs::File::open(into)?.sync_all()?;
    fs::File::open(vault_into)?.sync_all()?;
    Ok(Backup { log: log_archive, vault: vault_archive, log_manifest: manifest })
}

/// Copies one storage into a SQLite file in `folder`, as of one moment.
async fn copy_out(db: &Db, kind: Kind, folder: &Path, progress: Progress<'_>) -> Result<(), BackupError> {
    match db {
        Db::Sqlite { readers, .. } => {
            let target = folder.join(kind.name()).with_extension("db");
            let target = target.to_str().ok_or_else(|| io::Error::other("a path that is not UTF-8"))?;
            let statement = format!("vacuum into '{}'", target.replace('\'', "''"));
            sqlx::query(AssertSqlSafe(statement)).execute(readers).await?;
            if kind == Kind::Vault {
                forget_misses(folder).await?;
            }
            Ok(())
        }
        Db::Postgres(_) => {
            let Tx::Postgres(mut from) = db.snapshot().await? else {
                unreachable!("a snapshot is of the database it was taken of")
            };
            let pool = empty_file(folder, kind).await?;
            let mut to: Transaction<'_, Sqlite> = pool.begin().await?;
            copy::to_sqlite(&mut from, &mut to, kind, &["misses"], progress).await?;
            to.commit().await?;
            pool.close().await;
            Ok(())
        }
    }
}

/// Who was guessed at within the last hour is nobody's to keep.
async fn forget_misses(folder: &Path) -> Result<(), BackupError> {
    let options = sqlite_options(folder, Kind::Vault).journal_mode(sqlx::sqlite::SqliteJournalMode::Delete);
    let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    sqlx::query(sql!("vault/forget_every_miss")).execute(&pool).await?;
    pool.close().await;
    Ok(())
}

/// A new SQLite file with the tables of a storage and nothing in them. It is thrown away unless it becomes complete,
/// so it needs no journal.
async fn empty_file(folder: &Path, kind: Kind) -> Result<SqlitePool, BackupError> {
    let options = sqlite_options(folder, kind)
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Delete)
        .synchronous(sqlx::sqlite::SqliteSynchronous::Off);
    let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    kind.migrations(Dialect::Sqlite).run(&pool).await?;
    Ok(pool)
}

/// What the copied log itself says about its end.
async fn log_manifest(folder: &Path, at: DateTime<Utc>) -> Result<Manifest, BackupError> {
    let log = archive::open(folder, Kind::Log).await?;
    let (log_id, head) = crate::storage::log_head(&log).await?;
    let (streams, heads) = verify::heads(&log).await?;
    log.close().await;
    Ok(Manifest {
        format: archive::FORMAT,
        kind: Kind::Log.name().into(),
        made_at: at,
        log_id,
        head,
        streams,
        heads,
        master_key: None,
        sha256: String::new(),
    })
}
