//! The real binary, killed between sending a letter and noting that it was sent.

use std::{
    process::{Child, Command, Stdio},
    sync::Arc,
};

use talon_api::{clock::SystemClock, outbox::Outbox};
use talon_core::time::Clock;
use talon_storage::{Access, MasterKey, Storage, StoreUrl};

use crate::{
    smtp::Server,
    support::{MASTER_KEY, config, hand_in, open, until},
};

/// A running `talon serve`, gone with the test.
struct Binary(Child);

impl Drop for Binary {
    fn drop(&mut self) {
        let _dead = self.0.kill();
        let _ended = self.0.wait();
    }
}

fn serve(store: &str, mail: &str) -> Binary {
    let child = Command::new(env!("CARGO_BIN_EXE_talon"))
        .args(["--store", store, "serve", "--listen", "127.0.0.1:0"])
        .env("TALON_STORE__MASTER_KEY", MASTER_KEY)
        // The key of these tests is one that everybody can guess.
        .env("TALON_AUTH__PUBLISHED_SECRETS", "true")
        .env("TALON_MAIL__SERVER", mail)
        .env("TALON_MAIL__TLS", "none")
        .env("TALON_LOG__FILTER", "off")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn();
    Binary(child.unwrap())
}

/// How many messages stand in a state, seen beside the running server.
async fn count(store: &str, state: &str) -> u64 {
    let master = MasterKey::from_base64(MASTER_KEY).unwrap();
    let storage =
        Storage::open(&StoreUrl::parse(store).unwrap(), Access::ReadOnly, Some(master)).await.unwrap();
    let all = storage.vault.count_messages().await.unwrap();
    storage.close().await;
    all.iter().filter(|it| it.1 == state).map(|it| it.2).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_left_before_the_kill_leaves_again_under_the_same_name() {
    let Some(silent) = Server::start(&["--hold"]) else { return };
    let mail = format!("127.0.0.1:{}", silent.port);
    let folder = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", folder.path().display());
    let storage = open(&store).await;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let keys = config(&[("TALON_MAIL__SERVER", &mail), ("TALON_MAIL__TLS", "none")]);
    let outbox = Outbox::new(storage.vault.clone(), clock, &keys);
    hand_in(&outbox, "anna@example.org", "123456").await;
    storage.close().await;
    drop((outbox, storage));

    let first = serve(&store, &mail);
    let letter = silent.next();
    assert_eq!(count(&store, "sending").await, 1, "it has arrived, and nobody has noted that");
    drop(first);
    let port = silent.port;
    drop(silent);

    let server = Server::start_at(port, &[]).unwrap();
    let _second = serve(&store, &mail);
    let again = server.next();
    assert_eq!((&again["id"], &again["text"]), (&letter["id"], &letter["text"]));
    until("noted", async || (count(&store, "sent").await == 1).then_some(())).await;
}
