//! A loopback proxy before PostgreSQL that loses connections at a chosen moment.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use talon_storage::sqlx::postgres::PgConnectOptions;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

/// What happens to traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Passes,
    /// Drops whoever is there and whoever comes: the server is down.
    Down,
    /// The next BEGIN of a committer arrives, then its connection is lost.
    CutsAfterBegin,
    /// The next COMMIT of a committer does not arrive.
    CutsBeforeCommit,
    /// The next COMMIT of a committer arrives and is done; its answer is lost.
    CutsAfterCommit,
}

#[derive(Debug)]
struct State {
    mood: watch::Sender<Mood>,
    cuts: AtomicUsize,
}

#[derive(Debug)]
pub(crate) struct Proxy {
    state: Arc<State>,
    port: u16,
    task: JoinHandle<()>,
}

impl State {
    /// Claims a cut: it happens to one connection only, then traffic passes again.
    fn claim(&self, cut: Mood) -> bool {
        let claimed = self.mood.send_if_modified(|mood| {
            let claimed = *mood == cut;
            if claimed {
                *mood = Mood::Passes;
            }
            claimed
        });
        if claimed {
            self.cuts.fetch_add(1, Ordering::SeqCst);
        }
        claimed
    }
}

impl Proxy {
    pub(crate) async fn before(server: &PgConnectOptions) -> Self {
        let target = (server.get_host().to_owned(), server.get_port());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State { mood: watch::channel(Mood::Passes).0, cuts: AtomicUsize::new(0) });
        let task = tokio::spawn(serve(listener, target, state.clone()));
        Self { state, port, task }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn set(&self, mood: Mood) {
        self.state.mood.send_replace(mood);
    }

    /// How many connections were cut at a chosen moment.
    pub(crate) fn cuts(&self) -> usize {
        self.state.cuts.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, target: (String, u16), state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else { return };
        if *state.mood.borrow() == Mood::Down {
            continue;
        }
        if let Ok(server) = TcpStream::connect(&target).await {
            connections.spawn(carry(client, server, state.clone()));
        }
    }
}

/// Carries bytes both ways until either side, or the mood, ends it. The store's committer writes its `begin` and
/// `commit` in lower case, which no other connection does.
async fn carry(mut client: TcpStream, mut server: TcpStream, state: Arc<State>) {
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let mut mood = state.mood.subscribe();
    let (mut up, mut down) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut answer_is_lost = false;
    let says = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).any(|it| it == word);
    loop {
        tokio::select! {
            count = client.read(&mut up) => {
                let Ok(count @ 1..) = count else { return };
                let question = &up[..count];
                if says(question, b"commit\0") {
                    if state.claim(Mood::CutsBeforeCommit) {
                        return;
                    }
                    answer_is_lost = state.claim(Mood::CutsAfterCommit);
                }
                if server.write_all(question).await.is_err() {
                    return;
                }
                if says(question, b"begin\0") && state.claim(Mood::CutsAfterBegin) {
                    return;
                }
            }
            count = server.read(&mut down) => {
                let Ok(count @ 1..) = count else { return };
                if answer_is_lost || client.write_all(&down[..count]).await.is_err() {
                    return;
                }
            }
            changed = mood.changed() => {
                if changed.is_err() || *mood.borrow_and_update() == Mood::Down {
                    return;
                }
            }
        }
    }
}
