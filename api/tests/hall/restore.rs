//! A backup made beside a running server, and a board that stays open while the hall is restored elsewhere.

use std::{fs, path::PathBuf, time::Duration};

use serde_json::json;
use tempfile::TempDir;
use tokio::sync::watch;

use crate::{
    house::SERVICE,
    node::{self, Node},
    work::{Shift, board_of, insist},
};

/// How long a hall may look at its old board after the restored server is there.
const AT_THE_LATEST: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn a_board_left_open_shows_the_restored_hall() {
    let folder = TempDir::with_prefix("talon-hall-").unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (before, after, copies) =
        (format!("sqlite:{}", place("before")), format!("sqlite:{}", place("after")), place("copies"));
    node::install(&before).await;
    let node = Node::start(&before);
    let (_addresses, known) = watch::channel(vec![node.address.clone()]);
    let shift = Shift::at(known);
    let mut admin = shift.administrator().await;
    admin.open_day().await;
    let waiting = async |count: u32| {
        shift.board(&node.address, &format!("{count} waiting"), |board| board["waiting"] == count).await
    };
    for _ in 0..2 {
        admin.press("issueTicket", json!({ "services": [SERVICE] })).await;
    }
    let copied = waiting(2).await;
    node::talon(&["--store", &before, "backup", "--into", &copies]);
    admin.press("issueTicket", json!({ "services": [SERVICE] })).await;
    let lost = waiting(3).await;

    let listen = node.address.trim_start_matches("http://").to_owned();
    let board = board_of(&node.address);
    node.stop();
    let archive = |ending: &str| -> String {
        let found = fs::read_dir(&copies).unwrap().map(|it| it.unwrap().path());
        let ends = |path: &PathBuf| path.to_string_lossy().ends_with(ending);
        found.into_iter().find(ends).unwrap().display().to_string()
    };
    let (log, vault) = (archive(".log.tar.gz"), archive(".vault.tar.gz"));
    node::talon(&["--store", &after, "restore", &log, "--vault", &vault]);
    let restored = Node::start_at(&after, &listen);

    // The page goes on asking with the position it saw last, which belongs to a log that is no more.
    let seen = lost["position"].as_str().unwrap();
    let asked = format!("{board}?wait=60&after={seen}");
    let (shown, _) = insist("the open board shows the restored hall", AT_THE_LATEST, async || {
        shift.get(asked.clone()).await
    })
    .await;
    assert_eq!(shown["waiting"], 2, "what was issued after the copy is gone");
    assert_eq!(shown["businessDay"], copied["businessDay"]);
    let log_of =
        |position: &serde_json::Value| position.as_str().unwrap().split('.').next().unwrap().to_owned();
    assert_ne!(log_of(&shown["position"]), log_of(&lost["position"]), "the restored log is another one");

    // Whoever was signed in still is: the vault came along. The next number follows the last one restored.
    let next = admin.press("issueTicket", json!({ "services": [SERVICE] })).await;
    assert!(next.number.is_some());
    restored.stop();
}
