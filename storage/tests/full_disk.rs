//! A disk that is really full: a small file system of its own, in a namespace of its own. Callers are told, readers go
//! on, and when there is room again the store takes appends without a restart.

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use support::master;
use talon_core::{
    event_store::{Appended, NewEvent, StoreError},
    testing::conformance::{audit, events, stream, whole},
};
use talon_storage::{Access, Storage, StoreUrl};

const FOLDER: &str = "TALON_TEST_FULL_DISK";
const DONE: &str = "the full disk was borne";

#[expect(clippy::disallowed_methods, reason = "how the child learns what to do")]
fn folder() -> Option<PathBuf> {
    std::env::var(FOLDER).ok().map(PathBuf::from)
}

fn large(id: u64) -> Vec<NewEvent> {
    let mut events = events([u128::from(id)]);
    events[0].data = vec![b'x'; 100_000].into();
    events
}

/// Not a test of its own: runs on the small file system.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test below as its child"]
async fn child_on_a_small_disk() {
    let Some(folder) = folder() else { return };
    let ballast = folder.join("ballast");
    fs::write(&ballast, vec![0x5a; 11 << 20]).unwrap();
    let url = StoreUrl::Sqlite(folder.join("store"));
    let storage = Storage::open(&url, Access::Owner, Some(master())).await.unwrap();
    let mut version = 0;
    let mut refused = 0;
    while refused < 5 {
        match storage.events.append(&stream("s"), version, large(version + 1)).await {
            Ok(Appended::At(_, head)) => version = head.version,
            // The disk took it after all, but could not say so.
            Ok(Appended::Duplicate(_)) | Err(StoreError::Conflict) => {
                version = storage.events.head(&stream("s")).await.unwrap().version;
            }
            Err(StoreError::Unavailable(_) | StoreError::Unknown(_)) => refused += 1,
            Err(error) => panic!("{error:?}"),
        }
        assert!(version < 100, "five megabytes hold less");
    }
    assert!(version > 3, "{version} appends went in before the disk was full");
    assert_eq!(whole(&storage.events).await.len() as u64, version);

    fs::remove_file(ballast).unwrap();
    for number in 0..5 {
        let outcome = storage.events.append(&stream("s"), version, large(1_000 + number)).await.unwrap();
        let Appended::At(_, head) = outcome else { panic!("{outcome:?}") };
        version = head.version;
    }
    audit(&storage.events).await;
    storage.close().await;
    drop(storage);
    let storage = Storage::open(&url, Access::Owner, Some(master())).await.unwrap();
    assert_eq!(storage.tail.head(), version);
    audit(&storage.events).await;
    storage.close().await;
    println!("{DONE}");
}

/// Whether this machine lets a test have a file system of its own.
fn may_mount(folder: &Path) -> bool {
    let mount = "mount -t tmpfs -o size=1m tmpfs \"$1\"";
    let tried = Command::new("unshare").args(["-Urm", "sh", "-c", mount, "sh"]).arg(folder).output();
    tried.is_ok_and(|it| it.status.success())
}

#[test]
fn a_full_disk_is_told_and_borne() {
    let folder = tempfile::tempdir().unwrap();
    if !may_mount(folder.path()) {
        eprintln!("skipped: a_full_disk_is_told_and_borne (this machine lets nobody mount a file system)");
        return;
    }
    let script = "mount -t tmpfs -o size=16m tmpfs \"$1\" && exec \"$2\" --exact child_on_a_small_disk --ignored --nocapture";
    let child = Command::new("unshare")
        .args(["-Urm", "sh", "-c", script, "sh"])
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap())
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&child.stdout);
    let complained = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success() && told.contains(DONE), "{told}\n{complained}");
}
