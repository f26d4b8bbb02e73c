//! One's own account: where one is signed in, and the password.

use chrono::{DateTime, Utc};
use talon_core::{
    access::event::{Failure, Way},
    fact::Actor,
    ids::{CommandId, OperatorId},
    sealed::bound_to,
    staff,
    staff::event::PasswordChange,
};
use uuid::Uuid;

use super::{
    Access, AccessDenied,
    failures::{Failed, refused},
    lockout, password,
};
use crate::outbox::LetterKind;

/// One place where somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnSession {
    pub id: Uuid,
    /// The one that asks.
    pub current: bool,
    pub label: String,
    pub started_at: DateTime<Utc>,
    pub last_used_at: DateTime<Utc>,
}

impl Access {
    /// Everywhere this person is signed in, the oldest first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn own_sessions(&self, person: &str, asking: &str) -> Result<Vec<OwnSession>, AccessDenied> {
        let found = self.inner.vault.sessions_of(person, self.inner.clock.now()).await?;
        let shown = |session: talon_storage::vault::Session| OwnSession {
            id: session.family,
            current: session.family.to_string() == asking,
            label: session.label,
            started_at: session.created_at,
            last_used_at: session.last_used_at,
        };
        Ok(found.into_iter().map(shown).collect())
    }

    /// Ends one of one's own sessions.
    ///
    /// # Errors
    /// `NotFound` when there is none of this id, or it is somebody else's: nobody learns which. `Unavailable`.
    pub async fn end_own_session(&self, person: &str, id: Uuid) -> Result<(), AccessDenied> {
        let inner = &self.inner;
        match inner.vault.session(id, inner.clock.now()).await? {
            Some(session) if session.person == person => self.end(&session, "revoked").await,
            found => {
                refused("session", if found.is_some() { "foreign" } else { "unknown" });
                Err(AccessDenied::NotFound)
            }
        }
    }

    /// Signs a person out everywhere, here too; except of `kept`, where one is named. What an outside service let in ends
    /// as well.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn end_sessions_of(
        &self,
        person: &str,
        kept: Option<&str>,
        reason: &str,
    ) -> Result<(), AccessDenied> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let is_kept = |session: Uuid| kept == Some(session.to_string().as_str());
        for session in inner.vault.sessions_of(person, now).await? {
            if !is_kept(session.family) {
                self.end(&session, reason).await?;
            }
        }
        // Outside services know of staff only; a customer has none of theirs.
        for session in inner.vault.outside_sessions_of(person, now).await? {
            if !is_kept(session) {
                self.outside_ended(&OperatorId::trusted(person), session, reason).await?;
            }
        }
        Ok(())
    }

    /// Replaces one's own password and signs out everywhere else.
    ///
    /// # Errors
    /// `WrongPassword`, `WeakPassword`, `TooManyAttempts`, `Unavailable`.
    pub async fn change_own_password(
        &self,
        staff: &OperatorId,
        session: &str,
        current: &str,
        new: &str,
        by: Actor,
    ) -> Result<(), AccessDenied> {
        self.check_own_password(staff, current).await?;
        self.set_password(staff, new, PasswordChange::Changed, by).await?;
        self.end_sessions_of(staff.as_str(), Some(session), "password_changed").await
    }

    /// Whether somebody who is signed in knows their password: what may change the account asks again.
    pub(super) async fn check_own_password(
        &self,
        staff: &OperatorId,
        password: &str,
    ) -> Result<(), AccessDenied> {
        let inner = &self.inner;
        if password.len() > password::MOST_BYTES {
            return Err(AccessDenied::WrongPassword);
        }
        let now = inner.clock.now();
        let key = staff.as_str();
        let locked = inner.lockout.attempt(lockout::OWN_PASSWORD, key, now).await?;
        let phc = inner.vault.password_of(key).await?;
        if inner.passwords.verify(password, phc).await? {
            inner.lockout.forget(lockout::OWN_PASSWORD, key).await?;
            return Ok(());
        }
        let (way, reason) = (Way::Password, Failure::WrongDetails);
        self.note_failure(Failed { staff: Some(staff), way, reason, locked }).await;
        Err(AccessDenied::WrongPassword)
    }

    /// Judges a new password and puts it into the place of the old one.
    pub(super) async fn set_password(
        &self,
        staff: &OperatorId,
        new: &str,
        how: PasswordChange,
        by: Actor,
    ) -> Result<(), AccessDenied> {
        let inner = &self.inner;
        self.judge(staff, new).await?;
        let phc = inner.passwords.hash(new).await?;
        let command = CommandId(inner.clock.new_id());
        self.change(staff, staff::Action::ChangePassword { how: Some(how) }, by, command).await?;
        inner.vault.set_password(staff.as_str(), &phc, inner.clock.now()).await?;
        // Whoever changes a password because somebody else got at the account closes every door that stands ajar.
        self.void_links(staff).await?;
        self.void_challenges(staff).await?;
        if how != PasswordChange::Invited {
            self.bring_news(staff, LetterKind::PasswordChanged);
        }
        Ok(())
    }

    /// Whether a password is good enough for this person, whose name and address make the poorest ones.
    pub(super) async fn judge(&self, staff: &OperatorId, new: &str) -> Result<(), AccessDenied> {
        let mut about = Vec::new();
        if let Some(member) = self.inner.directory.member(staff) {
            for (value, field) in [(&member.name, "name"), (&member.email, "email")] {
                if let Some(it) = value {
                    let opened = self.inner.vault.open_text(&it.sealed, &bound_to(it.command, field)).await?;
                    about.extend(opened);
                }
            }
        }
        self.inner.passwords.judge(new, about).await
    }
}
