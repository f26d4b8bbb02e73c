//! A PostgreSQL database of its own for one test, and a road to it that can be closed; or a whole server, which a test
//! may stop.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use talon_storage::sqlx::{
    self, AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

/// A database, dropped with its connections at the end.
pub(crate) struct Database {
    server: PgConnectOptions,
    name: String,
    pub(crate) url: String,
}

/// The server's address, or nothing, in which case the caller is skipped by name.
#[expect(clippy::disallowed_methods, reason = "the one place where these tests learn of their server")]
fn server() -> Option<String> {
    let found = std::env::var("TALON_TEST_POSTGRES").ok().filter(|it| !it.is_empty());
    if found.is_none() {
        let test = std::thread::current();
        eprintln!("skipped: {} (TALON_TEST_POSTGRES is not set)", test.name().unwrap_or("a test"));
    }
    found
}

impl Database {
    pub(crate) async fn create() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server: PgConnectOptions = server()?.parse().unwrap();
        let name = format!("talon_hall_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut connection = server.connect().await.unwrap();
        run(&mut connection, format!("drop database if exists {name} with (force)")).await;
        run(&mut connection, format!("create database {name}")).await;
        connection.close().await.unwrap();
        let url = server.clone().database(&name).to_url_lossy().to_string();
        Some(Self { server, name, url })
    }

    /// A road to this database that can be closed, and the database's address by it.
    pub(crate) async fn road(&self) -> (Road, String) {
        let target = (self.server.get_host().to_owned(), self.server.get_port());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (is_open, _) = watch::channel(true);
        let task = tokio::spawn(carry_all(listener, target, is_open.clone()));
        let url =
            self.server.clone().host("127.0.0.1").database(&self.name).port(port).to_url_lossy().to_string();
        (Road { is_open, task }, url)
    }
}

/// A server of one test's own, on its own port and in its own directory; removed at the end, also when the test is
/// killed: it goes when its standard input does.
pub(crate) struct Server {
    script: Child,
    control: String,
    pub(crate) url: String,
}

impl Server {
    /// Starts one, in the same way as the server of all tests; nothing, and the caller skipped by name, where that one is
    /// missing.
    pub(crate) fn start() -> Option<Self> {
        server()?;
        let tells = r#"echo "$TALON_TEST_POSTGRES" && echo "$TALON_TEST_POSTGRES_CTL" && read -r _"#;
        let mut script = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/with-postgres.sh"))
            .args(["sh", "-c", tells])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = BufReader::new(script.stdout.take().unwrap()).lines();
        let mut next = || told.next().expect("a server that starts").unwrap();
        let (url, control) = (next(), next());
        Some(Self { script, control, url })
    }

    /// As by a power cut: no connection is closed in good order and nothing is flushed any more.
    pub(crate) fn falls(&self) {
        self.control(&["stop", "-m", "immediate"]);
    }

    /// Starts again, recovers from its log, and takes connections.
    pub(crate) fn rises(&self) {
        self.control(&["start"]);
    }

    fn control(&self, what: &[&str]) {
        let done = Command::new(&self.control).args(what).stdin(Stdio::null()).output().unwrap();
        assert!(done.status.success(), "{what:?}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        let _ = self.script.wait();
    }
}

async fn run(connection: &mut PgConnection, statement: String) {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await.unwrap();
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropper = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                if let Ok(mut connection) = server.connect().await {
                    let text = format!("drop database if exists {name} with (force)");
                    let _ = sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await;
                }
            });
        });
        let _ = dropper.join();
    }
}

/// What stands between a server and its database. Closed, it loses whoever is on it and turns away whoever comes: to
/// those who travel on it the database is down.
pub(crate) struct Road {
    is_open: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Road {
    pub(crate) fn close(&self) {
        self.is_open.send_replace(false);
    }

    pub(crate) fn open(&self) {
        self.is_open.send_replace(true);
    }
}

impl Drop for Road {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry_all(listener: TcpListener, target: (String, u16), is_open: watch::Sender<bool>) {
    let mut travellers = JoinSet::new();
    loop {
        let Ok((mut client, _)) = listener.accept().await else { return };
        let mut closed = is_open.subscribe();
        if !*closed.borrow_and_update() {
            continue;
        }
        let Ok(mut server) = TcpStream::connect(&target).await else { continue };
        client.set_nodelay(true).unwrap();
        server.set_nodelay(true).unwrap();
        travellers.spawn(async move {
            tokio::select! {
                _ = copy_bidirectional(&mut client, &mut server) => {}
                _ = closed.wait_for(|open| !open) => {}
            }
        });
    }
}
