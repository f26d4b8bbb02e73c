//! Letters through a real SMTP server (aiosmtpd): what arrives, over TLS and after signing in, and what a refusal does.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, mpsc},
};

use chrono::TimeDelta;
use serde_json::Value;
use talon_api::outbox::{Letter, LetterKind, NotSent, mail, sender::Road};
use talon_texts::Language;

use crate::support::{Node, PATIENCE, config, free_port, new_id, now, open, skipped, until};

/// A running aiosmtpd; it ends with the test.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    letters: mpsc::Receiver<Value>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _dead = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// The Python that has aiosmtpd: Debian's own, or another one on the path.
fn python() -> Option<&'static str> {
    let has_it = |python: &&str| {
        let asked = Command::new(python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        asked.is_ok_and(|it| it.success())
    };
    let found = ["/usr/bin/python3", "python3"].into_iter().find(has_it);
    if found.is_none() {
        skipped("python3-aiosmtpd is not installed");
    }
    found
}

impl Server {
    /// Nothing where there is no aiosmtpd: the caller is skipped by name.
    pub(crate) fn start(arguments: &[&str]) -> Option<Self> {
        Self::start_at(free_port(), arguments)
    }

    /// At the port of one that is no more.
    pub(crate) fn start_at(port: u16, arguments: &[&str]) -> Option<Self> {
        let python = python()?;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outbox/smtp_server.py");
        let mut child = Command::new(python)
            .arg(script)
            .args(["--port", &port.to_string()])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (tell, letters) = mpsc::channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let said = serde_json::from_str(&line).unwrap_or(Value::Null);
                if tell.send(said).is_err() {
                    return;
                }
            }
        });
        let server = Self { child, port, letters };
        assert_eq!(server.next(), Value::Null, "the server says when it is ready");
        Some(server)
    }

    pub(crate) fn next(&self) -> Value {
        self.letters.recv_timeout(PATIENCE).expect("a letter")
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.letters.try_recv().is_err()
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

/// A node whose letters go to this server.
async fn node(keys: &[(&str, &str)]) -> Node {
    let config = config(keys);
    let road: Arc<dyn Road> = mail::road(&config.mail).unwrap().unwrap();
    Node::start(&open("memory").await, &config, &[("mail", road)])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_arrives_as_it_was_written_and_once() {
    let Some(server) = Server::start(&[]) else { return };
    let address = server.address();
    let from = "Очередь <queue@example.org>";
    let keys = [
        ("TALON_MAIL__SERVER", address.as_str()),
        ("TALON_MAIL__TLS", "none"),
        ("TALON_MAIL__FROM", from),
        ("TALON_HTTP__PUBLIC_URL", "https://queue.example.org/"),
    ];
    let node = node(&keys).await;
    let link = node.outbox.link("/login/recover#secret");
    let letter = Letter {
        cause: new_id(),
        to: "anna@example.org",
        language: Language::Ru,
        what: LetterKind::Recovery { link: &link },
        not_after: now() + TimeDelta::minutes(30),
        person: Some("staff-anna"),
    };
    assert!(node.outbox.mail(letter).await.unwrap());
    assert!(!node.outbox.mail(letter).await.unwrap(), "the same cause, the same address");
    let arrived = server.next();
    assert_eq!(arrived["from"], "queue@example.org");
    assert_eq!(arrived["to"], serde_json::json!(["anna@example.org"]));
    assert_eq!(arrived["subject"], "Новый пароль для входа");
    assert_eq!(arrived["auto"], "auto-generated");
    let link = "https://queue.example.org/login/recover#secret";
    assert!(arrived["text"].as_str().unwrap().contains(link), "{arrived}");
    assert!(arrived["html"].as_str().unwrap().contains(&format!("href=\"{link}\"")), "{arrived}");
    node.until_count("sent", 1).await;
    // Another letter comes next: nothing went twice.
    node.code("boris@example.org", "123456").await;
    assert_eq!(server.next()["to"], serde_json::json!(["boris@example.org"]));
    node.until_count("sent", 2).await;
    assert!(server.is_quiet());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_for_now_is_asked_again_and_one_that_refuses_for_good_is_not() {
    let Some(server) = Server::start(&["--refuse", "nobody@example.org", "--busy", "anna@example.org"])
    else {
        return;
    };
    let address = server.address();
    let node = node(&[("TALON_MAIL__SERVER", &address), ("TALON_MAIL__TLS", "none")]).await;
    node.code("nobody@example.org", "111111").await;
    node.until_count("dead", 1).await;
    node.code("anna@example.org", "222222").await;
    assert!(server.next()["subject"].as_str().unwrap().contains("222222"));
    node.until_count("sent", 1).await;
    assert!(server.is_quiet());
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_go_over_tls_after_signing_in_and_not_without() {
    let folder = tempfile::tempdir().unwrap();
    let (key, certificate) = (folder.path().join("key.pem"), folder.path().join("certificate.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null())
        .status();
    if !made.is_ok_and(|it| it.success()) {
        skipped("openssl is not installed");
        return;
    }
    let (key, certificate) = (key.to_str().unwrap(), certificate.to_str().unwrap());
    let arguments = ["--certificate", certificate, "--key", key, "--login", "talon:secret"];
    let Some(server) = Server::start(&arguments) else { return };
    let address = format!("localhost:{}", server.port);
    let right = [
        ("TALON_MAIL__SERVER", address.as_str()),
        ("TALON_MAIL__USER", "talon"),
        ("TALON_MAIL__PASSWORD", "secret"),
        ("TALON_MAIL__AUTHORITY", certificate),
    ];
    // Without knowing the authority nothing is said to a server that could be anybody.
    let careful = node(&right[..3]).await;
    careful.code("careful@example.org", "111111").await;
    until("a retry", async || {
        let claimed = careful.storage.vault.count_messages().await.unwrap();
        claimed.iter().any(|it| it.1 == "waiting").then_some(())
    })
    .await;
    careful.kill().await;
    let node = node(&right).await;
    node.code("anna@example.org", "222222").await;
    let arrived = server.next();
    assert_eq!(arrived["to"], serde_json::json!(["anna@example.org"]));
    assert_eq!((arrived["tls"].as_bool(), arrived["authenticated"].as_bool()), (Some(true), Some(true)));
    assert!(server.is_quiet());
}

#[tokio::test]
async fn without_a_server_letters_are_refused_and_say_why() {
    let node = Node::start(&open("memory").await, &config(&[]), &[]);
    let letter = Letter {
        cause: new_id(),
        to: "anna@example.org",
        language: Language::En,
        what: LetterKind::PasswordChanged,
        not_after: now() + TimeDelta::hours(1),
        person: None,
    };
    let refused = node.outbox.mail(letter).await.unwrap_err();
    assert!(matches!(refused, NotSent::MailOff) && refused.code() == "MAIL_OFF");
    assert!(!node.outbox.has_mail());
    let node = Node::start(&node.storage, &config(&[("TALON_MAIL__SERVER", "log:")]), &[]);
    let nobody = Letter { to: "no address", ..letter };
    assert_eq!(node.outbox.mail(nobody).await.unwrap_err().code(), "MALFORMED");
    assert_eq!(node.count("waiting").await, 0);
}
