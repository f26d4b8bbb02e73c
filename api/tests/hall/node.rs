//! The real binary as a process of its own, and the installation it serves.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, mpsc},
};

use chrono::Timelike;
use talon_api::{
    auth::{Access, AuthConfig},
    catalogue::Catalogue,
    clock::SystemClock,
    config::Config,
    demo,
    outbox::Outbox,
};
use talon_core::{
    branch::Branch, desk::Desk, dispatch::Dispatch, fact::Actor, organisation::Organisation, time::Clock,
    waiting_time::Formula,
};
use talon_storage::{Access as StoreAccess, MasterKey, Storage, StoreUrl};

use crate::house::PATIENCE;

const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// One account presses more often here than a person could.
const SETTINGS: [(&str, &str); 4] = [
    // The people and the key of these tests are the demo's.
    ("TALON_AUTH__PUBLISHED_SECRETS", "true"),
    ("TALON_LIMITS__ACCOUNT_PER_S", "0"),
    ("TALON_LIMITS__ADDRESS_PER_S", "0"),
    ("TALON_LIMITS__DEVICE_PER_S", "0"),
];

/// The binary: the one built with these tests, or another one for longer runs by hand (`TALON_BIN`).
#[expect(clippy::disallowed_methods, reason = "the one place where these tests learn what they test")]
fn binary() -> String {
    std::env::var("TALON_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_talon").into())
}

/// Opens a store to read and write it: an embedded one while no node runs.
pub(crate) async fn open(store: &str) -> Storage {
    open_as(store, StoreAccess::Owner).await
}

/// Opens a store to read it, beside whoever runs.
pub(crate) async fn open_beside(store: &str) -> Storage {
    open_as(store, StoreAccess::ReadOnly).await
}

async fn open_as(store: &str, access: StoreAccess) -> Storage {
    let master = MasterKey::from_base64(MASTER_KEY).unwrap();
    Storage::open(&StoreUrl::parse(store).unwrap(), access, Some(master)).await.unwrap()
}

/// The demo's branch and staff in a new store. The branch lies where it is noon just now: no test meets the end of a day.
pub(crate) async fn install(store: &str) {
    install_with(store, |catalogue| catalogue).await;
}

/// The same with a catalogue that `change` has been at.
pub(crate) async fn install_with(store: &str, change: impl FnOnce(String) -> String) {
    let storage = open(store).await;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let organisation = Dispatch::<Organisation>::new(storage.events.clone(), clock.clone());
    let branches = Dispatch::<Branch>::new(storage.events.clone(), clock.clone());
    let ahead = i64::from(clock.now().hour()) - 12;
    let text = demo::CATALOGUE.replace("Europe/Moscow", &format!("Etc/GMT{ahead:+}"));
    let catalogue = Catalogue::parse(&change(text)).unwrap();
    catalogue.apply(storage.events.as_ref(), &organisation, &branches, &Actor::system()).await.unwrap();
    let desk = Arc::new(Desk::new(&storage.events, &clock, Arc::new(Formula)));
    let auth = AuthConfig::default();
    let outbox = Outbox::new(storage.vault.clone(), clock.clone(), &Config::default());
    let (vault, store) = (storage.vault.clone(), storage.events.clone());
    let access = Access::open(vault, store, desk, clock, outbox, auth).await.unwrap();
    demo::employ(&access, &catalogue).await.unwrap();
    drop(access);
    storage.close().await;
}

/// A running `talon serve`.
pub(crate) struct Node {
    child: Child,
    pub(crate) address: String,
}

/// Begins another command of the binary.
pub(crate) fn begin(args: &[&str]) -> Child {
    begin_with(args, &[])
}

/// The same with other settings.
pub(crate) fn begin_with(args: &[&str], settings: &[(&str, &str)]) -> Child {
    Command::new(binary())
        .args(args)
        .envs(SETTINGS)
        .envs(settings.iter().copied())
        .env("TALON_STORE__MASTER_KEY", MASTER_KEY)
        .env("TALON_LOG__FILTER", "off")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Runs another command of the binary, which must succeed; what it printed.
pub(crate) fn talon(args: &[&str]) -> String {
    let done = begin(args).wait_with_output().unwrap();
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

impl Node {
    pub(crate) fn start(store: &str) -> Self {
        Self::start_at(store, "127.0.0.1:0")
    }

    /// At an address of one's own choice, as a server that comes back.
    pub(crate) fn start_at(store: &str, listen: &str) -> Self {
        Self::run(Command::new(binary()), store, listen)
    }

    /// Everything the process has to say about its work goes into a file, down to the last detail of our own.
    pub(crate) fn start_telling(store: &str, into: &Path) -> Self {
        let filter = "debug,talon_api=trace,talon_core=trace,talon_projections=trace,talon_storage=trace";
        let told = File::create(into).unwrap();
        Self::run_with(Command::new(binary()), store, "127.0.0.1:0", filter, told.into())
    }

    /// Started by another program, which becomes the command that stands behind its own arguments.
    pub(crate) fn start_by(program: &[&str], store: &str) -> Self {
        let mut command = Command::new(program[0]);
        command.args(&program[1..]).arg(binary());
        Self::run(command, store, "127.0.0.1:0")
    }

    fn run(command: Command, store: &str, listen: &str) -> Self {
        Self::run_with(command, store, listen, "off", Stdio::inherit())
    }

    fn run_with(mut command: Command, store: &str, listen: &str, filter: &str, told: Stdio) -> Self {
        let mut child = command
            .args(["--store", store, "serve", "--listen", listen])
            .envs(SETTINGS)
            .env("TALON_STORE__MASTER_KEY", MASTER_KEY)
            .env("TALON_LOG__FILTER", filter)
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .stderr(told)
            .spawn()
            .unwrap();
        let (told, heard) = mpsc::channel();
        let said = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in said.lines().map_while(Result::ok) {
                if let Some(address) = line.strip_prefix("listening on ") {
                    let _ = told.send(address.to_owned());
                }
            }
        });
        let Ok(address) = heard.recv_timeout(PATIENCE) else {
            let _ = child.kill();
            panic!("the node did not start: {:?}", child.wait());
        };
        Self { child, address }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// kill −9.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop and waits until it has.
    pub(crate) fn stop(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "a stop is no failure: {status}");
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
