//! Everything behind one address: the log, its tail, the read models' database and the vault.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{migrate::MigrateError, postgres::PgConnectOptions};
use talon_core::event_store::EventStore;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    committer::Committer,
    db::{Db, Kind, open_postgres, open_sqlite, open_sqlite_beside, sqlite_options, sqlite_readers},
    feed::Feed,
    key_files,
    leader::Leadership,
    lock::StoreLock,
    memory::MemoryStore,
    postgres::{PostgresWriter, listen},
    slow::Slow,
    sql,
    sql::{SqlStore, unsigned},
    sqlite::SqliteWriter,
    tail::Tail,
    vault::{MasterKey, Vault, VaultError},
};

/// The file of the master key in an embedded store's directory.
pub(crate) const MASTER_KEY_FILE: &str = "master.key";

/// Where a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// Events in memory; read models and vault in a temporary directory. For tests.
    Memory,
    /// An embedded store in a directory.
    Sqlite(PathBuf),
    Postgres(String),
}

/// What the opener means to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Migrates and writes. An embedded store is locked to this process.
    Owner,
    /// Reads what is there, beside an owner or without one.
    ReadOnly,
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("store address {0:?} is none of sqlite:DIR, postgres://…, memory")]
    Address(String),
    #[error("another process holds the store in {}: stop it first", .0.display())]
    Locked(PathBuf),
    #[error("there is no store in {}", .0.display())]
    Absent(PathBuf),
    #[error("the directory of the store cannot be used")]
    Directory(#[from] io::Error),
    #[error("the database cannot be opened")]
    Database(#[from] sqlx::Error),
    #[error("the database cannot be brought to this version")]
    Migration(#[from] MigrateError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl FromStr for StoreUrl {
    type Err = OpenError;

    fn from_str(text: &str) -> Result<Self, OpenError> {
        Self::parse(text)
    }
}

impl StoreUrl {
    /// Reads `sqlite:DIR`, `postgres://…` or `memory`.
    ///
    /// # Errors
    /// `Address`.
    pub fn parse(text: &str) -> Result<Self, OpenError> {
        if text == "memory" {
            return Ok(Self::Memory);
        }
        if let Some(directory) = text.strip_prefix("sqlite:").filter(|it| !it.is_empty()) {
            return Ok(Self::Sqlite(directory.trim_start_matches("//").into()));
        }
        let is_postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
        if is_postgres && PgConnectOptions::from_str(text).is_ok() {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(OpenError::Address(text.to_owned()))
    }
}

/// An open store. Dropping it lets what is queued be written; `close` also waits for that.
pub struct Storage {
    pub events: Arc<dyn EventStore>,
    pub tail: Tail,
    pub read: Db,
    pub vault: Vault,
    pub leadership: Leadership,
    closing: CancellationToken,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    log: Option<Db>,
    directory: Option<PathBuf>,
    _temporary: Option<TempDir>,
}

impl fmt::Debug for Storage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Storage").field("tail", &self.tail).field("directory", &self.directory).finish()
    }
}

impl Storage {
    /// Opens a store. PostgreSQL needs the master key; an embedded store keeps its own unless one is given.
    ///
    /// # Errors
    /// See `OpenError`.
    pub async fn open(url: &StoreUrl, access: Access, master: Option<MasterKey>) -> Result<Self, OpenError> {
        match url {
            StoreUrl::Memory => open_memory(master).await,
            StoreUrl::Sqlite(directory) => open_embedded(directory, access, master, Duration::ZERO).await,
            StoreUrl::Postgres(url) => open_server(url, access, master).await,
        }
    }

    /// Opens an embedded store for writing on a disk that takes so much longer for every commit. For measurements.
    ///
    /// # Errors
    /// See `OpenError`.
    pub async fn open_slow(directory: &Path, slower_by: Duration) -> Result<Self, OpenError> {
        open_embedded(directory, Access::Owner, None, slower_by).await
    }

    /// Writes what is queued, ends all tasks and connections. Later appends are refused as unavailable.
    pub async fn close(&self) {
        self.closing.cancel();
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            let _ = task.await;
        }
        if let Some(log) = &self.log {
            log.close().await;
        }
        self.read.close().await;
        self.vault.db().close().await;
    }

    pub(crate) fn log(&self) -> Option<&Db> {
        self.log.as_ref()
    }

    /// Wraps everything in the vault under another master key and gives the number of keys. Without `new` an embedded
    /// store makes one and keeps it in its file. Nobody else may have the store open; open it anew afterwards.
    ///
    /// # Errors
    /// `Vault`, also when a store without files is given no key: everything is as before then.
    pub async fn rotate_master_key(
        &self,
        new: Option<MasterKey>,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<u64, OpenError> {
        match (new, &self.directory) {
            (Some(new), _) => Ok(self.vault.rotate_master_key(&new, progress).await?),
            (None, Some(directory)) => {
                let next = key_files::begin(directory)?;
                let count = self.vault.rotate_master_key(&next, progress).await?;
                key_files::settle(directory, &next.fingerprint())?;
                Ok(count)
            }
            (None, None) => Err(VaultError::MasterKey("the new key must be given".into()).into()),
        }
    }

    /// The directory of an embedded store.
    #[must_use]
    pub fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

/// Makes the directory of a store where there is none, for its owner's eyes only.
pub(crate) fn create_private(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// A random id for a new log.
pub(crate) fn new_log_id() -> Result<Uuid, OpenError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

/// The log alone, for reading, beside an owner or without one: for tools that need neither read models nor vault and
/// should not be given its key.
///
/// # Errors
/// See `OpenError`.
pub async fn open_log(url: &StoreUrl) -> Result<Arc<dyn EventStore>, OpenError> {
    let log = match url {
        StoreUrl::Memory => return Err(OpenError::Address("memory".into())),
        StoreUrl::Sqlite(directory) if !directory.join("log.db").exists() => {
            return Err(OpenError::Absent(directory.clone()));
        }
        StoreUrl::Sqlite(directory) => open_sqlite_log(directory, false).await?,
        StoreUrl::Postgres(url) => {
            Db::Postgres(open_postgres(&PgConnectOptions::from_str(url)?, Kind::Log, false, 8).await?)
        }
    };
    let (log_id, _) = log_head(&log).await?;
    Ok(SqlStore::new(log_id, log, None))
}

/// The vault alone, for writing, beside an owner or without one: for commands that change what is kept there and nothing
/// else. It is not brought to another version.
///
/// # Errors
/// See `OpenError`.
pub async fn open_vault(url: &StoreUrl, master: Option<MasterKey>) -> Result<Vault, OpenError> {
    let (db, master) = match url {
        StoreUrl::Memory => return Err(OpenError::Address("memory".into())),
        StoreUrl::Sqlite(directory) if !directory.join("vault.db").exists() => {
            return Err(OpenError::Absent(directory.clone()));
        }
        StoreUrl::Sqlite(directory) => {
            let kept = || MasterKey::read(&directory.join(MASTER_KEY_FILE));
            let master = master.map_or_else(kept, |given| Ok(Some(given)))?;
            (open_sqlite_beside(directory, Kind::Vault).await?, master)
        }
        StoreUrl::Postgres(url) => (
            Db::Postgres(open_postgres(&PgConnectOptions::from_str(url)?, Kind::Vault, false, 2).await?),
            master,
        ),
    };
    let master = master.ok_or(VaultError::WrongMasterKey)?;
    Ok(Vault::open(db, master).await?)
}

async fn open_memory(master: Option<MasterKey>) -> Result<Storage, OpenError> {
    let temporary = TempDir::with_prefix("talon-")?;
    let feed = Feed::new(0);
    let events: Arc<dyn EventStore> = Arc::new(MemoryStore::new(new_log_id()?, feed.clone()));
    let read = open_sqlite(temporary.path(), Kind::Read, true).await?;
    let vault = open_sqlite(temporary.path(), Kind::Vault, true).await?;
    let master = master.map_or_else(MasterKey::generate, Ok)?;
    Ok(Storage {
        tail: Tail::new(events.clone(), feed),
        events,
        read,
        vault: Vault::open(vault, master).await?,
        leadership: Leadership::sole(),
        closing: CancellationToken::new(),
        tasks: Mutex::default(),
        log: None,
        directory: None,
        _temporary: Some(temporary),
    })
}

async fn open_embedded(
    directory: &Path,
    access: Access,
    master: Option<MasterKey>,
    slower_by: Duration,
) -> Result<Storage, OpenError> {
    let owner = access == Access::Owner;
    let lock = if owner {
        create_private(directory)?;
        Some(StoreLock::take(directory)?.ok_or_else(|| OpenError::Locked(directory.into()))?)
    } else if directory.join("log.db").exists() {
        None
    } else {
        return Err(OpenError::Absent(directory.into()));
    };
    let log = open_sqlite_log(directory, owner).await?;
    let (log_id, head) = log_head(&log).await?;
    // Before anything is started: a key that is wrong leaves the store to whoever comes with the right one.
    let read = open_sqlite(directory, Kind::Read, owner).await?;
    let vault = open_sqlite(directory, Kind::Vault, owner).await?;
    let in_files = master.is_none();
    let master = match master {
        Some(master) => master,
        None => key_files::read(directory, owner)?,
    };
    let vault = Vault::open(vault, master).await?;
    if owner && in_files {
        key_files::settle(directory, &vault.master_key_fingerprint())?;
    }
    let feed = Feed::new(head);
    let closing = CancellationToken::new();
    let (committer, tasks) = match lock {
        Some(lock) => {
            let writer = SqliteWriter::new(sqlite_options(directory, Kind::Log), Some(lock));
            let (committer, task) = if slower_by.is_zero() {
                Committer::start(writer, feed.clone(), closing.clone())
            } else {
                Committer::start(Slow { writer, by: slower_by }, feed.clone(), closing.clone())
            };
            (Some(committer), vec![task])
        }
        None => (None, Vec::new()),
    };
    let events: Arc<dyn EventStore> = SqlStore::new(log_id, log.clone(), committer);
    Ok(Storage {
        tail: Tail::new(events.clone(), feed),
        events,
        read,
        vault,
        leadership: Leadership::sole(),
        closing,
        tasks: Mutex::new(tasks),
        log: Some(log),
        directory: Some(directory.into()),
        _temporary: None,
    })
}

/// The log's readers. Its writer connection is the committer's alone: migrations come and go before it.
pub(crate) async fn open_sqlite_log(directory: &Path, owner: bool) -> Result<Db, OpenError> {
    if owner {
        let db = open_sqlite(directory, Kind::Log, true).await?;
        let mut tx = db.begin().await?;
        crate::run!(&mut tx, sql!("log/first_head"), new_log_id()?)?;
        tx.commit().await?;
        db.close().await;
    }
    let readers = sqlite_readers(sqlite_options(directory, Kind::Log), 4).await?;
    Ok(Db::Sqlite { writer: readers.clone(), readers })
}

pub(crate) async fn log_head(log: &Db) -> Result<(Uuid, u64), OpenError> {
    let rows = crate::ask!(log, (Uuid, i64), sql!("log/log_head"))?;
    let (log_id, head) = rows.into_iter().next().ok_or(sqlx::Error::RowNotFound)?;
    Ok((log_id, unsigned(head)))
}

async fn open_server(url: &str, access: Access, master: Option<MasterKey>) -> Result<Storage, OpenError> {
    let owner = access == Access::Owner;
    let master = master.ok_or_else(|| {
        VaultError::MasterKey("a store on PostgreSQL needs the master key from the configuration".into())
    })?;
    let base = PgConnectOptions::from_str(url)?;
    let pool = open_postgres(&base, Kind::Log, owner, 8).await?;
    let log = Db::Postgres(pool.clone());
    if owner {
        let mut tx = log.begin().await?;
        crate::run!(&mut tx, sql!("log/first_head"), new_log_id()?)?;
        tx.commit().await?;
    }
    let (log_id, head) = log_head(&log).await?;
    let feed = Feed::new(head);
    let closing = CancellationToken::new();
    let mut tasks = vec![tokio::spawn(listen(pool, feed.clone(), closing.clone()))];
    let committer = owner.then(|| {
        let writer = PostgresWriter::new(&base);
        let (committer, task) = Committer::start(writer, feed.clone(), closing.clone());
        tasks.push(task);
        committer
    });
    let events: Arc<dyn EventStore> = SqlStore::new(log_id, log.clone(), committer);
    let read = Db::Postgres(open_postgres(&base, Kind::Read, owner, 8).await?);
    let vault = Db::Postgres(open_postgres(&base, Kind::Vault, owner, 6).await?);
    Ok(Storage {
        tail: Tail::new(events.clone(), feed),
        events,
        read,
        vault: Vault::open(vault, master).await?,
        leadership: Leadership::cluster(base),
        closing,
        tasks: Mutex::new(tasks),
        log: Some(log),
        directory: None,
        _temporary: None,
    })
}
