//! The form of an archive: a gzipped tar of `manifest.json` and one SQLite file, whose checksum the manifest holds.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteJournalMode;
use tempfile::NamedTempFile;
use uuid::Uuid;

use super::BackupError;
use crate::db::{Db, Dialect, Kind, sqlite_options, sqlite_readers};

/// Raised when an older build could not read what a newer one writes.
pub(super) const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";

/// What an archive says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// `log` or `vault`.
    pub kind: String,
    pub made_at: DateTime<Utc>,
    pub log_id: Uuid,
    /// The position of the last event.
    pub head: u64,
    pub streams: u64,
    /// SHA-256, in hex, over the name, version and hash of every stream, by name.
    pub heads: String,
    /// Names the master key that opens a vault; says nothing about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master_key: Option<String>,
    /// SHA-256, in hex, of the SQLite file.
    pub sha256: String,
}

fn file_name(kind: Kind) -> PathBuf {
    Path::new(kind.name()).with_extension("db")
}

fn sum(path: &Path) -> io::Result<String> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    let mut sum = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(hex::encode(sum.finalize()));
        }
        sum.update(&buffer[..count]);
    }
}

async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(io::Error::other(error).into()))
}

/// Packs the file of `kind` in `folder` with its manifest, readable by the owner alone and on disk when this returns.
pub(super) async fn pack(
    folder: &Path,
    kind: Kind,
    mut manifest: Manifest,
    archive: &Path,
) -> Result<Manifest, BackupError> {
    let file = folder.join(file_name(kind));
    let archive = archive.to_owned();
    off_the_runtime(move || {
        manifest.sha256 = sum(&file)?;
        let parent = archive.parent().unwrap_or(Path::new("."));
        // A name of its own until it is complete: nobody ever meets half an archive. Its mode is 0600.
        let unfinished = NamedTempFile::with_prefix_in(".talon-archive-", parent)?;
        let mut tar = tar::Builder::new(GzEncoder::new(BufWriter::new(unfinished), Compression::new(3)));
        let text = serde_json::to_vec_pretty(&manifest).map_err(io::Error::other)?;
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(manifest.made_at.timestamp()).unwrap_or_default());
        tar.append_data(&mut header, MANIFEST, &text[..])?;
        tar.append_path_with_name(&file, file_name(kind))?;
        let mut buffered = tar.into_inner()?.finish()?;
        buffered.flush()?;
        let finished = buffered.into_inner().map_err(io::IntoInnerError::into_error)?;
        finished.as_file().sync_all()?;
        finished.persist(&archive).map_err(|error| error.error)?;
        fs::remove_file(&file)?;
        Ok(manifest)
    })
    .await
}

/// Unpacks an archive of `kind` into `folder` and proves the file's checksum.
pub(super) async fn unpack(archive: &Path, kind: Kind, folder: &Path) -> Result<Manifest, BackupError> {
    let (archive, folder) = (archive.to_owned(), folder.to_owned());
    off_the_runtime(move || {
        let wrong = |reason: &str| BackupError::Archive {
            path: archive.clone(),
            expected: kind.name(),
            reason: reason.to_owned(),
        };
        let mut tar = tar::Archive::new(GzDecoder::new(BufReader::new(File::open(&archive)?)));
        let mut manifest: Option<Manifest> = None;
        let target = folder.join(file_name(kind));
        let mut has_file = false;
        for entry in tar.entries().map_err(|error| wrong(&error.to_string()))? {
            let mut entry = entry.map_err(|error| wrong(&error.to_string()))?;
            let name = entry.path().map_err(|error| wrong(&error.to_string()))?.into_owned();
            if name == Path::new(MANIFEST) {
                let read = serde_json::from_reader(&mut entry);
                manifest = Some(read.map_err(|error| wrong(&error.to_string()))?);
            } else if name == file_name(kind) {
                let mut file = OpenOptions::new().write(true).create_new(true).open(&target)?;
                io::copy(&mut entry, &mut file).map_err(|error| wrong(&error.to_string()))?;
                file.sync_all()?;
                has_file = true;
            }
        }
        let manifest = manifest.ok_or_else(|| wrong("it has no manifest"))?;
        if manifest.format > FORMAT {
            return Err(wrong("a newer version made it"));
        }
        if manifest.kind != kind.name() || !has_file {
            return Err(wrong(&format!("it is of kind {:?}", manifest.kind)));
        }
        if sum(&target)? != manifest.sha256 {
            return Err(wrong("its checksum does not fit"));
        }
        Ok(manifest)
    })
    .await
}

/// Brings the unpacked file to this version.
pub(super) async fn upgrade(folder: &Path, kind: Kind) -> Result<(), BackupError> {
    let options = sqlite_options(folder, kind).journal_mode(SqliteJournalMode::Delete);
    let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    kind.migrations(Dialect::Sqlite).run(&pool).await?;
    pool.close().await;
    Ok(())
}

/// Opens an unpacked or copied file for reading.
pub(super) async fn open(folder: &Path, kind: Kind) -> Result<Db, BackupError> {
    let options = sqlite_options(folder, kind).journal_mode(SqliteJournalMode::Delete);
    let readers = sqlite_readers(options, 2).await?;
    Ok(Db::Sqlite { writer: readers.clone(), readers })
}
