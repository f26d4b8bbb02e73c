//! The way out: letters, short messages and calls to other systems are written down in the vault first, then sent by
//! one node of the cluster. Whoever asks for a message learns that it is on its way, not that it arrived.
//!
//! `words` says what a letter says, `sender` sends, `mail`, `sms` and `webhook` are the roads. Nothing here decides who
//! is to be told what.

pub mod mail;
pub mod notice;
pub mod sender;
pub mod sms;
pub mod subscribers;
pub mod webhook;
mod words;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use talon_core::time::Clock;
use talon_storage::{
    Vault,
    vault::{NewMessage, VaultError},
};
use talon_texts::Language;
use tokio::sync::Notify;
use uuid::Uuid;

pub use self::words::{LetterKind, TextKind};
use crate::{auth::AccessDenied, config::Config, http::problem};

/// A road out. Its name is written in every row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    Mail,
    Sms,
    Webhook,
}

impl Channel {
    pub const ALL: [Self; 3] = [Self::Mail, Self::Sms, Self::Webhook];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
            Self::Webhook => "webhook",
        }
    }
}

/// A letter to one address.
#[derive(Clone, Copy)]
pub struct Letter<'a> {
    /// The fact or request it follows from. The same cause reaches the same address once, however often it is asked for.
    pub cause: Uuid,
    pub to: &'a str,
    pub language: Language,
    pub what: LetterKind<'a>,
    /// When it is worthless: it is not sent after.
    pub not_after: DateTime<Utc>,
    /// Whose key seals it and whose erasure takes it away, where it is known whose address this is.
    pub person: Option<&'a str>,
}

/// A short message to one phone.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    pub cause: Uuid,
    /// In international form: `+79001234567`.
    pub to: &'a str,
    pub language: Language,
    pub what: TextKind<'a>,
    pub not_after: DateTime<Utc>,
    pub person: Option<&'a str>,
}

/// Why a message is not on its way.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    #[error("no mail server is configured")]
    MailOff,
    #[error("no SMS provider is configured")]
    SmsOff,
    /// The address cannot be one.
    #[error("{field} has the wrong form")]
    Malformed { field: &'static str },
    #[error("the outbox is not available")]
    Unavailable(#[from] VaultError),
}

impl NotSent {
    /// The stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::MailOff => problem::Code::MailOff.name(),
            Self::SmsOff => problem::Code::SmsOff.name(),
            Self::Malformed { .. } => problem::Code::Malformed.name(),
            Self::Unavailable(_) => problem::Code::Unavailable.name(),
        }
    }
}

impl From<NotSent> for AccessDenied {
    fn from(error: NotSent) -> Self {
        match error {
            NotSent::MailOff => Self::MailOff,
            NotSent::SmsOff => Self::SmsOff,
            NotSent::Malformed { field } => Self::Malformed { field },
            NotSent::Unavailable(error) => error.into(),
        }
    }
}

/// A letter as it will be sent: what its row holds, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// A short message as it will be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShortMessage {
    pub to: String,
    pub text: String,
}

/// Where messages are handed in. Cheap to clone.
#[derive(Clone)]
pub struct Outbox(Arc<Inner>);

struct Inner {
    vault: Vault,
    clock: Arc<dyn Clock>,
    mail: bool,
    sms: bool,
    links: String,
    woken: [Notify; Channel::ALL.len()],
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Outbox")
            .field("mail", &self.0.mail)
            .field("sms", &self.0.sms)
            .finish_non_exhaustive()
    }
}

impl Outbox {
    #[must_use]
    pub fn new(vault: Vault, clock: Arc<dyn Clock>, config: &Config) -> Self {
        Self(Arc::new(Inner {
            vault,
            clock,
            mail: !config.mail.server.is_empty(),
            sms: !config.sms.url.reveal().is_empty(),
            links: config.link(""),
            woken: Default::default(),
        }))
    }

    /// Whether letters can be sent at all.
    #[must_use]
    pub fn has_mail(&self) -> bool {
        self.0.mail
    }

    /// Whether short messages can be sent at all.
    #[must_use]
    pub fn has_sms(&self) -> bool {
        self.0.sms
    }

    /// A page's address as it stands in a message: `path` begins with a slash.
    #[must_use]
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.0.links)
    }

    /// Hands in a letter. `false` when the same cause has reached this address before.
    ///
    /// # Errors
    /// `MailOff`, `Malformed`, `Unavailable`.
    pub async fn mail(&self, letter: Letter<'_>) -> Result<bool, NotSent> {
        if !self.0.mail {
            return Err(NotSent::MailOff);
        }
        if letter.to.parse::<lettre::Address>().is_err() {
            return Err(NotSent::Malformed { field: "email" });
        }
        let words = words::letter(&letter.what, letter.language);
        let envelope =
            Envelope { to: letter.to.to_owned(), subject: words.subject, text: words.text, html: words.html };
        let row = Row {
            cause: letter.cause,
            channel: Channel::Mail,
            to: letter.to,
            target: None,
            person: letter.person,
            again: letter.what.goes_again(),
            not_after: letter.not_after,
        };
        let new = self.sealed(&row, &envelope).await?;
        self.put(Channel::Mail, &new).await
    }

    /// Hands in a short message. `false` when the same cause has reached this phone before.
    ///
    /// # Errors
    /// `SmsOff`, `Malformed`, `Unavailable`.
    pub async fn sms(&self, text: Text<'_>) -> Result<bool, NotSent> {
        if !self.0.sms {
            return Err(NotSent::SmsOff);
        }
        let is_phone = text.to.strip_prefix('+').is_some_and(|digits| {
            (5..=15).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit())
        });
        if !is_phone {
            return Err(NotSent::Malformed { field: "phone" });
        }
        let message = ShortMessage { to: text.to.to_owned(), text: words::short(&text.what, text.language) };
        let row = Row {
            cause: text.cause,
            channel: Channel::Sms,
            to: text.to,
            target: None,
            person: text.person,
            again: text.what.goes_again(),
            not_after: text.not_after,
        };
        let new = self.sealed(&row, &message).await?;
        self.put(Channel::Sms, &new).await
    }

    /// Takes back what has not gone yet and follows from this cause.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn withdraw(&self, cause: Uuid) -> Result<(), NotSent> {
        self.0.vault.withdraw_messages(cause).await?;
        Ok(())
    }

    /// The sender looks at a channel at once instead of at its next round.
    pub fn wake(&self, channel: Channel) {
        self.0.woken[channel as usize].notify_one();
    }

    async fn woken(&self, channel: Channel) {
        self.0.woken[channel as usize].notified().await;
    }

    async fn put(&self, channel: Channel, new: &NewMessage) -> Result<bool, NotSent> {
        let put = self.0.vault.put_message(new).await?;
        self.wake(channel);
        Ok(put)
    }

    /// A row with what it says sealed, ready to be written down.
    pub(crate) async fn sealed(
        &self,
        row: &Row<'_>,
        what: &impl Serialize,
    ) -> Result<NewMessage, VaultError> {
        let inner = &self.0;
        let (id, now) = (inner.clock.new_id(), inner.clock.now());
        let what = zeroize::Zeroizing::new(
            serde_json::to_vec(what).map_err(|_| VaultError::Damaged { table: "outbox" })?,
        );
        let sealed = inner.vault.seal_message(id, row.person, &what).await?;
        Ok(NewMessage {
            id,
            cause: row.cause,
            channel: row.channel.name(),
            recipient: inner.vault.blind_index(row.channel.name(), row.to),
            target: row.target.map(str::to_owned),
            person: row.person.map(str::to_owned),
            sealed,
            again: row.again,
            not_before: now,
            not_after: row.not_after,
            now,
        })
    }
}

/// What a row of the outbox is about, before it is sealed.
pub(crate) struct Row<'a> {
    pub(crate) cause: Uuid,
    pub(crate) channel: Channel,
    pub(crate) to: &'a str,
    pub(crate) target: Option<&'a str>,
    pub(crate) person: Option<&'a str>,
    pub(crate) again: bool,
    pub(crate) not_after: DateTime<Utc>,
}
