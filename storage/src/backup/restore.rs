//! The way back: archives into an empty store, under a new log id, after the whole chain was verified. Read models are
//! not restored: a projection that meets another log id is built anew.

use std::{
    fs,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use sqlx::{Postgres, Transaction, postgres::PgConnectOptions};
use talon_core::event_store::EventStore;
use tempfile::TempDir;
use uuid::Uuid;

use super::{
    BackupError, Damage, Manifest, Progress, archive, copy,
    verify::{self, verify},
};
use crate::{
    Access, MasterKey, Storage, StoreUrl, VaultError,
    db::{Kind, Tx, open_postgres},
    lock::StoreLock,
    sql,
    sql::SqlStore,
    storage::{MASTER_KEY_FILE, OpenError, create_private, log_head, new_log_id},
};

/// What was restored.
#[derive(Debug, Clone)]
pub struct Restored {
    /// The id of the restored log: another one than that of the archive.
    pub log_id: Uuid,
    pub manifest: Manifest,
    pub with_vault: bool,
}

/// Restores into an empty store. Without a vault archive the store gets a new vault: sealed values stay closed for
/// ever, and people and devices must be admitted again. `master` must be the key the vault was made with; for an
/// embedded store it may also lie in the directory already.
///
/// # Errors
/// See `BackupError`; the store is then as empty as before.
pub async fn restore(
    log: &Path,
    vault: Option<&Path>,
    into: &StoreUrl,
    master: Option<MasterKey>,
    progress: Progress<'_>,
) -> Result<Restored, BackupError> {
    match into {
        StoreUrl::Memory => Err(BackupError::InMemory),
        StoreUrl::Sqlite(directory) => restore_embedded(log, vault, directory, master, progress).await,
        StoreUrl::Postgres(url) => restore_server(log, vault, url, master, progress).await,
    }
}

/// Unpacked and verified archives in a folder of their own.
struct Unpacked {
    folder: TempDir,
    manifest: Manifest,
}

async fn unpack(
    log: &Path,
    vault: Option<&Path>,
    beside: Option<&Path>,
    master: Option<&MasterKey>,
    progress: Progress<'_>,
) -> Result<Unpacked, BackupError> {
    let folder = match beside {
        Some(directory) => TempDir::with_prefix_in(".talon-restore-", directory)?,
        None => TempDir::with_prefix("talon-restore-")?,
    };
    if let Some(vault) = vault {
        let manifest = archive::unpack(vault, Kind::Vault, folder.path()).await?;
        if manifest.master_key.is_none() || manifest.master_key != master.map(MasterKey::fingerprint) {
            return Err(VaultError::WrongMasterKey.into());
        }
        archive::upgrade(folder.path(), Kind::Vault).await?;
        calm(folder.path()).await?;
    }
    let manifest = archive::unpack(log, Kind::Log, folder.path()).await?;
    archive::upgrade(folder.path(), Kind::Log).await?;
    prove(folder.path(), &manifest, progress).await?;
    Ok(Unpacked { folder, manifest })
}

/// Verifies the unpacked log against itself and against its manifest.
async fn prove(folder: &Path, manifest: &Manifest, progress: Progress<'_>) -> Result<(), BackupError> {
    let log = archive::open(folder, Kind::Log).await?;
    let (log_id, head) = log_head(&log).await?;
    let proven = match verify::heads(&log).await {
        Ok((streams, heads)) if (streams, &heads) == (manifest.streams, &manifest.heads) => {
            let store: Arc<dyn EventStore> = SqlStore::new(log_id, log.clone(), None);
            verify(&*store, manifest.head, progress).await.map_err(BackupError::from)
        }
        Ok(_) => Err(Damage::Manifest.into()),
        Err(error) => Err(error.into()),
    };
    log.close().await;
    match proven {
        Ok(_) if head == manifest.head && log_id == manifest.log_id => Ok(()),
        Ok(_) => Err(Damage::Manifest.into()),
        Err(error) => Err(error),
    }
}

async fn restore_embedded(
    log: &Path,
    vault: Option<&Path>,
    directory: &Path,
    master: Option<MasterKey>,
    progress: Progress<'_>,
) -> Result<Restored, BackupError> {
    create_private(directory)?;
    let lock = StoreLock::take(directory)?.ok_or_else(|| OpenError::Locked(directory.into()))?;
    let files = [Kind::Log, Kind::Vault, Kind::Read];
    let path = |kind: Kind| directory.join(kind.name()).with_extension("db");
    if files.into_iter().any(|kind| path(kind).exists()) {
        return Err(BackupError::NotEmpty);
    }
    let key_file = directory.join(MASTER_KEY_FILE);
    let lying_there = MasterKey::read(&key_file)?;
    let key = master.as_ref().or(lying_there.as_ref());
    let unpacked = unpack(log, vault, Some(directory), key, progress).await?;
    let log_id = new_log_id()?;
    rename_log(unpacked.folder.path(), log_id).await?;
    if let (Some(_), Some(key), None) = (vault, &master, &lying_there) {
        key.write(&key_file)?;
    }
    // The log last: a directory without a log is still an empty store.
    let mut moved: Vec<Kind> = if vault.is_some() { vec![Kind::Vault] } else { Vec::new() };
    moved.push(Kind::Log);
    for kind in moved {
        let from: PathBuf = unpacked.folder.path().join(kind.name()).with_extension("db");
        fs::File::open(&from)?.sync_all()?;
        fs::rename(from, path(kind))?;
    }
    fs::File::open(directory)?.sync_all()?;
    drop(lock);
    Ok(Restored { log_id, manifest: unpacked.manifest, with_vault: vault.is_some() })
}

/// Nothing of the archive acts on the world again: messages that were on their way may long have arrived, codes and links
/// may have been used.
async fn calm(folder: &Path) -> Result<(), BackupError> {
    let pool = unpacked_file(folder, Kind::Vault).await?;
    sqlx::query(sql!("vault/end_restored_messages")).execute(&pool).await?;
    sqlx::query(sql!("vault/forget_all_passes")).execute(&pool).await?;
    pool.close().await;
    Ok(())
}

async fn rename_log(folder: &Path, log_id: Uuid) -> Result<(), BackupError> {
    let pool = unpacked_file(folder, Kind::Log).await?;
    sqlx::query(sql!("log/rename_log")).bind(log_id).execute(&pool).await?;
    pool.close().await;
    Ok(())
}

/// Opens a file of an archive for a last change; no journal is left beside it.
async fn unpacked_file(folder: &Path, kind: Kind) -> Result<sqlx::SqlitePool, sqlx::Error> {
    let options =
        crate::db::sqlite_options(folder, kind).journal_mode(sqlx::sqlite::SqliteJournalMode::Delete);
    sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).connect_with(options).await
}

async fn restore_server(
    log: &Path,
    vault: Option<&Path>,
    url: &str,
    master: Option<MasterKey>,
    progress: Progress<'_>,
) -> Result<Restored, BackupError> {
    let master = master.ok_or_else(|| VaultError::MasterKey("a store on PostgreSQL needs it".into()))?;
    let unpacked = unpack(log, vault, None, Some(&master), progress).await?;
    let folder = unpacked.folder.path();
    let base = PgConnectOptions::from_str(url)?;
    open_postgres(&base, Kind::Vault, true, 1).await?.close().await;
    let pool = open_postgres(&base, Kind::Log, true, 1).await?;
    let log_id = new_log_id()?;
    // One transaction for both schemas: all of it is restored, or nothing.
    let mut to = pool.begin().await?;
    sqlx::query("set local statement_timeout = 0").execute(&mut *to).await?;
    sqlx::query("set local idle_in_transaction_session_timeout = 0").execute(&mut *to).await?;
    if vault.is_some() {
        fill(folder, Kind::Vault, &mut to, &[], &|_, _| {}).await?;
    }
    fill(folder, Kind::Log, &mut to, &["log_head"], progress).await?;
    adopt(&mut to, log_id, unpacked.manifest.head).await?;
    to.commit().await?;
    pool.close().await;
    // Proves that the vault opens with this key, or makes a new one.
    Storage::open(&StoreUrl::Postgres(url.to_owned()), Access::Owner, Some(master)).await?.close().await;
    Ok(Restored { log_id, manifest: unpacked.manifest, with_vault: vault.is_some() })
}

/// Copies an unpacked file into an empty schema.
async fn fill(
    folder: &Path,
    kind: Kind,
    to: &mut Transaction<'_, Postgres>,
    except: &[&str],
    progress: Progress<'_>,
) -> Result<(), BackupError> {
    sqlx::query("select set_config('search_path', $1, true)").bind(kind.name()).execute(&mut **to).await?;
    if !is_empty(to, kind).await? {
        return Err(BackupError::NotEmpty);
    }
    let source = archive::open(folder, kind).await?;
    let Tx::Sqlite(mut from) = source.snapshot().await? else {
        unreachable!("the file in an archive is SQLite")
    };
    copy::to_postgres(&mut from, to, kind, except, progress).await?;
    from.rollback().await?;
    source.close().await;
    Ok(())
}

/// Gives the restored log its own id and its head.
async fn adopt(to: &mut Transaction<'_, Postgres>, log_id: Uuid, head: u64) -> Result<(), BackupError> {
    sqlx::query(sql!("log/first_head")).bind(log_id).execute(&mut **to).await?;
    sqlx::query(sql!("log/rename_log")).bind(log_id).execute(&mut **to).await?;
    if head > 0 {
        let adopted = sqlx::query(sql!("log/adopt_log")).bind(sql::signed(head)).execute(&mut **to).await?;
        if adopted.rows_affected() != 1 {
            return Err(BackupError::NotEmpty);
        }
        let next = "select setval(pg_get_serial_sequence('streams', 'stream_id'), \
                    (select max(stream_id) from streams))";
        sqlx::query(next).execute(&mut **to).await?;
    }
    Ok(())
}

/// Whether a schema holds nothing of its own yet; what a bare start writes is removed.
async fn is_empty(to: &mut sqlx::Transaction<'_, sqlx::Postgres>, kind: Kind) -> Result<bool, BackupError> {
    let (count,): (i64,) = match kind {
        Kind::Log => sqlx::query_as("select count(*) from streams").fetch_one(&mut **to).await?,
        Kind::Vault | Kind::Read => {
            let used = "select (select count(*) from person_keys) + (select count(*) from identities) \
                        + (select count(*) from passwords) + (select count(*) from devices)";
            let (used,): (i64,) = sqlx::query_as(used).fetch_one(&mut **to).await?;
            for table in [
                "settings",
                "signing_keys",
                "checkpoints",
                "sessions",
                "refresh_tokens",
                "pairings",
                "passes",
                "misses",
            ] {
                if used == 0 {
                    let text = format!("delete from {table}");
                    sqlx::query(sqlx::AssertSqlSafe(text)).execute(&mut **to).await?;
                }
            }
            (used,)
        }
    };
    Ok(count == 0)
}
