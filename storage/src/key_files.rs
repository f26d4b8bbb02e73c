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
    let next = MasterKey::read(&directory.join(NEXT_KEY_FILE))?;
    let key = match MasterKey::read(&file)? {
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
    MasterKey::read_or_create(&directory.join(NEXT_KEY_FILE))
}

/// Gives the successor its predecessor's name, if it is the one that opens the vault.
pub(crate) fn settle(directory: &Path, opens: &str) -> Result<(), OpenError> {
    let next = directory.join(NEXT_KEY_FILE);
    if MasterKey::read(&next)?.is_some_and(|it| it.fingerprint() == opens) {
        fs::rename(&next, directory.join(MASTER_KEY_FILE))?;
        fs::File::open(directory)?.sync_all()?;
    }
    Ok(())
}
