//! Who sent a request, and from where: extractors for handlers.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRef, FromRequestParts},
    http::request::Parts,
};
use http::{HeaderMap, header};

use super::{Access, AccessDenied, Principal, Visitor};
use crate::{
    doors::admission::Known,
    http::{
        cookies,
        problem::{Code, Problem},
    },
};

/// Whoever sent this request: a member of staff by a Bearer token, a device by its cookie, or nobody. A token that is no
/// good is an error and not nobody, so that a client knows to renew it.
#[derive(Debug, Clone)]
pub struct Caller(pub Principal);

impl<S> FromRequestParts<S> for Caller
where
    Access: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // Whoever came in by the door was looked at there already.
        if let Some(Known(known)) = parts.extensions.get::<Known>() {
            return known.clone().map(Self).map_err(Problem::from);
        }
        Ok(Self(Access::from_ref(state).caller(&parts.headers).await?))
    }
}

/// The address a request came from: of the socket, or of the one before a trusted proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl<S> FromRequestParts<S> for ClientAddress
where
    Access: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Self::of(parts, Access::from_ref(state).config().trust_proxy))
    }
}

impl ClientAddress {
    pub(crate) fn of(parts: &Parts, trust_proxy: bool) -> Self {
        let socket = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|it| it.0.ip());
        let told = trust_proxy.then(|| forwarded_for(&parts.headers)).flatten();
        Self(told.or(socket).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
    }
}

/// Where a request came from and by which browser: for those who are about to sign in.
impl<S> FromRequestParts<S> for Visitor
where
    Access: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let ClientAddress(address) = ClientAddress::from_request_parts(parts, state).await?;
        let agent = parts.headers.get(header::USER_AGENT).and_then(|it| it.to_str().ok());
        Ok(Self::new(address, agent.unwrap_or_default()))
    }
}

impl Access {
    /// Whoever these headers belong to.
    ///
    /// # Errors
    /// `Unauthenticated` for a token that is no good; `Unavailable`.
    pub async fn caller(&self, headers: &HeaderMap) -> Result<Principal, AccessDenied> {
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            let token = value.to_str().ok().and_then(bearer_of).ok_or(AccessDenied::Unauthenticated)?;
            return self.bearer(token).await;
        }
        let device = match cookies::DEVICE.read(self, headers) {
            Some(cookie) => self.device(&cookie).await?,
            None => None,
        };
        Ok(device.map_or_else(Principal::nobody, |device| device.principal()))
    }

    /// Whether these headers name nobody, or somebody who was seen before. Anybody else costs a look into the vault, and
    /// whoever sends them pays for it first.
    pub(crate) fn has_seen(&self, headers: &HeaderMap) -> bool {
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            let token = value.to_str().ok().and_then(bearer_of);
            return token.is_none_or(|token| self.needs_no_look(token));
        }
        cookies::DEVICE.read(self, headers).is_none_or(|cookie| self.has_seen_cookie(&cookie))
    }

    /// Whether the browser came by https, as far as we can know.
    pub(crate) fn came_securely(&self, headers: &HeaderMap) -> bool {
        let config = self.config();
        let told = || headers.get("x-forwarded-proto").is_some_and(|proto| proto.as_bytes() == b"https");
        let to_public = || {
            let asked = headers.get(header::HOST).and_then(|it| it.to_str().ok());
            config
                .public_host
                .as_deref()
                .is_some_and(|it| asked.is_some_and(|asked| asked.eq_ignore_ascii_case(it)))
        };
        config.secure_cookies || (config.trust_proxy && told()) || to_public()
    }
}

/// The token of `Bearer …`, as it also stands in the payload of a socket's `connection_init`.
#[must_use]
pub fn bearer_of(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The last address in the list: the proxy adds it itself, what stands before it anybody may have written.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

impl From<AccessDenied> for Problem {
    fn from(denied: AccessDenied) -> Self {
        match denied {
            AccessDenied::WrongDetails => Self::of(Code::WrongDetails),
            AccessDenied::SessionEnded => Self::of(Code::SessionEnded),
            AccessDenied::Unauthenticated => Self::of(Code::Unauthenticated),
            AccessDenied::TooManyAttempts { seconds } => Self::too_soon(Code::TooManyAttempts, seconds),
            AccessDenied::TooManyRequests { seconds } => Self::too_soon(Code::TooManyRequests, seconds),
            AccessDenied::DeviceUnknown => Self::of(Code::DeviceUnknown),
            AccessDenied::PairingUnknown => Self::of(Code::PairingUnknown),
            AccessDenied::SetupDone => Self::of(Code::SetupDone),
            AccessDenied::WeakPassword { hint } => {
                Self::in_field(Code::WeakPassword, "password").with_hint(hint.code())
            }
            // Whoever signs in answers with the challenge itself; nobody else is asked for one.
            AccessDenied::SecondFactor(_) => Self::of(Code::Unauthenticated),
            AccessDenied::WrongPassword => Self::in_field(Code::WrongPassword, "password"),
            AccessDenied::WrongCode => Self::in_field(Code::WrongCode, "code"),
            AccessDenied::SecondFactorRequired => Self::of(Code::SecondFactorRequired),
            AccessDenied::ChallengeEnded => Self::of(Code::ChallengeEnded),
            AccessDenied::LinkVoid => Self::of(Code::LinkVoid),
            AccessDenied::ProofRequired(puzzle) => Self::proof_required(puzzle),
            AccessDenied::WayOff => Self::of(Code::WayOff),
            AccessDenied::NotVouchedFor => Self::of(Code::NotVouchedFor),
            AccessDenied::QrWaiting => Self::of(Code::QrWaiting),
            AccessDenied::QrEnded => Self::of(Code::QrEnded),
            AccessDenied::NotFound => Self::of(Code::NotFound),
            AccessDenied::MailOff => Self::of(Code::MailOff),
            AccessDenied::SmsOff => Self::of(Code::SmsOff),
            AccessDenied::Malformed { field } => Self::malformed(field),
            AccessDenied::Refused(refusal) => refusal.into(),
            AccessDenied::Unavailable => Self::of(Code::Unavailable),
        }
    }
}
