//! The door itself, on real sockets: TLS from files that change, callers who say nothing or come in crowds.

use std::{net::SocketAddr, path::Path, time::Duration};

use rustls::pki_types::pem::PemObject;
use talon_api::{
    command::serve,
    config::{self, Config},
    doors::tls::{Looked, Tls, TlsError},
    http::App,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};

use crate::house::{House, PATIENCE};

/// A certificate for this machine and its key, made just now.
struct Made {
    certificate: String,
    key: String,
}

fn make() -> Made {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    Made { certificate: made.cert.pem(), key: made.signing_key.serialize_pem() }
}

/// A folder with the two files.
struct Files(TempDir);

impl Files {
    fn with(made: &Made) -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        files.put(&made.certificate, &made.key);
        files
    }

    fn put(&self, certificate: &str, key: &str) {
        std::fs::write(self.0.path().join("certificate.pem"), certificate).unwrap();
        std::fs::write(self.0.path().join("key.pem"), key).unwrap();
    }

    fn config(&self) -> config::Tls {
        let at = |name: &str| Path::join(self.0.path(), name).display().to_string();
        config::Tls { certificate: at("certificate.pem"), key: at("key.pem"), redirect_from: String::new() }
    }
}

/// A house whose door is open.
struct Open {
    app: App,
    address: SocketAddr,
    serving: JoinHandle<anyhow::Result<()>>,
}

impl Open {
    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::default();
        change(&mut config);
        let House { talon, .. } = House::with(config).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (app, address) = (talon.app.clone(), listener.local_addr().unwrap());
        Self { app, address, serving: tokio::spawn(serve::serve(talon, listener)) }
    }

    async fn close(self) {
        self.app.shutdown.cancel();
        timeout(PATIENCE, self.serving).await.expect("an end in time").unwrap().unwrap();
    }

    fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }
}

/// A browser that trusts one certificate and forgets its connections.
fn trusting(made: &Made) -> reqwest::Client {
    reqwest::Client::builder()
        .add_root_certificate(reqwest::Certificate::from_pem(made.certificate.as_bytes()).unwrap())
        .pool_max_idle_per_host(0)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_come_by_https_and_are_told_to_go_on_so() {
    let made = make();
    let files = Files::with(&made);
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let open = Open::with(|it| {
        it.http.tls = files.config();
        it.http.tls.redirect_from = free.to_string();
    })
    .await;
    let client = trusting(&made);
    let answer = client.get(open.url("/healthz")).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, http::Version::HTTP_2));
    let hsts = answer.headers()["strict-transport-security"].to_str().unwrap();
    assert!(hsts.starts_with("max-age=63072000"), "{hsts}");
    let plain = format!("http://localhost:{}/board/centre?x=1", free.port());
    let sent = client.get(plain).send().await.unwrap();
    assert_eq!(sent.status(), 308);
    assert_eq!(sent.headers()["location"], open.url("/board/centre?x=1"));
    // Cookies of a house with TLS never travel in the clear.
    let logout = client.post(open.url("/auth/logout")).send().await.unwrap();
    assert!(logout.headers()["set-cookie"].to_str().unwrap().ends_with("; Secure"));
    // An older browser speaks HTTP/1.1 over the same door.
    let older = reqwest::Client::builder()
        .add_root_certificate(reqwest::Certificate::from_pem(made.certificate.as_bytes()).unwrap())
        .http1_only()
        .build()
        .unwrap();
    let answer = older.get(open.url("/healthz")).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, http::Version::HTTP_11));
    open.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_taken_without_a_restart() {
    let (old, new) = (make(), make());
    let files = Files::with(&old);
    let open = Open::with(|it| it.http.tls = files.config()).await;
    assert!(trusting(&old).get(open.url("/healthz")).send().await.is_ok());
    assert!(trusting(&new).get(open.url("/healthz")).send().await.is_err());
    files.put(&new.certificate, &new.key);
    let renewed = async { while trusting(&new).get(open.url("/healthz")).send().await.is_err() {} };
    timeout(PATIENCE, renewed).await.expect("the new certificate in time");
    assert!(trusting(&old).get(open.url("/healthz")).send().await.is_err());
    open.close().await;
}

#[test]
fn a_pair_that_does_not_work_leaves_the_old_one_in_use() {
    let (old, new) = (make(), make());
    let files = Files::with(&old);
    let tls = Tls::load(&files.config()).unwrap().unwrap();
    assert!(matches!(tls.look(), Looked::Same));
    files.put(&new.certificate, &old.key);
    assert!(matches!(tls.look(), Looked::Kept(TlsError::Mismatch(_))));
    assert!(matches!(tls.look(), Looked::Same), "told once");
    files.put("rubbish", &new.key);
    assert!(matches!(tls.look(), Looked::Kept(TlsError::NoCertificate { .. })));
    files.put(&new.certificate, "rubbish");
    assert!(matches!(tls.look(), Looked::Kept(TlsError::NoKey { .. })));
    std::fs::remove_file(files.config().key).unwrap();
    assert!(matches!(tls.look(), Looked::Kept(TlsError::File { .. })));
    files.put(&new.certificate, &new.key);
    assert!(matches!(tls.look(), Looked::Taken));
    assert!(Tls::load(&config::Tls::default()).unwrap().is_none());
    files.put("rubbish", "rubbish");
    assert!(Tls::load(&files.config()).is_err(), "at a start there is nothing else to use");
}

/// Whatever the other side says until it hangs up; it must.
async fn hung_up_on(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut said)).await.expect("an end in time");
    // An end by reset is an end as well.
    drop(read);
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_half_a_request_or_nothing_is_hung_up_on() {
    let open = Open::with(|it| it.http.header_s = 1).await;
    let mut silent = TcpStream::connect(open.address).await.unwrap();
    let mut slow = TcpStream::connect(open.address).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-one: ").await.unwrap();
    let dripping = async {
        // A byte now and then does not buy time.
        while slow.write_all(b"a").await.is_ok() {
            crate::house::pause(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, dripping).await.expect("an end in time");
    assert!(!hung_up_on(&mut silent).await.contains("200 OK"));
    open.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_begins_no_tls_is_hung_up_on() {
    let made = make();
    let files = Files::with(&made);
    let open = Open::with(|it| {
        it.http.header_s = 1;
        it.http.tls = files.config();
    })
    .await;
    let mut silent = TcpStream::connect(open.address).await.unwrap();
    assert_eq!(hung_up_on(&mut silent).await, "");
    open.close().await;
}

async fn asks(stream: &mut TcpStream) -> bool {
    let asked = stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    let mut said = [0; 15];
    asked.is_ok()
        && timeout(PATIENCE, stream.read_exact(&mut said)).await.expect("an answer or an end").is_ok()
        && said.starts_with(b"HTTP/1.1 200 OK")
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_so_many_connections_and_a_closed_one_makes_room() {
    let open = Open::with(|it| it.http.connections_per_address = 2).await;
    let connect = async || TcpStream::connect(open.address).await.unwrap();
    let (mut one, mut other, mut third) = (connect().await, connect().await, connect().await);
    assert!(asks(&mut one).await && asks(&mut other).await);
    assert!(!asks(&mut third).await, "one too many");
    drop(one);
    let room = async { while !asks(&mut connect().await).await {} };
    timeout(PATIENCE, room).await.expect("room in time");
    open.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_has_so_many_connections_in_all_whatever_a_proxy_says() {
    let open = Open::with(|it| {
        it.http.trust_proxy = true;
        it.http.connections_per_address = 1;
        it.http.connections = 2;
    })
    .await;
    let connect = async || TcpStream::connect(open.address).await.unwrap();
    let (mut one, mut other, mut third) = (connect().await, connect().await, connect().await);
    assert!(asks(&mut one).await && asks(&mut other).await, "a proxy is many callers");
    assert!(!asks(&mut third).await);
    open.close().await;
}

/// What a browser would never say: HTTP/2 frame by frame, over TLS.
struct Frames {
    stream: tokio_rustls::client::TlsStream<TcpStream>,
}

/// So long must a fault be held: the server's own question for a sign of life would end a silent connection later.
const HELD: Duration = Duration::from_secs(30);

impl Frames {
    const HEADERS: u8 = 1;
    const SETTINGS: u8 = 4;
    const PING: u8 = 6;

    async fn open(open: &Open, made: &Made, settings: &[u8]) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        let certificate =
            rustls::pki_types::CertificateDer::from_pem_slice(made.certificate.as_bytes()).unwrap();
        roots.add(certificate).unwrap();
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let client = rustls::ClientConfig::builder_with_provider(provider);
        let client = client.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
        let mut client = client.with_no_client_auth();
        client.alpn_protocols = vec![b"h2".to_vec()];
        let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(client));
        let socket = TcpStream::connect(open.address).await.unwrap();
        let stream = connector.connect("localhost".try_into().unwrap(), socket).await.unwrap();
        let mut frames = Self { stream };
        frames.stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        frames.say(Self::SETTINGS, 0, 0, settings).await;
        frames
    }

    async fn say(&mut self, kind: u8, flags: u8, stream: u8, payload: &[u8]) {
        let length = u8::try_from(payload.len()).unwrap();
        let mut frame = vec![0, 0, length, kind, flags, 0, 0, 0, stream];
        frame.extend_from_slice(payload);
        self.stream.write_all(&frame).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// `GET path` by the static table, and nothing more.
    async fn get(&mut self, path: &str) {
        let text = |name: u8, value: &str| {
            let mut field = vec![name, u8::try_from(value.len()).unwrap()];
            field.extend_from_slice(value.as_bytes());
            field
        };
        let head = [vec![0x82, 0x87], text(0x04, path), text(0x01, "localhost")].concat();
        self.say(Self::HEADERS, 0x5, 1, &head).await;
    }

    /// Reads until hung up on, with a sign of life whenever one is asked for; whether an answer's head came.
    async fn until_hung_up_on(&mut self) -> bool {
        let mut answered = false;
        loop {
            let mut head = [0; 9];
            if self.stream.read_exact(&mut head).await.is_err() {
                return answered;
            }
            let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
            let mut payload = vec![0; length];
            if self.stream.read_exact(&mut payload).await.is_err() {
                return answered;
            }
            answered |= head[3] == Self::HEADERS;
            if head[3] == Self::PING && head[4] == 0 {
                let mut pong = vec![0, 0, 8, Self::PING, 1, 0, 0, 0, 0];
                pong.extend_from_slice(&payload);
                let _ = self.stream.write_all(&pong).await;
                let _ = self.stream.flush().await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_of_http2_without_a_stream_is_ended_signs_of_life_or_not() {
    let made = make();
    let files = Files::with(&made);
    let open = Open::with(|it| {
        it.http.header_s = 1;
        it.http.tls = files.config();
    })
    .await;
    let mut idle = Frames::open(&open, &made, &[]).await;
    idle.get("/healthz").await;
    assert!(timeout(HELD, idle.until_hung_up_on()).await.expect("an end in time"), "it was answered first");
    open.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_whose_reader_opens_no_window_ends_its_connection() {
    let made = make();
    let files = Files::with(&made);
    let open = Open::with(|it| {
        it.limits.request_s = 1;
        it.http.tls = files.config();
    })
    .await;
    // SETTINGS_INITIAL_WINDOW_SIZE = 0.
    let mut stuck = Frames::open(&open, &made, &[0, 4, 0, 0, 0, 0]).await;
    stuck.get("/openapi.json").await;
    assert!(timeout(HELD, stuck.until_hung_up_on()).await.expect("an end in time"));
    open.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_and_never_reads_is_hung_up_on() {
    let open = Open::with(|it| it.limits.request_s = 1).await;
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut deaf = socket.connect(open.address).await.unwrap();
    // Each answer is longer than its question by far: they pile up until nothing can be written any more.
    let asking = async {
        while deaf.write_all(b"GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n").await.is_ok() {}
    };
    timeout(HELD, asking).await.expect("an end in time");
    open.close().await;
}
