//! Signing in, staying signed in, signing out.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use schemars::JsonSchema;
use serde::Serialize;
use talon_core::{
    access::event::{Failure, Way},
    dispatch::Envelope,
    fact::{Actor, ActorKind},
    ids::{BranchId, CommandId, OperatorId},
    sealed::bound_to,
    staff,
};
use talon_storage::vault::{NewSession, Renewal, Rotation, Session};
use uuid::Uuid;

use super::{
    Access, AccessDenied, Permission, Principal, PublicKey, Reach, Role, Visitor, Who,
    directory::is_of_another_service,
    failures::{Failed, counted, refused},
    lockout::{self, household},
    pace, password,
    person::Person,
    principal::widest,
    secret,
    token::Fault,
};

/// A browser that lost the answer, or has another window open, may show a used token again within this time.
const GRACE: TimeDelta = TimeDelta::seconds(10);
/// What the vault said about a session is believed for so long.
const BELIEVED: TimeDelta = TimeDelta::seconds(3);
/// By session: whether it stood, and when.
pub(super) struct Sessions(Cache<Arc<str>, (bool, DateTime<Utc>)>);

impl Default for Sessions {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(100_000).time_to_idle(Duration::from_secs(60)).build())
    }
}

pub(super) const EMAIL: &str = "email";
/// Asked for where there is no account; no pseudonym has this form.
const NOBODY: &str = "";

/// What kind of somebody is signed in; the same over HTTP and GraphQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema, async_graphql::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(rename = "MeKind")]
#[graphql(name = "MeKind")]
pub enum Kind {
    Staff,
    Customer,
    Device,
}

/// Who somebody signed in is, for a greeting and for greying out buttons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    pub id: String,
    pub kind: Kind,
    /// Nothing when the person's key was erased.
    pub name: Option<String>,
    pub role: Role,
    /// Where any of the roles holds.
    pub branches: Vec<BranchId>,
    pub permissions: Vec<Permission>,
    /// Until they have a second factor, the permissions are those of their own account.
    pub must_set_up_second_factor: bool,
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
    /// Signs a member of staff in. What is done before the answer is the same for every account that is not let in,
    /// known or not; a lock is looked at before anything about the account is.
    ///
    /// # Errors
    /// `SecondFactor` when the password is right and not enough; `WrongDetails`, the same and as slow for an unknown
    /// account; `TooManyAttempts`; `Unavailable`.
    pub async fn login(
        &self,
        email: &str,
        password: &str,
        from: impl Into<Visitor>,
    ) -> Result<SignedIn, AccessDenied> {
        let inner = &self.inner;
        if password.len() > password::MOST_BYTES || email.len() > super::staff::LONGEST_EMAIL {
            return Err(AccessDenied::WrongDetails);
        }
        let visitor = from.into();
        let account = self.account_key(email);
        let home = household(visitor.address);
        let now = inner.clock.now();
        inner.lockout.attempt(lockout::ADDRESS, &home, now).await?;
        let locked = inner.lockout.attempt(lockout::ACCOUNT, &account, now).await?;
        let found = self.who_knows(email, password).await;
        if !matches!(found, Ok(Err(_))) {
            // It was no miss: the details were right, or nobody could say.
            inner.lockout.take_back(lockout::ADDRESS, &home, now).await?;
        }
        match found {
            Ok(Ok(staff)) => {
                inner.lockout.forget(lockout::ACCOUNT, &account).await?;
                if let Some(challenge) = self.challenge(&staff).await? {
                    counted(Way::Password, "second_factor");
                    return Err(AccessDenied::SecondFactor(challenge));
                }
                counted(Way::Password, "signed_in");
                self.start_session(&Person::Staff(staff), &visitor, Way::Password).await
            }
            Ok(Err((staff, reason))) => {
                let way = Way::Password;
                self.note_failure(Failed { staff: staff.as_ref(), way, reason, locked }).await;
                Err(AccessDenied::WrongDetails)
            }
            Err(error) => {
                inner.lockout.take_back(lockout::ACCOUNT, &account, now).await?;
                Err(error)
            }
        }
    }

    /// The active member of staff these details belong to, or whose account it is and why not. One look for the address,
    /// one for the password, one hash: for an account that does not exist too.
    async fn who_knows(
        &self,
        email: &str,
        password: &str,
    ) -> Result<Result<OperatorId, (Option<OperatorId>, Failure)>, AccessDenied> {
        let inner = &self.inner;
        let staff = inner.vault.find_identity(EMAIL, email).await?.map(|id| OperatorId::trusted(&id));
        let asked = staff.as_ref().map_or(NOBODY, OperatorId::as_str);
        let phc = inner.vault.password_of(asked).await?;
        let fits = inner.passwords.verify(password, phc).await?;
        let active = |id: &OperatorId| inner.directory.member(id).is_some_and(|member| member.is_active());
        Ok(match staff {
            Some(staff) if fits && !active(&staff) => Err((Some(staff), Failure::Dismissed)),
            Some(staff) if fits && self.has_address(&staff, email).await? => Ok(staff),
            staff => Err((staff, Failure::WrongDetails)),
        })
    }

    /// The key under which tries at an account are counted.
    pub(super) fn account_key(&self, email: &str) -> String {
        hex::encode(self.inner.vault.blind_index(EMAIL, email).0)
    }

    /// Whether there is an account of this address that opens with this password. For our own questions about the
    /// house: whoever is asked from outside goes through `login`.
    pub(crate) async fn signs_in_with(&self, email: &str, password: &str) -> Result<bool, AccessDenied> {
        let inner = &self.inner;
        let Some(staff) = inner.vault.find_identity(EMAIL, email).await? else { return Ok(false) };
        let Some(phc) = inner.vault.password_of(&staff).await? else { return Ok(false) };
        inner.passwords.verify(password, Some(phc)).await
    }

    /// Signs somebody in who has just proven who they are.
    pub(super) async fn start_session(
        &self,
        person: &Person,
        visitor: &Visitor,
        way: Way,
    ) -> Result<SignedIn, AccessDenied> {
        let latest = self.inner.clock.now() + self.inner.config.absolute;
        self.start_session_until(person, visitor, way, latest).await
    }

    /// The same for a sign-in that follows from another one and ends with it at the latest.
    pub(super) async fn start_session_until(
        &self,
        person: &Person,
        visitor: &Visitor,
        way: Way,
        latest: DateTime<Utc>,
    ) -> Result<SignedIn, AccessDenied> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let family = inner.clock.new_id();
        let (refresh_token, token_hash) = secret::secret()?;
        let session_expires = latest.min(now + inner.config.absolute);
        let refresh_until = (now + inner.config.idle).min(session_expires);
        let new = NewSession {
            family,
            person: person.id().to_owned(),
            kind: person.kind(),
            label: visitor.label.clone(),
            token_hash,
            now,
            token_expires: refresh_until,
            session_expires,
        };
        inner.vault.create_session(&new).await?;
        let written = match person {
            Person::Staff(staff) => {
                let action = staff::Action::StartSession { session: family.to_string(), way };
                let about = self.about_session(staff, family, "started");
                inner.people.staff(staff, about, action).await.map_err(AccessDenied::from)
            }
            Person::Customer(customer) => inner.customers.start_session(customer, family).await,
        };
        if let Err(error) = written {
            // Nobody holds its token yet; an orphan would only linger until it runs out.
            inner.vault.revoke_family(family, now).await?;
            return Err(error);
        }
        if let Person::Staff(staff) = person
            && is_of_another_service(way)
        {
            // What they may do in this session depends on how it began.
            inner.directory.catch_up(staff).await?;
        }
        self.signed_in(person, family, refresh_token, refresh_until).await
    }

    /// Renews a session: the shown token is used up, another takes its place.
    ///
    /// # Errors
    /// `SessionEnded`, also when the token had been used before: then the whole session is over, because somebody else
    /// holds a copy. `Unavailable`.
    pub async fn refresh(&self, cookie: &str) -> Result<SignedIn, AccessDenied> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let refresh_token = inner.vault.next_token(cookie);
        let next = secret::hash(&refresh_token);
        let next_expires = now + inner.config.idle;
        let shown = secret::hash(cookie);
        let renewal = Renewal { shown, next, now, next_expires, grace: GRACE };
        match inner.vault.rotate(&renewal).await? {
            Rotation::Rotated(session) => {
                let person = Person::of(&session);
                let stands = match &person {
                    Person::Staff(id) => inner.directory.member(id).is_some_and(|member| member.is_active()),
                    Person::Customer(id) => inner.customers.seen(id).await?,
                };
                if !stands {
                    self.end(&session, "dismissed").await?;
                    return Err(AccessDenied::SessionEnded);
                }
                let until = next_expires.min(session.expires_at);
                self.signed_in(&person, session.family, refresh_token, until).await
            }
            Rotation::Reused(session) => {
                tracing::warn!(session = %session.family, "a used refresh token was shown again: the session is over");
                refused("refresh_token", "reused");
                self.end(&session, "refresh_reused").await?;
                Err(AccessDenied::SessionEnded)
            }
            Rotation::Unknown => {
                refused("refresh_token", "unknown");
                Err(AccessDenied::SessionEnded)
            }
            Rotation::Expired => {
                refused("refresh_token", "expired");
                Err(AccessDenied::SessionEnded)
            }
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
            Some(session) => self.end(&session, "signed_out").await,
            None => Ok(()),
        }
    }

    /// Ends one session: its tokens are void here at once, elsewhere as soon as the fact arrives.
    pub(super) async fn end(&self, session: &Session, reason: &str) -> Result<(), AccessDenied> {
        self.end_of(&Person::of(session), session.family, reason).await
    }

    /// The same by its names alone.
    pub(super) async fn end_of(
        &self,
        person: &Person,
        family: Uuid,
        reason: &str,
    ) -> Result<(), AccessDenied> {
        let inner = &self.inner;
        let now = inner.clock.now();
        inner.vault.revoke_family(family, now).await?;
        inner.directory.end_session(&family.to_string(), now);
        match person {
            Person::Staff(staff) => {
                let action =
                    staff::Action::RevokeSession { session: family.to_string(), reason: reason.to_owned() };
                let about = self.about_session(staff, family, "revoked");
                Ok(inner.people.staff(staff, about, action).await?)
            }
            Person::Customer(customer) => inner.customers.revoke_session(customer, family, reason).await,
        }
    }

    /// Whose token this is, with the roles of this moment. Memory and arithmetic only.
    ///
    /// # Errors
    /// `Unauthenticated`.
    pub fn verify(&self, bearer: &str) -> Result<Principal, AccessDenied> {
        let token = self.inner.tokens.verify(bearer, self.inner.clock.now());
        let token = token.map_err(|fault| {
            refused("access_token", fault.code());
            AccessDenied::Unauthenticated
        })?;
        let inner = &self.inner;
        let found = match &token.person {
            Person::Staff(id) => inner.directory.principal(id, &token),
            Person::Customer(id) => {
                let stands =
                    !inner.directory.session_ended(&token.session) && !inner.customers.was_erased(id);
                stands.then(|| Principal::customer(id.clone(), token.session.clone(), token.until))
            }
        };
        found.ok_or_else(|| {
            refused("access_token", "session_ended");
            AccessDenied::Unauthenticated
        })
    }

    /// Whether a token is one of ours, or was good when it was shown last, or can be of nobody.
    pub(super) fn needs_no_look(&self, token: &str) -> bool {
        let inner = &self.inner;
        !inner.config.outside_tokens
            || inner.tokens.verify(token, inner.clock.now()).is_ok()
            || self.has_seen_outside(token)
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
            if inner.pace.step(pace::KEYS, "", now).is_ok() {
                inner.tokens.reload(&inner.vault, inner.clock.as_ref()).await?;
            }
        }
        if inner.config.outside_tokens && inner.tokens.verify(token, now).is_err() {
            return self.outside_bearer(token).await;
        }
        let principal = self.verify(token)?;
        if let Who::Customer { session, .. } = &principal.who
            && !self.customer_session_stands(session).await?
        {
            refused("access_token", "session_ended");
            return Err(AccessDenied::Unauthenticated);
        }
        Ok(principal)
    }

    /// Whether a customer's session stands, as the vault said within the last seconds. Of the staff everybody is in
    /// memory; customers are too many, so that whoever starts anew knows of no session that ended before.
    async fn customer_session_stands(&self, session: &Arc<str>) -> Result<bool, AccessDenied> {
        let inner = &self.inner;
        let now = inner.clock.now();
        if let Some((stands, at)) = inner.sessions.0.get(session)
            && now - at < BELIEVED
        {
            return Ok(stands);
        }
        let family = Uuid::parse_str(session).map_err(|_| AccessDenied::Unauthenticated)?;
        let stands = inner.vault.session(family, now).await?.is_some();
        inner.sessions.0.insert(session.clone(), (stands, now));
        Ok(stands)
    }

    /// Housekeeping, once a minute or so: learns of keys that other nodes made or retired and replaces an old one, forgets
    /// sessions, passes and misses that ran out.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn tend(&self) -> Result<(), AccessDenied> {
        let inner = &self.inner;
        inner.tokens.reload(&inner.vault, inner.clock.as_ref()).await?;
        inner.tokens.rotate_by_age(&inner.vault, inner.clock.as_ref(), inner.config.key_age).await?;
        let now = inner.clock.now();
        inner.vault.forget_expired_sessions(now - inner.config.absolute).await?;
        inner.vault.forget_expired_passes(now).await?;
        // Nothing of theirs can be good any more; clocks of nodes may differ by as much as they like below an hour.
        inner.vault.forget_retired_signing_keys(now - TimeDelta::hours(1)).await?;
        inner.vault.forget_expired_outside_tokens(now).await?;
        inner.lockout.tend(now).await?;
        if !inner.vault.scrub().await? {
            tracing::info!("the vault's journal still holds what was erased: somebody is reading it");
        }
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
            Who::Customer { id, session, until } => {
                let inner = &self.inner;
                let ended = inner.directory.session_ended(session) || inner.customers.was_erased(id);
                *until > inner.clock.now() && !ended
            }
            Who::Device { id, .. } => !self.inner.devices.is_revoked(id),
        }
    }

    /// Returns when everything that goes on after its answer is done: letters are written down by then.
    pub async fn settled(&self) {
        self.inner.afterwards.close();
        self.inner.afterwards.wait().await;
        self.inner.afterwards.reopen();
    }

    /// What a client shows of whoever is signed in; nothing for strangers.
    ///
    /// # Errors
    /// `Unavailable` when the name cannot be opened.
    pub async fn me(&self, principal: &Principal) -> Result<Option<Me>, AccessDenied> {
        let (kind, id, name) = match &principal.who {
            Who::Nobody => return Ok(None),
            Who::Staff { id, .. } => (Kind::Staff, id.as_str().to_owned(), self.name_of(id).await?),
            Who::Customer { id, .. } => {
                (Kind::Customer, id.as_str().to_owned(), self.inner.customers.name_of(id).await?)
            }
            Who::Device { id, .. } => (Kind::Device, id.as_str().to_owned(), None),
        };
        // A customer may go anywhere: no branch is theirs.
        let branches = match principal.customer_id() {
            Some(_) => Vec::new(),
            None => self.branches_of(principal),
        };
        Ok(Some(Me {
            id,
            kind,
            name,
            role: principal.main_role(),
            branches,
            permissions: principal.permissions(),
            must_set_up_second_factor: principal.must_set_up_second_factor,
        }))
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

    /// The address of a member of staff, opened from its seal: for themselves and for whoever may manage them.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn email_of(&self, id: &OperatorId) -> Result<Option<String>, AccessDenied> {
        let Some(email) = self.inner.directory.member(id).and_then(|member| member.email.clone()) else {
            return Ok(None);
        };
        Ok(self.inner.vault.open_text(&email.sealed, &bound_to(email.command, "email")).await?)
    }

    /// The public halves of the keys that sign access tokens.
    #[must_use]
    pub fn public_keys(&self) -> Vec<PublicKey> {
        self.inner.tokens.public()
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
        person: &Person,
        family: Uuid,
        refresh_token: String,
        refresh_until: DateTime<Utc>,
    ) -> Result<SignedIn, AccessDenied> {
        let inner = &self.inner;
        let session = family.to_string();
        let (access_token, expires_at) =
            inner.tokens.issue(person, &session, inner.config.access_life, inner.clock.now())?;
        let principal = self.verify(&access_token)?;
        let me = self.me(&principal).await?.ok_or(AccessDenied::Unauthenticated)?;
        Ok(SignedIn { access_token, expires_at, refresh_token, refresh_until, me })
    }

    /// The press behind a session's fact: the person's own, and the same however often it is repeated.
    pub(super) fn about_session(&self, staff: &OperatorId, family: Uuid, what: &str) -> Envelope {
        let session = family.to_string();
        let command = CommandId::derived(&["session", what, &session]);
        let actor = self.own_actor(staff, Some(session.clone()));
        Envelope::new(command, actor, session.as_bytes())
    }

    /// Somebody in a step about themselves, in the widest of their roles.
    #[must_use]
    pub fn own_actor(&self, staff: &OperatorId, session: Option<String>) -> Actor {
        let role = self.inner.directory.member(staff).map_or(Role::Nobody, |member| widest(member.grants()));
        let (kind, id) = (ActorKind::Staff, staff.as_str().into());
        Actor { kind, id, role: role.code().into(), session, window: None }
    }
}
