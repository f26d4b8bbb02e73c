//! Letters that tell somebody what became of their account: whoever did not do that themselves learns of it.

use chrono::TimeDelta;
use talon_core::ids::OperatorId;
use talon_texts::Language;
use tracing::Instrument;

use super::{Access, AccessDenied};
use crate::outbox::{Letter, LetterKind};

/// What has happened is worthless to know after so long.
const NEWS: TimeDelta = TimeDelta::days(2);

impl Access {
    /// Tells somebody at their address of now.
    pub(super) fn bring_news(&self, staff: &OperatorId, what: LetterKind<'static>) {
        self.bring_news_to(staff, None, what);
    }

    /// Tells somebody at an address they had, where one is given. The letter is written down after the answer: that
    /// something changed does not hang upon it.
    pub(super) fn bring_news_to(
        &self,
        staff: &OperatorId,
        address: Option<String>,
        what: LetterKind<'static>,
    ) {
        if !self.inner.outbox.has_mail() {
            return;
        }
        let (access, staff) = (self.clone(), staff.clone());
        let work = async move {
            let told = async {
                let address = match address {
                    Some(address) => Some(address),
                    None => access.email_of(&staff).await?,
                };
                let Some(to) = address else { return Ok(()) };
                let inner = &access.inner;
                let letter = Letter {
                    cause: inner.clock.new_id(),
                    to: &to,
                    language: Language::default(),
                    what,
                    not_after: inner.clock.now() + NEWS,
                    person: Some(staff.as_str()),
                };
                inner.outbox.mail(letter).await?;
                Ok::<(), AccessDenied>(())
            };
            if let Err(denied) = told.await {
                tracing::error!(error = %denied, "nobody was told what became of their account");
            }
        };
        self.inner.afterwards.spawn(work.instrument(tracing::info_span!("afterwards")));
    }
}
