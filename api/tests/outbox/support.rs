//! An outbox over a store, and senders for it.

use std::{
    net::TcpListener,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use talon_api::{
    clock::SystemClock,
    config::Config,
    outbox::{
        Letter, LetterKind, Outbox,
        sender::{Road, Roads, Sender},
    },
};
use talon_core::time::Clock;
use talon_storage::{
    Access, MasterKey, Storage, StoreUrl,
    sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions, raw_sql},
};
use talon_texts::Language;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Longer than anything here takes, on a busy machine too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

pub(crate) fn now() -> DateTime<Utc> {
    SystemClock.now()
}

pub(crate) fn new_id() -> Uuid {
    SystemClock.new_id()
}

/// A port nobody uses at this moment.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[expect(clippy::disallowed_methods, reason = "the one place of these tests that waits")]
pub(crate) async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Waits until something holds.
pub(crate) async fn until<T>(what: &str, mut found: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = found().await {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "waited in vain for {what}");
        pause(Duration::from_millis(20)).await;
    }
}

pub(crate) async fn open(url: &str) -> Arc<Storage> {
    let master = MasterKey::from_base64(MASTER_KEY).unwrap();
    Arc::new(Storage::open(&StoreUrl::parse(url).unwrap(), Access::Owner, Some(master)).await.unwrap())
}

/// A configuration with keys laid over the defaults.
pub(crate) fn config(keys: &[(&str, &str)]) -> Config {
    let environment = keys.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::load(None, &environment).unwrap()
}

/// One node of the house, as far as messages go.
pub(crate) struct Node {
    pub(crate) storage: Arc<Storage>,
    pub(crate) outbox: Outbox,
    pub(crate) stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Node {
    pub(crate) fn start(
        storage: &Arc<Storage>,
        config: &Config,
        roads: &[(&'static str, Arc<dyn Road>)],
    ) -> Self {
        Self::start_as(storage, config, roads, storage.events.sole_writer())
    }

    /// `alone` says whether the sender believes that nobody else can be sending.
    pub(crate) fn start_as(
        storage: &Arc<Storage>,
        config: &Config,
        roads: &[(&'static str, Arc<dyn Road>)],
        alone: bool,
    ) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let outbox = Outbox::new(storage.vault.clone(), clock.clone(), config);
        let stop = CancellationToken::new();
        let sender = Sender {
            outbox: outbox.clone(),
            vault: storage.vault.clone(),
            clock,
            leadership: storage.leadership.clone(),
            roads: Arc::new(roads.iter().cloned().collect::<Roads>()),
            alone,
            stop: stop.clone(),
        };
        Self { storage: storage.clone(), outbox, stop, task: tokio::spawn(sender.run()) }
    }

    /// The sender dies in the middle of whatever it does.
    pub(crate) async fn kill(self) {
        self.task.abort();
        let _ended = self.task.await;
    }

    pub(crate) async fn code(&self, to: &str, code: &str) {
        hand_in(&self.outbox, to, code).await;
    }

    /// How many messages stand in a state.
    pub(crate) async fn count(&self, state: &str) -> u64 {
        let all = self.storage.vault.count_messages().await.unwrap();
        all.iter().filter(|it| it.1 == state).map(|it| it.2).sum()
    }

    pub(crate) async fn until_count(&self, state: &str, count: u64) {
        until(state, async || (self.count(state).await == count).then_some(())).await;
    }
}

/// A letter with a code, good for five minutes.
pub(crate) async fn hand_in(outbox: &Outbox, to: &str, code: &str) {
    let letter = Letter {
        cause: new_id(),
        to,
        language: Language::Ru,
        what: LetterKind::SignInCode { code },
        not_after: now() + TimeDelta::minutes(5),
        person: None,
    };
    assert!(outbox.mail(letter).await.unwrap());
}

/// A database of its own on the test server, or nothing, in which case the caller is skipped by name.
pub(crate) struct Database {
    server: PgConnectOptions,
    name: String,
    pub(crate) url: String,
}

impl Database {
    #[expect(clippy::disallowed_methods, reason = "the one place where these tests learn of their server")]
    pub(crate) async fn create() -> Option<Self> {
        let Some(url) = std::env::var("TALON_TEST_POSTGRES").ok().filter(|it| !it.is_empty()) else {
            skipped("TALON_TEST_POSTGRES is not set");
            return None;
        };
        let server: PgConnectOptions = url.parse().unwrap();
        let name = format!("talon_outbox_{}", new_id().simple());
        run(&server, format!("create database {name}")).await;
        let url = server.clone().database(&name).to_url_lossy().to_string();
        Some(Self { server, name, url })
    }

    pub(crate) async fn drop(self) {
        run(&self.server, format!("drop database if exists {} with (force)", self.name)).await;
    }
}

async fn run(server: &PgConnectOptions, statement: String) {
    let mut connection: PgConnection = server.connect().await.unwrap();
    raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

pub(crate) fn skipped(why: &str) {
    eprintln!("skipped: {} ({why})", std::thread::current().name().unwrap_or("a test"));
}
