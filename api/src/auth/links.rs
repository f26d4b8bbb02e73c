//! Links that let somebody set a password: the invitation of a new colleague, and the way back for whoever forgot it.
//! A link is good once; another one makes it void. Only its hash is kept.

use chrono::{DateTime, TimeDelta, Utc};
use talon_core::{
    access::event::{Failure, Way},
    ids::OperatorId,
    staff::event::PasswordChange,
};
use talon_storage::vault::NewPass;
use talon_texts::Language;
use tracing::Instrument;

use super::{
    Access, AccessDenied, SignedIn, Visitor,
    failures::{Failed, counted},
    lockout::{self, household},
    person::Person,
    secret,
    session::EMAIL,
    strength,
};

use crate::outbox::{Letter, LetterKind};

const INVITATION: &str = "invitation";
const RECOVERY: &str = "recovery";
/// How long an invitation is good.
const INVITATION_LIFE: TimeDelta = TimeDelta::days(7);
/// How long a link of recovery is good.
const RECOVERY_LIFE: TimeDelta = TimeDelta::minutes(30);

/// The secret of a link, and until when it is good.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkToken {
    pub token: String,
    pub expires_at: DateTime<Utc>,
}

impl std::fmt::Debug for LinkToken {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("LinkToken").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl Access {
    /// The token of `/login/invite#TOKEN` for somebody just added to the staff, or invited again: former ones are void.
    /// Whoever calls this has asked for `MANAGE_STAFF`.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn invitation(&self, staff: &OperatorId) -> Result<LinkToken, AccessDenied> {
        self.link(INVITATION, staff, INVITATION_LIFE).await
    }

    /// Sets the password of whoever holds an invitation, and signs them in.
    ///
    /// # Errors
    /// `SecondFactor` when the link is good and not enough: the password is set. `LinkVoid`, `WeakPassword`,
    /// `TooManyAttempts`, `Unavailable`.
    pub async fn complete_invitation(
        &self,
        token: &str,
        password: &str,
        from: impl Into<Visitor>,
    ) -> Result<SignedIn, AccessDenied> {
        let visitor = from.into();
        let staff = self
            .use_link(INVITATION, Way::Invitation, PasswordChange::Invited, token, password, &visitor)
            .await?;
        self.end_sessions_of(staff.as_str(), None, "password_changed").await?;
        if let Some(challenge) = self.challenge(&staff).await? {
            counted(Way::Invitation, "second_factor");
            return Err(AccessDenied::SecondFactor(challenge));
        }
        counted(Way::Invitation, "signed_in");
        self.start_session(&Person::Staff(staff), &visitor, Way::Invitation).await
    }

    /// Sends a link to whoever forgot the password, if there is such an account. The answer goes out before anybody has
    /// looked: tries are counted alike for every address, and it takes as long and says as much.
    ///
    /// # Errors
    /// `MailOff`, `TooManyAttempts`, `Unavailable`: alike for accounts that do not exist.
    pub async fn begin_recovery(
        &self,
        email: &str,
        language: Language,
        from: impl Into<Visitor>,
    ) -> Result<(), AccessDenied> {
        let inner = &self.inner;
        if !inner.outbox.has_mail() {
            return Err(AccessDenied::MailOff);
        }
        let now = inner.clock.now();
        inner.lockout.attempt(lockout::ADDRESS, &household(from.into().address), now).await?;
        inner.lockout.attempt(lockout::RECOVERY, &self.account_key(email), now).await?;
        let (access, email) = (self.clone(), email.to_owned());
        let work = async move {
            if let Err(denied) = access.send_recovery(&email, language).await {
                tracing::error!(error = %denied, "a link of recovery was not sent");
            }
        };
        inner.afterwards.spawn(work.instrument(tracing::info_span!("afterwards")));
        Ok(())
    }

    async fn send_recovery(&self, email: &str, language: Language) -> Result<(), AccessDenied> {
        let inner = &self.inner;
        let found = inner.vault.find_identity(EMAIL, email).await?.map(|id| OperatorId::trusted(&id));
        let active = |id: &OperatorId| inner.directory.member(id).is_some_and(|member| member.is_active());
        let Some(staff) = found.filter(active) else {
            counted(Way::Recovery, "unknown");
            return Ok(());
        };
        if !self.has_address(&staff, email).await? {
            counted(Way::Recovery, "unknown");
            return Ok(());
        }
        let Some(to) = self.email_of(&staff).await? else { return Ok(()) };
        let link = self.link(RECOVERY, &staff, RECOVERY_LIFE).await?;
        let address = inner.outbox.link(&format!("/login/recover#{}", link.token));
        let letter = Letter {
            cause: inner.clock.new_id(),
            to: &to,
            language,
            what: LetterKind::Recovery { link: &address },
            not_after: link.expires_at,
            person: Some(staff.as_str()),
        };
        inner.outbox.mail(letter).await?;
        counted(Way::Recovery, "sent");
        Ok(())
    }

    /// Replaces a forgotten password and ends every session; the second factor stays.
    ///
    /// # Errors
    /// `LinkVoid`, `WeakPassword`, `TooManyAttempts`, `Unavailable`.
    pub async fn complete_recovery(
        &self,
        token: &str,
        password: &str,
        from: impl Into<Visitor>,
    ) -> Result<OperatorId, AccessDenied> {
        let visitor = from.into();
        let staff = self
            .use_link(RECOVERY, Way::Recovery, PasswordChange::Recovered, token, password, &visitor)
            .await?;
        self.end_sessions_of(staff.as_str(), None, "password_changed").await?;
        counted(Way::Recovery, "password_changed");
        Ok(staff)
    }

    /// Voids the links that others were shown as well.
    pub(super) async fn void_invitations(&self, staff: &OperatorId) -> Result<(), AccessDenied> {
        self.inner.vault.forget_passes_of(INVITATION, staff.as_str()).await?;
        Ok(())
    }

    /// Voids the links somebody was sent: they lie in a mailbox that is not theirs any more.
    pub(super) async fn void_links(&self, staff: &OperatorId) -> Result<(), AccessDenied> {
        for kind in [INVITATION, RECOVERY] {
            self.inner.vault.forget_passes_of(kind, staff.as_str()).await?;
        }
        Ok(())
    }

    async fn link(&self, kind: &str, staff: &OperatorId, life: TimeDelta) -> Result<LinkToken, AccessDenied> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let (token, id) = secret::secret()?;
        let expires_at = now + life;
        let person = Some(staff.as_str());
        inner.vault.forget_passes_of(kind, staff.as_str()).await?;
        inner
            .vault
            .put_pass(&NewPass { kind, id, person, body: &[], tries: 1, now, expires: expires_at })
            .await?;
        Ok(LinkToken { token, expires_at })
    }

    /// Sets the password a link allows to set. A password that is too weak does not use the link up.
    async fn use_link(
        &self,
        kind: &str,
        way: Way,
        how: PasswordChange,
        token: &str,
        password: &str,
        visitor: &Visitor,
    ) -> Result<OperatorId, AccessDenied> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let home = household(visitor.address);
        inner.lockout.attempt(lockout::ADDRESS, &home, now).await?;
        let id = secret::hash(token);
        // Whether the link is good comes first: a stranger learns nothing from the judgement.
        let known = inner.vault.pass(kind, &id, now).await?.and_then(|pass| pass.person);
        let Some(staff) = known.map(|id| OperatorId::trusted(&id)) else {
            self.note_failure(Failed { staff: None, way, reason: Failure::Expired, locked: None }).await;
            return Err(AccessDenied::LinkVoid);
        };
        if !inner.directory.member(&staff).is_some_and(|member| member.is_active()) {
            let reason = Failure::Dismissed;
            self.note_failure(Failed { staff: Some(&staff), way, reason, locked: None }).await;
            return Err(AccessDenied::LinkVoid);
        }
        inner.lockout.take_back(lockout::ADDRESS, &home, now).await?;
        strength::length(password).map_err(|hint| AccessDenied::WeakPassword { hint })?;
        self.judge(&staff, password).await?;
        if inner.vault.take_pass(kind, &id, now).await?.is_none() {
            let reason = Failure::Replayed;
            self.note_failure(Failed { staff: Some(&staff), way, reason, locked: None }).await;
            return Err(AccessDenied::LinkVoid);
        }
        let by = self.own_actor(&staff, None);
        self.set_password(&staff, password, how, by).await?;
        self.forget_misses(&staff).await?;
        Ok(staff)
    }

    /// Whoever proved to be somebody need not wait for what a stranger tried in their name.
    async fn forget_misses(&self, staff: &OperatorId) -> Result<(), AccessDenied> {
        let email = self.email_of(staff).await?;
        if let Some(email) = email {
            self.inner.lockout.forget(lockout::ACCOUNT, &self.account_key(&email)).await?;
        }
        self.inner.lockout.forget(lockout::OWN_PASSWORD, staff.as_str()).await?;
        Ok(())
    }
}
