//! Signing in, staying signed in, signing out.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use talon_core::{
    dispatch::Envelope,
    fact::{Actor, ActorKind},
    ids::{BranchId, CommandId, OperatorId},
    sealed::bound_to,
    staff,
};
use talon_storage::vault::{NewSession, Renewal, Rotation};
use uuid::Uuid;

use super::{
    Access, AccessDenied, Permission, Principal, Reach, Role, Who,
    lockout::{self, household},
    password,
    principal::widest,
    secret,
    token::Fault,
};

/// A browser that lost the answer may show the used token once more within this time.
const GRACE: TimeDelta = TimeDelta::seconds(10);
pub(super) const EMAIL: &str = "email";

/// Who somebody signed in is, for a greeting and for greying out buttons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    pub id: String,
    /// Nothing when the person's key was erased.
    pub name: Option<String>,
    pub role: Role,
    /// Where any of the roles holds.
    pub branches: Vec<BranchId>,
    pub permissions: Vec<Permission>,
}

/// What signing in gives. The refresh token is a secret: it goes into a cookie and nowhere else.
#[derive(Clone)]
pub struct SignedIn {
    pub access_token: String,
    pub expires_at: DateTime<Utc>,
    pub refresh_token: String,
    /// When the refresh token is void if nobody uses it.
    pub refresh_until: DateTime<Utc>,
    pub me: Me,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("SignedIn").field("me", &self.me).finish_non_exhaustive()
    }
}

impl Access {
    /// Signs a member of staff in.
    ///
    /// # Errors
    /// `WrongDetails`, the same and as slow for an unknown account; `TooManyAttempts`; `Unavailable`.
    pub async fn login(&self, email: &str, password: &str, from: IpAddr) -> Result<SignedIn, AccessDenied> {
        let inner = &self.inner;
        if password.len() > password::LONGEST || email.len() > super::staff::LONGEST_EMAIL {
            return Err(AccessDenied::WrongDetails);
        }
        let account = hex::encode(inner.vault.blind_index(EMAIL, email).0);
        let home = household(from);
        let now = inner.clock.now();
        let too_many = |seconds| AccessDenied::TooManyAttempts { seconds };
        inner.lockout.attempt(lockout::ADDRESS, &home, now).map_err(too_many)?;
        inner.lockout.attempt(lockout::ACCOUNT, &account, now).map_err(too_many)?;
        let found = self.who_knows(email, password).await;
        if !matches!(found, Ok(None)) {
            // It was no miss: the details were right, or nobody could say.
            inner.lockout.take_back(lockout::ADDRESS, &home);
        }
        match found {
            Ok(Some(staff)) => {
                inner.lockout.forget(lockout::ACCOUNT, &account);
                counted("signed_in");
                self.start_session(&staff).await
            }
            Ok(None) => {
                counted("wrong_details");
                Err(AccessDenied::WrongDetails)
            }
            Err(error) => {
                inner.lockout.take_back(lockout::ACCOUNT, &account);
                Err(error)
            }
        }
    }

    /// The active member of staff these details belong to. Takes as long whether or not there is such an account.
    async fn who_knows(&self, email: &str, password: &str) -> Result<Option<OperatorId>, AccessDenied> {
        let inner = &self.inner;
        let staff = inner.vault.find_identity(EMAIL, email).await?.map(|id| OperatorId::trusted(&id));
        let phc = match &staff {
            Some(id) => inner.vault.password_of(id.as_str()).await?,
            None => None,
        };
        let fits = inner.passwords.verify(password, phc).await?;
        let active = |id: &OperatorId| inner.directory.member(id).is_some_and(|member| member.is_active());
        Ok(staff.filter(|id| fits && active(id)))
    }

    /// Signs somebody in who has just proven who they are.
    pub(super) async fn start_session(&self, staff: &OperatorId) -> Result<SignedIn, AccessDenied> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let family = inner.clock.new_id();
        let (refresh_token, token_hash) = secret::secret()?;
        let session_expires = now + inner.config.absolute;
        let refresh_until = (now + inner.config.idle).min(session_expires);
        let new = NewSession {
            family,
            staff: staff.as_str().to_owned(),
            token_hash,
            now,
            token_expires: refresh_until,
            session_expires,
        };
        inner.vault.create_session(&new).await?;
        let action = staff::Action::StartSession { session: family.to_string() };
        let written = inner.people.staff(staff, self.about_session(staff, family, "started"), action).await;
        if let Err(error) = written {
            // Nobody holds its token yet; an orphan would only linger until it runs out.
            inner.vault.revoke_family(family, now).await?;
            return Err(error.into());
        }
        self.signed_in(staff, family, refresh_token, refresh_until).await
    }

    /// Renews a session: the shown token is used up, another takes its place.
    ///
    /// # Errors
    /// `SessionEnded`, also when the token had been used before: then the whole session is over, because somebody else
    /// holds a copy. `Unavailable`.
    pub async fn refresh(&self, cookie: &str) -> Result<SignedIn, AccessDenied> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let (refresh_token, next) = secret::secret()?;
        let next_expires = now + inner.config.idle;
        let shown = secret::hash(cookie);
        let renewal = Renewal { shown, next, now, next_expires, grace: GRACE };
        match inner.vault.rotate(&renewal).await? {
            Rotation::Rotated(session) => {
                let staff = OperatorId::trusted(&session.staff);
                if !inner.directory.member(&staff).is_some_and(|member| member.is_active()) {
                    self.end(&staff, session.family, "dismissed").await?;
                    return Err(AccessDenied::SessionEnded);
                }
                let until = next_expires.min(session.expires_at);
                self.signed_in(&staff, session.family, refresh_token, until).await
            }
            Rotation::Reused { family, staff } => {
                tracing::warn!(session = %family, "a used refresh token was shown again: the session is over");
                self.end(&OperatorId::trusted(&staff), family, "refresh_reused").await?;
                Err(AccessDenied::SessionEnded)
            }
            Rotation::Unknown | Rotation::Expired => Err(AccessDenied::SessionEnded),
        }
    }

    /// Ends the session the cookie belongs to; an unknown cookie is no error, its owner is signed out already.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn logout(&self, cookie: &str) -> Result<(), AccessDenied> {
        let inner = &self.inner;
        let Some(family) = inner.vault.family_of_token(&secret::hash(cookie)).await? else { return Ok(()) };
        match inner.vault.session(family, inner.clock.now()).await? {
            Some(session) => self.end(&OperatorId::trusted(&session.staff), family, "signed_out").await,
            None => Ok(()),
        }
    }

    /// Ends one session: its tokens are void here at once, elsewhere as soon as the fact arrives.
    pub(super) async fn end(
        &self,
        staff: &OperatorId,
        family: Uuid,
        reason: &str,
    ) -> Result<(), AccessDenied> {
        let inner = &self.inner;
        let now = inner.clock.now();
        inner.vault.revoke_family(family, now).await?;
        inner.directory.end_session(&family.to_string(), now);
        let action = staff::Action::RevokeSession { session: family.to_string(), reason: reason.to_owned() };
        inner.people.staff(staff, self.about_session(staff, family, "revoked"), action).await?;
        Ok(())
    }

    /// Whose token this is, with the roles of this moment. Memory and arithmetic only.
    ///
    /// # Errors
    /// `Unauthenticated`.
    pub fn verify(&self, bearer: &str) -> Result<Principal, AccessDenied> {
        let token = self.inner.tokens.verify(bearer, self.inner.clock.now());
        let token = token.map_err(|_| AccessDenied::Unauthenticated)?;
        self.inner.directory.principal(&token).ok_or(AccessDenied::Unauthenticated)
    }

    /// `verify`, and if need be a look into the vault for a key that another node has just made.
    ///
    /// # Errors
    /// `Unauthenticated`; `Unavailable`.
    pub async fn bearer(&self, token: &str) -> Result<Principal, AccessDenied> {
        let inner = &self.inner;
        let now = inner.clock.now();
        if inner.tokens.verify(token, now) == Err(Fault::UnknownKey) {
            // Strangers can make up names of keys: the vault is asked at most every few seconds.
            if inner.lockout.attempt(lockout::KEYS, "", now).is_ok() {
                inner.tokens.reload(&inner.vault, inner.clock.as_ref()).await?;
            }
        }
        self.verify(token)
    }

    /// Housekeeping, once a minute or so: learns of keys that other nodes made or retired, forgets sessions that ran out
    /// long ago.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn tend(&self) -> Result<(), AccessDenied> {
        let inner = &self.inner;
        inner.tokens.reload(&inner.vault, inner.clock.as_ref()).await?;
        inner.vault.forget_expired_sessions(inner.clock.now() - inner.config.absolute).await?;
        Ok(())
    }

    /// Signs with a new key from now on. Tokens of the old one are good until they run out, on every node.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn rotate_signing_key(&self) -> Result<(), AccessDenied> {
        self.inner.tokens.rotate(&self.inner.vault, self.inner.clock.as_ref()).await
    }

    /// Whether a principal found earlier still stands, with the very roles it had: for what lives longer than a request.
    #[must_use]
    pub fn stands(&self, principal: &Principal) -> bool {
        match &principal.who {
            Who::Nobody => true,
            Who::Staff { id, session, until } => {
                let directory = &self.inner.directory;
                *until > self.inner.clock.now() && directory.session_stands(id, session, &principal.grants)
            }
            Who::Customer { id, until, .. } => {
                *until > self.inner.clock.now() && !self.inner.customers.was_erased(id)
            }
            Who::Device { id, .. } => !self.inner.devices.is_revoked(id),
        }
    }

    /// What a client shows of whoever is signed in; nothing for strangers.
    ///
    /// # Errors
    /// `Unavailable` when the name cannot be opened.
    pub async fn me(&self, principal: &Principal) -> Result<Option<Me>, AccessDenied> {
        let (id, name) = match &principal.who {
            Who::Nobody => return Ok(None),
            Who::Staff { id, .. } => (id.as_str().to_owned(), self.name_of(id).await?),
            Who::Customer { id, .. } => (id.as_str().to_owned(), self.inner.customers.name_of(id).await?),
            Who::Device { id, .. } => (id.as_str().to_owned(), None),
        };
        // A customer may go anywhere: no branch is theirs.
        let branches = match principal.customer_id() {
            Some(_) => Vec::new(),
            None => self.branches_of(principal),
        };
        let role = principal.main_role();
        Ok(Some(Me { id, name, role, branches, permissions: principal.permissions() }))
    }

    /// The name of a member of staff, opened from its seal: for those who may `READ_STAFF_NAMES` only.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn name_of(&self, id: &OperatorId) -> Result<Option<String>, AccessDenied> {
        let Some(name) = self.inner.directory.member(id).and_then(|member| member.name.clone()) else {
            return Ok(None);
        };
        Ok(self.inner.vault.open_text(&name.sealed, &bound_to(name.command, "name")).await?)
    }

    fn branches_of(&self, principal: &Principal) -> Vec<BranchId> {
        let mut branches = Vec::new();
        for grant in principal.grants.iter() {
            match grant.reach() {
                Reach::Everywhere => return self.inner.directory.branches(),
                Reach::Branches(some) => branches.extend(some.iter().cloned()),
            }
        }
        branches.sort();
        branches.dedup();
        branches
    }

    async fn signed_in(
        &self,
        staff: &OperatorId,
        family: Uuid,
        refresh_token: String,
        refresh_until: DateTime<Utc>,
    ) -> Result<SignedIn, AccessDenied> {
        let inner = &self.inner;
        let session = family.to_string();
        let (access_token, expires_at) =
            inner.tokens.issue(staff, &session, inner.config.access_life, inner.clock.now())?;
        let principal = self.verify(&access_token)?;
        let me = self.me(&principal).await?.ok_or(AccessDenied::Unauthenticated)?;
        Ok(SignedIn { access_token, expires_at, refresh_token, refresh_until, me })
    }

    /// The press behind a session's fact: the person's own, and the same however often it is repeated.
    fn about_session(&self, staff: &OperatorId, family: Uuid, what: &str) -> Envelope {
        let session = family.to_string();
        let command = CommandId::derived(&["session", what, &session]);
        let role = self.inner.directory.member(staff).map_or(Role::Nobody, |member| widest(member.grants()));
        let actor = Actor {
            kind: ActorKind::Staff,
            id: staff.as_str().into(),
            role: role.code().into(),
            session: Some(session.clone()),
            window: None,
        };
        Envelope::new(command, actor, session.as_bytes())
    }
}

fn counted(outcome: &'static str) {
    metrics::counter!("sign_ins_total", "outcome" => outcome).increment(1);
}
