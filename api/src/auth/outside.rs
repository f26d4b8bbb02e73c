//! Staff who were let in by an outside authentication service: it tells of its tokens, and they are honoured here until
//! they run out or are revoked. Each request asks the vault, so that a revocation holds at the next one on every node.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use talon_core::{
    access::event::Way,
    dispatch::DispatchError,
    ids::{CommandId, OperatorId},
    staff,
};
use talon_storage::vault::{OutsideOwner, OutsideToken, TokenHash};
use uuid::Uuid;

use super::{
    Access, AccessDenied, Principal, failures::refused, person::Person, secret, session::EMAIL,
    token::Verified,
};

/// A mark that a token is void outlives any token that could still be told of.
const MARK: TimeDelta = TimeDelta::days(30);

/// Whose token the service tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Staff(OperatorId),
    Email(String),
}

/// What an outside service tells of its tokens; they are named by their SHA-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutsideNews {
    Created {
        token: TokenHash,
        subject: Subject,
        expires_at: DateTime<Utc>,
    },
    /// `token` takes the place of `previous`, which is void from now on.
    Refreshed {
        token: TokenHash,
        previous: TokenHash,
        subject: Subject,
        expires_at: DateTime<Utc>,
    },
    Revoked {
        token: TokenHash,
    },
}

/// Tokens that were good when they were shown last.
pub(super) struct Shown(Cache<TokenHash, ()>);

impl Default for Shown {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(20_000).time_to_idle(Duration::from_secs(3_600)).build())
    }
}

impl Access {
    /// Takes note of what the service tells. The same news may come again and in any order.
    ///
    /// # Errors
    /// `Unavailable`: tell it again.
    pub async fn take_note(&self, news: OutsideNews) -> Result<(), AccessDenied> {
        let inner = &self.inner;
        match news {
            OutsideNews::Created { token, subject, expires_at } => {
                let session = session_of(&token);
                self.admit(token, session, subject, expires_at).await?;
                self.outside_started(&token).await
            }
            OutsideNews::Refreshed { token, previous, subject, expires_at } => {
                let before = inner.vault.outside_token(&previous).await?;
                // The sign-in goes on under its first token's name; one that was ended is not revived.
                if before.as_ref().is_some_and(|it| it.is_revoked)
                    && inner.vault.outside_token(&token).await?.is_none()
                {
                    return self.void(&token).await;
                }
                let session = before.map_or_else(|| session_of(&previous), |it| it.session);
                self.admit(token, session, subject, expires_at).await?;
                self.void(&previous).await
            }
            OutsideNews::Revoked { token } => {
                let known = inner.vault.outside_token(&token).await?;
                self.void(&token).await?;
                match known.and_then(|it| Some((OperatorId::trusted(&it.staff?), it.session))) {
                    Some((staff, session)) => self.outside_ended(&staff, session, "outside_service").await,
                    None => Ok(()),
                }
            }
        }
    }

    /// Whose outside token this is.
    ///
    /// # Errors
    /// `Unauthenticated`, `Unavailable`.
    pub(super) async fn outside_bearer(&self, token: &str) -> Result<Principal, AccessDenied> {
        let inner = &self.inner;
        let hash = secret::hash(token);
        let seen = inner.outside.0.contains_key(&hash);
        let turn = if seen { None } else { Some(self.strangers_turn().await?) };
        let known = inner.vault.outside_token(&hash).await?;
        drop(turn);
        let now = inner.clock.now();
        let good = known.filter(|it| !it.is_revoked && it.expires_at > now);
        let verified = good.and_then(|it| {
            Some(Verified {
                person: Person::Staff(OperatorId::trusted(&it.staff?)),
                session: it.session.to_string().into(),
                until: it.expires_at,
            })
        });
        let principal = verified.and_then(|it| match &it.person {
            Person::Staff(id) => {
                inner.directory.vouch(id, &it.session);
                inner.directory.principal(id, &it)
            }
            // The other service knows of our staff only.
            Person::Customer(_) => None,
        });
        if principal.is_some() {
            inner.outside.0.insert(hash, ());
        } else {
            inner.outside.0.invalidate(&hash);
        }
        principal.ok_or_else(|| {
            refused("outside_token", "unknown");
            AccessDenied::Unauthenticated
        })
    }

    /// Whether this token was good when it was shown last; whether it is still good, only the vault can say.
    pub(super) fn has_seen_outside(&self, token: &str) -> bool {
        self.inner.outside.0.contains_key(&secret::hash(token))
    }

    async fn admit(
        &self,
        hash: TokenHash,
        session: Uuid,
        subject: Subject,
        expires_at: DateTime<Utc>,
    ) -> Result<(), AccessDenied> {
        let inner = &self.inner;
        let owner = match subject {
            Subject::Staff(id) => OutsideOwner::Staff(id.as_str().to_owned()),
            Subject::Email(email) => OutsideOwner::Email(inner.vault.blind_index(EMAIL, &email)),
        };
        // However long the service means it: nobody stays in longer than a session of this house may last.
        let expires_at = expires_at.min(inner.clock.now() + inner.config.absolute);
        inner.vault.put_outside_token(&OutsideToken { hash, session, owner, expires_at }).await?;
        Ok(())
    }

    async fn void(&self, token: &TokenHash) -> Result<(), AccessDenied> {
        let now = self.inner.clock.now();
        Ok(self.inner.vault.revoke_outside_token(token, session_of(token), now, now + MARK).await?)
    }

    async fn outside_started(&self, token: &TokenHash) -> Result<(), AccessDenied> {
        let inner = &self.inner;
        let Some(known) = inner.vault.outside_token(token).await?.filter(|it| !it.is_revoked) else {
            return Ok(());
        };
        let Some(staff) = known.staff.map(|it| OperatorId::trusted(&it)) else { return Ok(()) };
        let action =
            staff::Action::StartSession { session: known.session.to_string(), way: Way::OutsideService };
        let written =
            inner.people.staff(&staff, self.about_session(&staff, known.session, "started"), action);
        expected(written.await)
    }

    /// Ends such a sign-in with all its tokens. One the log never heard of ends without a fact.
    pub(super) async fn outside_ended(
        &self,
        staff: &OperatorId,
        session: Uuid,
        reason: &str,
    ) -> Result<(), AccessDenied> {
        match self.end_of(&Person::Staff(staff.clone()), session, reason).await {
            Err(AccessDenied::Refused(_)) => Ok(()),
            done => done,
        }
    }
}

/// Facts about somebody who is not on the staff are refused, and that is as it should be.
fn expected(written: Result<(), DispatchError>) -> Result<(), AccessDenied> {
    match written {
        Ok(()) | Err(DispatchError::Refused(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The name of the sign-in that begins with this token.
fn session_of(token: &TokenHash) -> Uuid {
    CommandId::derived(&["outside session", &hex::encode(token)]).0
}
