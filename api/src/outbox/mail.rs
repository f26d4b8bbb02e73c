//! Letters by SMTP, or into the log where nobody has a mail server: for development, and it says so.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use talon_storage::vault::Claimed;
use tracing::{info, warn};

use super::{
    Envelope,
    sender::{Outcome, Road},
};
use crate::{
    config::{self, LOG_ADAPTER},
    outgoing,
};

/// How long one command of the conversation may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// The road letters take; nothing when mail is off.
///
/// # Errors
/// When the configured authority or sender cannot be used.
pub fn road(config: &config::Mail) -> anyhow::Result<Option<Arc<dyn Road>>> {
    if config.server.is_empty() {
        return Ok(None);
    }
    if config.server == LOG_ADAPTER {
        warn!(
            "mail.server is log: — letters are written to the log and sent to nobody; for development only"
        );
        return Ok(Some(Arc::new(ToTheLog)));
    }
    Ok(Some(Arc::new(Smtp::new(config)?)))
}

struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    fn new(config: &config::Mail) -> anyhow::Result<Self> {
        let (host, port) = config.host_and_port().ok_or_else(|| anyhow::anyhow!("mail.server: host:port"))?;
        let mut tls = TlsParameters::builder(host.to_owned());
        if !config.authority.is_empty() {
            let pem = std::fs::read(&config.authority)
                .map_err(|error| anyhow::anyhow!("mail.authority {}: {error}", config.authority))?;
            tls = tls.add_root_certificate(Certificate::from_pem(&pem)?);
        }
        let tls = match config.tls.as_str() {
            "none" => Tls::None,
            "tls" => Tls::Wrapper(tls.build_rustls()?),
            _ => Tls::Required(tls.build_rustls()?),
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .tls(tls)
            .timeout(Some(PATIENCE));
        if !config.user.is_empty() {
            let password = config.password.reveal().to_owned();
            transport = transport.credentials(Credentials::new(config.user.clone(), password));
        }
        Ok(Self { transport: transport.build(), from: config.from.parse()? })
    }

    /// The same message has the same id however often it goes: mail programs show it once.
    fn message(&self, id: uuid::Uuid, letter: Envelope) -> Option<Message> {
        let domain = self.from.email.domain();
        Message::builder()
            .from(self.from.clone())
            .to(letter.to.parse().ok()?)
            .message_id(Some(format!("<{id}@{domain}>")))
            .subject(letter.subject)
            .raw_header(lettre::message::header::HeaderValue::new(
                lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".into(),
            ))
            .multipart(MultiPart::alternative_plain_html(letter.text, letter.html))
            .ok()
    }
}

#[async_trait]
impl Road for Smtp {
    async fn send(&self, message: &Claimed, what: &[u8]) -> Outcome {
        let Ok(letter) = serde_json::from_slice::<Envelope>(what) else {
            return Outcome::Never("DAMAGED".into());
        };
        let Some(letter) = self.message(message.id, letter) else { return Outcome::Never("ADDRESS".into()) };
        match outgoing::call("mail", self.transport.send(letter)).await {
            Ok(_) => Outcome::Sent,
            // A server names addresses in its answers: only its number is told.
            Err(error) => {
                let code = error.status().map_or_else(
                    || if error.is_timeout() { "TIMED_OUT" } else { "UNREACHABLE" }.to_owned(),
                    |status| format!("SMTP_{status}"),
                );
                if error.is_permanent() { Outcome::Never(code) } else { Outcome::Again(code) }
            }
        }
    }
}

/// Shows letters to whoever develops or tries Talon. Nobody else gets them.
struct ToTheLog;

#[async_trait]
impl Road for ToTheLog {
    async fn send(&self, message: &Claimed, what: &[u8]) -> Outcome {
        let Ok(letter) = serde_json::from_slice::<Envelope>(what) else {
            return Outcome::Never("DAMAGED".into());
        };
        info!(message = %message.id, subject = letter.subject, text = letter.text, "NOT SENT: a letter, for development");
        Outcome::Sent
    }
}
