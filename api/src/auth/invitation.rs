//! The link by which a new colleague chooses their password: by mail where there is a mail server, and shown once to
//! whoever invites.

use chrono::{DateTime, Utc};
use talon_core::ids::OperatorId;
use talon_texts::Language;

use super::{Access, order::NotDone};
use crate::outbox::{Letter, LetterKind, NotSent};

/// A link that was just made.
#[derive(Clone)]
pub(crate) struct Invited {
    pub(crate) link: String,
    pub(crate) expires_at: DateTime<Utc>,
    /// Whether a letter with it is on its way.
    pub(crate) mailed: bool,
}

impl std::fmt::Debug for Invited {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Invited").field("mailed", &self.mailed).finish_non_exhaustive()
    }
}

impl Access {
    /// Makes the link; former ones are void. Whoever calls this has been allowed to (`hire`, `may_invite`).
    ///
    /// # Errors
    /// See `NotDone`.
    pub(crate) async fn invite(&self, id: &OperatorId, language: Language) -> Result<Invited, NotDone> {
        let inner = &self.inner;
        let made = self.invitation(id).await?;
        let link = inner.outbox.link(&format!("/login/invite#{}", made.token));
        let (name, email) = (self.name_of(id).await?.unwrap_or_default(), self.email_of(id).await?);
        let mailed = match email {
            None => false,
            Some(to) => {
                let letter = Letter {
                    // Each link has a letter of its own.
                    cause: inner.clock.new_id(),
                    to: &to,
                    language,
                    what: LetterKind::Invitation { name: &name, link: &link },
                    not_after: made.expires_at,
                    person: Some(id.as_str()),
                };
                match inner.outbox.mail(letter).await {
                    Ok(_) => true,
                    // The link is shown to whoever invites: that is how houses without mail do it.
                    Err(NotSent::MailOff | NotSent::Malformed { .. }) => false,
                    Err(error) => return Err(super::AccessDenied::from(error).into()),
                }
            }
        };
        Ok(Invited { link, expires_at: made.expires_at, mailed })
    }
}
