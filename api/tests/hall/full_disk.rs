//! A server whose disk is full: it says so, shows what it knows, and goes on by itself when there is room again.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::Path,
    process::Command,
};

use talon_storage::{StoreUrl, open_log};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::{
    house::PATIENCE,
    node::{self, Node},
    record,
    scene::Scene,
    work::Shift,
};

/// From a working hall to a full disk and back. `log` tells where the log can be read while the server runs.
async fn is_borne(node: Node, fill: impl Fn(&Node), free: impl Fn(&Node), log: impl Fn() -> String) {
    let (_addresses, known) = watch::channel(vec![node.address.clone()]);
    let shift = Shift::at(known);
    let address = node.address.as_str();
    let mut scene = Scene::set(&shift, address).await;
    scene.tables_follow(address, PATIENCE).await;
    shift.board_at(address, &scene.position).await;
    let before = scene.remembered(address).await;
    let (numbers, presses) = (scene.tables(address, None).await.unwrap(), scene.presses());
    assert_eq!(numbers.len(), 4);

    fill(&node);
    for _ in 0..3 {
        scene.is_refused(address, &presses).await;
    }
    scene.goes_on(&[address], &before).await;
    assert_eq!(scene.tables(address, None).await.as_ref(), Ok(&numbers), "tables are read on a full disk");
    scene.is_refused(address, &presses).await;
    assert_eq!(shift.status(format!("{address}/healthz")).await, 200);

    free(&node);
    assert_eq!(scene.is_carried_out(address, &presses).await, 1, "healed with the first press");
    // Pressed once more, when it is long done.
    assert_eq!(scene.is_carried_out(address, &presses).await, 1);
    scene.tables_follow(address, PATIENCE).await;
    assert_eq!(scene.tables(address, None).await.unwrap().len(), numbers.len() + 3);
    assert_eq!(shift.signs_in(address, "auditor@demo.talon", "demo-auditor").await, (200, None));
    let events = open_log(&StoreUrl::parse(&log()).unwrap()).await.unwrap();
    record::once(&events, &presses.commands()).await;
    record::sound(&events).await;
    node.stop();
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|it| it.status.success())
}

/// How large this process may make a file from now on. Beyond that a write fails, as on a full disk.
fn allow(node: &Node, bytes: &str) {
    let done = Command::new("prlimit")
        .args(["--pid", &node.id().to_string(), &format!("--fsize={bytes}:")])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_files_cannot_grow_says_so_and_heals() {
    if !is_there("prlimit") {
        eprintln!("skipped: a_server_whose_files_cannot_grow_says_so_and_heals (no prlimit on this machine)");
        return;
    }
    let folder = TempDir::with_prefix("talon-hall-").unwrap();
    let store = format!("sqlite:{}", folder.path().display());
    node::install(&store).await;
    // Whoever writes beyond the limit is also sent a signal, which a full disk does not do.
    let node = Node::start_by(&["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"], &store);
    is_borne(node, |node| allow(node, "0"), |node| allow(node, "unlimited"), || store.clone()).await;
    let storage = node::open(&store).await;
    record::sound(&storage.events).await;
    storage.close().await;
}

/// Puts a store into a small file system of the server's own.
const ON_A_SMALL_DISK: &str =
    r#"mount -t tmpfs -o size=24m tmpfs "$1" && cp -r "$0"/. "$1" && shift && exec "$@""#;

/// Whether this machine lets a test have a file system of its own.
fn may_mount(folder: &Path) -> bool {
    let mount = "mount -t tmpfs -o size=1m tmpfs \"$0\"";
    let tried = Command::new("unshare").args(["-Urm", "sh", "-c", mount]).arg(folder).output();
    tried.is_ok_and(|it| it.status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_a_full_disk_says_so_and_heals() {
    let folder = TempDir::with_prefix("talon-hall-").unwrap();
    if !may_mount(folder.path()) {
        eprintln!(
            "skipped: a_server_on_a_full_disk_says_so_and_heals (this machine lets nobody mount a file system)"
        );
        return;
    }
    let (seed, small) = (folder.path().join("seed"), folder.path().join("small"));
    fs::create_dir(&small).unwrap();
    node::install(&format!("sqlite:{}", seed.display())).await;
    let (seed, small) = (seed.to_str().unwrap(), small.to_str().unwrap());
    let node = Node::start_by(
        &["unshare", "-Urm", "sh", "-c", ON_A_SMALL_DISK, seed, small],
        &format!("sqlite:{small}"),
    );
    let inside = format!("/proc/{}/root{small}", node.id());
    let ballast = format!("{inside}/ballast");
    let fill = |_: &Node| {
        let mut file = File::create(&ballast).unwrap();
        let full = loop {
            if let Err(error) = file.write_all(&[0x5a; 4096]) {
                break error;
            }
        };
        assert_eq!(full.kind(), ErrorKind::StorageFull);
    };
    // Nobody writes any more, so that copies of the files are the store. SQLite itself cannot look into another process.
    let copy = folder.path().join("copy");
    let log = || {
        fs::create_dir(&copy).unwrap();
        for name in ["log.db", "log.db-wal"] {
            fs::copy(format!("{inside}/{name}"), copy.join(name)).unwrap();
        }
        format!("sqlite:{}", copy.display())
    };
    is_borne(node, fill, |_| fs::remove_file(&ballast).unwrap(), log).await;
}
