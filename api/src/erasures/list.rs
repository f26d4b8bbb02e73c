//! Who was erased, as pseudonyms, one line each: what `talon erased` prints, what lies beside every backup, and what
//! `restore --erased` reads.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::{DateTime, SecondsFormat, Utc};
use talon_core::{
    event_store::{EventStore, StoreError},
    ids::CustomerId,
};
use tempfile::NamedTempFile;

/// Its name in a folder of backups.
pub const NAME: &str = "erased.txt";

/// Somebody erased, and when as far as it is said.
pub type Erased = (CustomerId, Option<DateTime<Utc>>);

/// Why a list could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    #[error("cannot read or write {}", .0.display())]
    File(PathBuf, #[source] io::Error),
    #[error("{}:{line}: not a line of `talon erased`", path.display())]
    Line { path: PathBuf, line: usize },
    #[error("the log does not answer")]
    Store(#[from] StoreError),
}

/// The lines of a list.
#[must_use]
pub fn written(erased: &[Erased]) -> String {
    let mut lines = String::new();
    for (id, at) in erased {
        lines.push_str(id.as_str());
        if let Some(at) = at {
            let _ = write!(lines, " {}", at.to_rfc3339_opts(SecondsFormat::Secs, true));
        }
        lines.push('\n');
    }
    lines
}

/// A list as it was written.
///
/// # Errors
/// When the file cannot be read or a line is no pseudonym: half a list would leave somebody known.
pub fn read(path: &Path) -> Result<Vec<Erased>, ListError> {
    let text = fs::read_to_string(path).map_err(|error| ListError::File(path.to_owned(), error))?;
    let mut listed = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut words = line.split_whitespace();
        let id = words.next().and_then(|it| CustomerId::parse(it).ok());
        let time = words.next().map(str::parse::<DateTime<Utc>>).transpose();
        match (id, time, words.next()) {
            (Some(id), Ok(time), None) => listed.push((id, time)),
            _ => return Err(ListError::Line { path: path.to_owned(), line: number + 1 }),
        }
    }
    Ok(listed)
}

/// Brings the list in a folder up to date with the log, in one step for whoever reads it. Who is on it stays on it, also
/// when the log was restored from a time before their erasure.
///
/// # Errors
/// When the log does not answer, or the file cannot be written, or the one that lies there is no list; it stays then.
pub async fn keep(store: &Arc<dyn EventStore>, folder: &Path) -> Result<PathBuf, ListError> {
    let path = folder.join(NAME);
    let mut erased: Vec<Erased> =
        super::with_times(store).await?.into_iter().map(|(id, at)| (id, Some(at))).collect();
    let known: std::collections::HashSet<_> = erased.iter().map(|(id, _)| id.clone()).collect();
    match read(&path) {
        Ok(before) => erased.extend(before.into_iter().filter(|(id, _)| !known.contains(id))),
        Err(ListError::File(_, error)) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    replace(&path, folder, &written(&erased)).map_err(|error| ListError::File(path.clone(), error))?;
    Ok(path)
}

/// Readable by its owner alone, as the archives are, and on disk when this returns.
fn replace(path: &Path, folder: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = NamedTempFile::with_prefix_in(".talon-erased-", folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Result<Vec<Erased>, ListError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(NAME);
        fs::write(&file, text).unwrap();
        read(&file)
    }

    #[test]
    fn a_list_is_read_whole_or_not_at_all() {
        let listed = list("# of Tuesday\nc-1 2026-11-20T12:00:00Z\n\nc-2\n").unwrap();
        let noon = "2026-11-20T12:00:00Z".parse().unwrap();
        assert_eq!(listed, [(CustomerId::trusted("c-1"), Some(noon)), (CustomerId::trusted("c-2"), None)]);
        assert_eq!(written(&listed), "c-1 2026-11-20T12:00:00Z\nc-2\n");
        for text in ["c-1 yesterday\n", "c 1 2 3\n", "Анна Иванова\n"] {
            let error = list(text).unwrap_err().to_string();
            assert!(error.contains("erased.txt:1"), "{error}");
        }
    }

    #[tokio::test]
    async fn who_is_on_the_list_stays_on_it_and_what_is_no_list_is_left_alone() {
        use talon_storage::{Access, Storage, StoreUrl};
        let storage = Storage::open(&StoreUrl::Memory, Access::Owner, None).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("copies");
        let path = keep(&storage.events, &place).await.unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "", "nobody was erased, and that is said");
        fs::write(&path, "c-1 2026-11-20T12:00:00Z\n").unwrap();
        keep(&storage.events, &place).await.unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "c-1 2026-11-20T12:00:00Z\n");
        fs::write(&path, "minutes of the meeting\n").unwrap();
        keep(&storage.events, &place).await.unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), "minutes of the meeting\n");
        let left: Vec<_> = fs::read_dir(&place).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert_eq!(left, [NAME], "nothing half-written stays");
    }
}
