//! Messages to people and other systems: mail, SMS, webhooks, AMQP.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ConfigError, Secret};

/// Server name that writes messages to the log instead of sending them: for development.
pub const LOG_ADAPTER: &str = "log:";

/// Letters. Without a server none are sent, and whoever asks for one is told so (`MAIL_OFF`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// Host and port of the SMTP server, for example `mail.example.org:587`; empty: no mail; `log:` writes letters to the
    /// log, for development only.
    pub server: String,
    /// What letters come from: `Talon <queue@example.org>`.
    pub from: String,
    /// `starttls` (the server must offer it), `tls` from the first byte, or `none`.
    pub tls: String,
    pub user: String,
    pub password: Secret,
    /// A PEM file with the certificate of an authority of your own that vouches for the server; empty: the public ones.
    pub authority: String,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            server: String::new(),
            from: "Talon <talon@localhost>".into(),
            tls: "starttls".into(),
            user: String::new(),
            password: Secret::default(),
            authority: String::new(),
        }
    }
}

/// Short messages to phones, through any provider that takes an HTTP request. Without an address none are sent
/// (`SMS_OFF`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sms {
    /// Where the provider is asked; `{to}` and `{text}` are put in, percent-encoded. Empty: no SMS; `log:` writes them to
    /// the log, for development only.
    pub url: Secret,
    /// `POST`, `PUT` or `GET`.
    pub method: String,
    /// Lines `Name: value`; a `Content-Type` also says how values are put into the body.
    pub headers: Vec<Secret>,
    /// The request's body with `{to}` and `{text}` put in, quoted as the content type wants it.
    pub body: String,
}

impl Default for Sms {
    fn default() -> Self {
        Self {
            url: Secret::default(),
            method: "POST".into(),
            headers: vec![Secret::new("Content-Type: application/json")],
            body: r#"{"to":"{to}","text":"{text}"}"#.into(),
        }
    }
}

/// Calls to other systems about chosen events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Whether addresses of the inner network may be called; without it only public ones, by https.
    pub allow_private: bool,
    /// How long one call may take, seconds.
    pub timeout_s: u64,
    /// For how long a call that fails is tried again, hours.
    pub give_up_h: u32,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self { allow_private: false, timeout_s: 10, give_up_h: 24 }
    }
}

/// A message broker (RabbitMQ): events are published there, and an outside authentication service is listened to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Amqp {
    /// `amqp://user:password@host:5672/vhost` or `amqps://…`; empty: no broker.
    pub url: Secret,
    /// The topic exchange events go to; made when it is missing. Empty: nothing is published.
    pub exchange: String,
    /// Kinds of events to publish (`ticket.issued`, `ticket.*`, `*`).
    pub kinds: Vec<String>,
    /// The queue an outside authentication service tells of its tokens by; empty: nobody is listened to.
    pub listen_queue: String,
    /// What that service signs its messages with; empty: every message in the queue is believed.
    pub listen_secret: Secret,
}

impl Default for Amqp {
    fn default() -> Self {
        Self {
            url: Secret::default(),
            exchange: "talon".into(),
            kinds: vec!["*".into()],
            listen_queue: String::new(),
            listen_secret: Secret::default(),
        }
    }
}

impl Mail {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        if !["starttls", "tls", "none"].contains(&self.tls.as_str()) {
            return Err(ConfigError::Form("mail.tls: starttls, tls or none".into()));
        }
        if self.from.parse::<lettre::message::Mailbox>().is_err() {
            return Err(ConfigError::Form(
                "mail.from: an address, for example Talon <queue@example.org>".into(),
            ));
        }
        let named = self.server.is_empty() || self.server == LOG_ADAPTER || self.host_and_port().is_some();
        if named { Ok(()) } else { Err(ConfigError::Form("mail.server: host:port, or log:".into())) }
    }

    /// The server's two parts.
    #[must_use]
    pub fn host_and_port(&self) -> Option<(&str, u16)> {
        let (host, port) = self.server.rsplit_once(':')?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        (!host.is_empty()).then_some((host, port.parse().ok()?))
    }
}

impl Sms {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let url = self.url.reveal();
        let form = |text: &str| Err(ConfigError::Form(text.to_owned()));
        if !(url.is_empty()
            || url == LOG_ADAPTER
            || url.starts_with("https://")
            || url.starts_with("http://"))
        {
            return form("sms.url: an address of http or https, or log:");
        }
        if !["POST", "PUT", "GET"].contains(&self.method.as_str()) {
            return form("sms.method: POST, PUT or GET");
        }
        if self.headers.iter().any(|it| !it.reveal().contains(':')) {
            return form("sms.headers: lines of the form Name: value");
        }
        Ok(())
    }
}

impl Amqp {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let url = self.url.reveal();
        if url.is_empty() || url.starts_with("amqp://") || url.starts_with("amqps://") {
            Ok(())
        } else {
            Err(ConfigError::Form("amqp.url: amqp://… or amqps://…".into()))
        }
    }
}
