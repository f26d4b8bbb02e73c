//! The master key of an embedded store in its file, and the one that is about to take its place in a second file. The
//! second is written before the vault is wrapped anew and takes the first one's name after it: whenever the process
//! dies, one of the two opens the vault.

use std::{fs, path::Path};

use crate::{
    MasterKey, VaultError,
    storage::{MASTER_KEY_FILE, OpenError},
};

const NEXT_KEY_FILE: &str = "master.key.next";

/// The key of the directory with its successor, if there is one. An owner makes one where there is none.
pub(crate) fn read(directory: &Path, owner: bool) -> Result<MasterKey, VaultError> {
    let file = directory.join(MASTER_KEY_FILE);
    let present = MasterKey::read(&file)?;
    let next = match MasterKey::read(&directory.join(NEXT_KEY_FILE)) {
        // Nothing was ever wrapped by what is no key; the present one opens the vault.
        Err(error) if present.is_some() => {
            tracing::warn!(error = &error as &dyn std::error::Error, "{NEXT_KEY_FILE} holds no key");
            None
        }
        next => next?,
    };
    let key = match present {
        Some(key) => key,
        None if owner && next.is_none() => return MasterKey::read_or_create(&file),
        None => return next.ok_or(VaultError::WrongMasterKey),
    };
    Ok(match next {
        Some(next) => key.or_next(&next),
        None => key,
    })
}

/// The key that is to take the place of the present one: written down before anything is wrapped by it. One that is
/// there already was left by a rotation that did not come to its end.
pub(crate) fn begin(directory: &Path) -> Result<MasterKey, VaultError> {
    let file = directory.join(NEXT_KEY_FILE);
    if MasterKey::read(&file).is_err() {
        fs::remove_file(&file).map_err(|error| VaultError::MasterKey(error.into()))?;
    }
    MasterKey::read_or_create(&file)
}

/// Gives the successor its predecessor's name, if it is the one that opens the vault.
pub(crate) fn settle(directory: &Path, opens: &str) -> Result<(), OpenError> {
    let next = directory.join(NEXT_KEY_FILE);
    if MasterKey::read(&next).ok().flatten().is_some_and(|it| it.fingerprint() == opens) {
        fs::rename(&next, directory.join(MASTER_KEY_FILE))?;
        fs::File::open(directory)?.sync_all()?;
    }
    Ok(())
}
