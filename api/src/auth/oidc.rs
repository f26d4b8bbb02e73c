//! Signing in through the organisation's own OpenID provider: code flow with PKCE, state and nonce. What the browser
//! holds between start and return is one secret in a cookie; everything else waits in the vault, once and for ten
//! minutes. An account is found by the provider's subject, or joined to it by an address the provider has verified.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{FutureExt, future::BoxFuture};
use openidconnect::{
    AccessTokenHash, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest,
    HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    Scope, TokenResponse,
    core::{CoreClient, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreResponseType, CoreUserInfoClaims},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use talon_core::{
    access::event::{Failure, Way},
    dispatch::Envelope,
    ids::{CommandId, OperatorId},
    staff,
};
use talon_storage::vault::NewPass;

use super::{
    Access, AccessDenied, SignedIn, Visitor,
    failures::{Failed, counted, refused},
    lockout::household,
    pace,
    person::Person,
    secret,
    session::EMAIL,
};
use crate::{
    config::Oidc as OidcConfig,
    http::problem::chain,
    outgoing::{Outgoing, OutgoingError},
};

/// The name of the other house in spans and figures.
const TO: &str = "oidc";
const PASS: &str = "oidc";
const SUBJECT: &str = "oidc";
/// How long somebody may stay at the provider's pages.
const LIFE: TimeDelta = TimeDelta::minutes(10);
/// What the provider said of itself and its keys is believed for so long.
const BELIEVED: TimeDelta = TimeDelta::minutes(10);
const CALLBACK: &str = "/auth/oidc/callback";
/// Only what a public key checks: a shared secret would let whoever holds it sign for anybody.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What the provider said of itself, and when.
type Told = (DateTime<Utc>, Arc<CoreProviderMetadata>);

/// The organisation's provider, as configured.
#[derive(Clone)]
pub struct OidcProvider {
    config: OidcConfig,
    outgoing: Outgoing,
    known: Arc<RwLock<Option<Told>>>,
}

impl std::fmt::Debug for OidcProvider {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("OidcProvider").field("issuer", &self.config.issuer).finish_non_exhaustive()
    }
}

/// Where to send the browser, and the secret to give it.
#[derive(Clone)]
pub struct OidcStart {
    pub to: String,
    pub cookie: String,
}

/// Somebody came back from the provider.
#[derive(Debug, Clone)]
pub struct OidcReturn {
    pub signed_in: SignedIn,
    /// The page they wanted.
    pub to: String,
}

/// What waits in the vault, sealed.
#[derive(Serialize, Deserialize)]
struct Body {
    state: String,
    nonce: String,
    verifier: String,
    to: String,
}

/// Whom the provider vouches for.
struct Vouched {
    subject: String,
    email: Option<String>,
}

impl OidcProvider {
    /// Nothing when none is configured.
    #[must_use]
    pub fn of(config: &OidcConfig, outgoing: &Outgoing) -> Option<Self> {
        let is_set = !config.issuer.is_empty();
        is_set.then(|| Self { config: config.clone(), outgoing: outgoing.clone(), known: Arc::default() })
    }

    pub(super) fn name(&self) -> &str {
        &self.config.name
    }

    /// The road out, as the library wants it: what it gives borrows nothing, so that a request may be carried on by any
    /// thread.
    fn caller(
        &self,
    ) -> impl Fn(HttpRequest) -> BoxFuture<'static, Result<HttpResponse, OutgoingError>> + Send + Sync + use<>
    {
        let outgoing = self.outgoing.clone();
        move |request| {
            let outgoing = outgoing.clone();
            Box::pin(async move { outgoing.exchange(TO, request).await })
        }
    }

    async fn metadata(&self, now: DateTime<Utc>) -> Result<Arc<CoreProviderMetadata>, AccessDenied> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, metadata)) = known.filter(|(at, _)| now - *at < BELIEVED) {
            return Ok(metadata);
        }
        let issuer = IssuerUrl::new(self.config.issuer.clone()).map_err(|error| unreachable(&error))?;
        let call = self.caller();
        let found = CoreProviderMetadata::discover_async(issuer, &call).await;
        let found = Arc::new(found.map_err(|error| unreachable(&error))?);
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some((now, found.clone()));
        Ok(found)
    }

    /// Where the browser goes with this state, nonce and challenge.
    async fn address(
        self,
        back: String,
        (state, nonce): (String, String),
        challenge: PkceCodeChallenge,
        now: DateTime<Utc>,
    ) -> Result<String, AccessDenied> {
        let metadata = self.metadata(now).await?;
        let back = RedirectUrl::new(back).map_err(|error| unreachable(&error))?;
        let client = CoreClient::from_provider_metadata(
            CoreProviderMetadata::clone(&metadata),
            ClientId::new(self.config.client_id.clone()),
            None,
        )
        .set_redirect_uri(back);
        let (address, _, _) = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .add_scope(Scope::new("email".into()))
            .set_pkce_challenge(challenge)
            .url();
        Ok(address.into())
    }

    /// Exchanges the code for the provider's word about somebody, and checks that word.
    async fn vouched(
        self,
        back: String,
        code: String,
        body: Body,
        now: DateTime<Utc>,
    ) -> Result<Vouched, AccessDenied> {
        let metadata = self.metadata(now).await?;
        let back = RedirectUrl::new(back).map_err(|error| unreachable(&error))?;
        let secret = self.config.client_secret.reveal();
        let client = CoreClient::from_provider_metadata(
            CoreProviderMetadata::clone(&metadata),
            ClientId::new(self.config.client_id.clone()),
            (!secret.is_empty()).then(|| ClientSecret::new(secret.to_owned())),
        )
        .set_redirect_uri(back);
        let call = self.caller();
        let exchange =
            client.exchange_code(AuthorizationCode::new(code)).map_err(|error| unreachable(&error))?;
        let answer = exchange
            .set_pkce_verifier(PkceCodeVerifier::new(body.verifier))
            .request_async(&call)
            .await
            .map_err(|error| not_vouched(&error))?;
        let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || now);
        let token = answer.id_token().ok_or_else(|| {
            refused("id_token", "missing");
            AccessDenied::NotVouchedFor
        })?;
        let claims = token.claims(&verifier, &Nonce::new(body.nonce)).map_err(|error| {
            // Keys may have changed since we asked for them: the next try sees the new ones.
            *self.known.write().unwrap_or_else(PoisonError::into_inner) = None;
            not_vouched(&error)
        })?;
        if let Some(expected) = claims.access_token_hash() {
            let alg = token.signing_alg().map_err(|error| not_vouched(&error))?;
            let key = token.signing_key(&verifier).map_err(|error| not_vouched(&error))?;
            let found = AccessTokenHash::from_token(answer.access_token(), alg, key);
            if found.map_err(|error| not_vouched(&error))? != *expected {
                refused("id_token", "another_access_token");
                return Err(AccessDenied::NotVouchedFor);
            }
        }
        let subject = claims.subject().clone();
        let mut email = claims.email().filter(|_| claims.email_verified() == Some(true)).cloned();
        // Many providers tell the address only when they are asked for it.
        if claims.email().is_none()
            && let Ok(asking) = client.user_info(answer.access_token().to_owned(), Some(subject.clone()))
        {
            let told: CoreUserInfoClaims =
                asking.request_async(&call).await.map_err(|error| not_vouched(&error))?;
            email = told.email().filter(|_| told.email_verified() == Some(true)).cloned();
        }
        Ok(Vouched { subject: subject.as_str().to_owned(), email: email.map(|it| it.as_str().to_owned()) })
    }
}

fn unreachable(error: &(dyn std::error::Error + 'static)) -> AccessDenied {
    tracing::error!(error = %chain(error), "the organisation's sign-in cannot be used");
    AccessDenied::Unavailable
}

fn not_vouched(error: &(dyn std::error::Error + 'static)) -> AccessDenied {
    refused("id_token", "invalid");
    tracing::warn!(error = %chain(error), "the organisation's sign-in vouches for nobody");
    AccessDenied::NotVouchedFor
}

impl Access {
    /// What the organisation calls its own sign-in; nothing where there is none.
    #[must_use]
    pub fn oidc_name(&self) -> Option<&str> {
        self.inner.config.provider.as_ref().map(OidcProvider::name)
    }

    /// Begins signing in through the organisation's provider; `to` is the page wanted afterwards.
    ///
    /// # Errors
    /// `WayOff` where none is configured; `TooManyAttempts`; `Unavailable` when it does not answer.
    pub async fn begin_oidc(&self, to: &str, from: impl Into<Visitor>) -> Result<OidcStart, AccessDenied> {
        let inner = &self.inner;
        let provider = inner.config.provider.as_ref().ok_or(AccessDenied::WayOff)?;
        let now = inner.clock.now();
        let too_many = |seconds| AccessDenied::TooManyAttempts { seconds };
        inner.pace.step(pace::OIDC_STARTS, &household(from.into().address), now).map_err(too_many)?;
        let (cookie, id) = secret::secret()?;
        let (state, _) = secret::secret()?;
        let (nonce, _) = secret::secret()?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let to = local(to).to_owned();
        let body = Body { state, nonce, verifier: verifier.into_secret(), to };
        let shown = (body.state.clone(), body.nonce.clone());
        let address = provider.clone().address(inner.outbox.link(CALLBACK), shown, challenge, now);
        let address = address.boxed().await?;
        let bytes = serde_json::to_vec(&body).map_err(|_| AccessDenied::Unavailable)?;
        let expires = now + LIFE;
        let pass = NewPass { kind: PASS, id, person: None, body: &bytes, tries: 1, now, expires };
        inner.vault.put_pass(&pass).await?;
        Ok(OidcStart { to: address, cookie })
    }

    /// Signs in whoever comes back from the provider with the cookie they left with.
    ///
    /// # Errors
    /// `WayOff`; `ChallengeEnded` when this browser was not sent there, too late or twice; `NotVouchedFor` when the
    /// provider's word does not hold, or is about nobody of ours; `Unavailable`.
    pub async fn finish_oidc(
        &self,
        cookie: &str,
        state: &str,
        code: &str,
        from: impl Into<Visitor>,
    ) -> Result<OidcReturn, AccessDenied> {
        let inner = &self.inner;
        let provider = inner.config.provider.as_ref().ok_or(AccessDenied::WayOff)?;
        let visitor = from.into();
        let now = inner.clock.now();
        let Some(pass) = inner.vault.take_pass(PASS, &secret::hash(cookie), now).await? else {
            refused("oidc_state", "unknown");
            return Err(AccessDenied::ChallengeEnded);
        };
        let body: Body = serde_json::from_slice(&pass.body).map_err(|_| AccessDenied::Unavailable)?;
        if secret::hash(state) != secret::hash(&body.state) {
            refused("oidc_state", "wrong");
            return Err(AccessDenied::ChallengeEnded);
        }
        let to = body.to.clone();
        let vouched = provider.clone().vouched(inner.outbox.link(CALLBACK), code.to_owned(), body, now);
        let vouched = vouched.boxed().await;
        let vouched = match vouched {
            Err(AccessDenied::NotVouchedFor) => return Err(self.nobody_vouched(None).await),
            other => other?,
        };
        let staff = self.account_of(&provider.config.issuer, &vouched).await?;
        let Some(staff) = staff else { return Err(self.nobody_vouched(None).await) };
        if !inner.directory.member(&staff).is_some_and(|member| member.is_active()) {
            return Err(self.nobody_vouched(Some(&staff)).await);
        }
        counted(Way::Oidc, "signed_in");
        let signed_in = self.start_session(&Person::Staff(staff), &visitor, Way::Oidc).await?;
        Ok(OidcReturn { signed_in, to })
    }

    /// Whose account this is: by the subject, or joined to it now by a verified address.
    async fn account_of(&self, issuer: &str, vouched: &Vouched) -> Result<Option<OperatorId>, AccessDenied> {
        let vault = &self.inner.vault;
        // Subjects are told apart by case too, and blind indices are not.
        let subject = hex::encode(Sha256::digest(format!("{issuer}\n{}", vouched.subject)));
        if let Some(known) = vault.find_identity(SUBJECT, &subject).await? {
            return Ok(Some(OperatorId::trusted(&known)));
        }
        let Some(email) = &vouched.email else { return Ok(None) };
        let Some(known) = vault.find_identity(EMAIL, email).await? else { return Ok(None) };
        let staff = OperatorId::trusted(&known);
        if !self.inner.directory.member(&staff).is_some_and(|member| member.is_active()) {
            // Nothing is joined to whoever has left; that it is theirs is written down by the caller.
            return Ok(Some(staff));
        }
        if !self.has_address(&staff, email).await? {
            return Ok(None);
        }
        if !vault.put_identity(SUBJECT, &subject, &known).await? {
            // Another node has just joined it to somebody: the next sign-in finds whom.
            return Ok(None);
        }
        let command = CommandId::derived(&["account-linked", &known, &subject]);
        let envelope = Envelope::new(command, self.own_actor(&staff, None), subject.as_bytes());
        let linked = staff::Action::LinkAccount { issuer: issuer.to_owned() };
        self.inner.people.staff(&staff, envelope, linked).await?;
        Ok(Some(staff))
    }

    async fn nobody_vouched(&self, staff: Option<&OperatorId>) -> AccessDenied {
        let reason = if staff.is_some() { Failure::Dismissed } else { Failure::NotVouchedFor };
        self.note_failure(Failed { staff, way: Way::Oidc, reason, locked: None }).await;
        AccessDenied::NotVouchedFor
    }
}

/// A page of ours to go to, and nowhere else: an address with a host, in whatever disguise, becomes the start page.
fn local(to: &str) -> &str {
    let is_path = to.starts_with('/') && !to.starts_with("//");
    let is_plain = to.len() <= 200 && to.chars().all(|it| it.is_ascii_graphic() && it != '\\');
    if is_path && is_plain { to } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_house_after_signing_in() {
        assert_eq!(local("/operator?window=w1"), "/operator?window=w1");
        for elsewhere in [
            "",
            "operator",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\r\nSet-Cookie: a=b",
            "/\t/evil.example",
        ] {
            assert_eq!(local(elsewhere), "/", "{elsewhere:?}");
        }
    }
}
