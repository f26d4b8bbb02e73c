//! Signing in on one screen by confirming on another: a kiosk or desktop shows a QR code, a phone that is signed in
//! confirms it, the first screen takes the session. Good for a minute, once. Three secrets are apart: the id in the
//! address, the code in its fragment (for the phone), and the secret that stays with the screen that asks. The new
//! sign-in lasts no longer than the phone's own could.

use chrono::{DateTime, TimeDelta, Utc};
use qrcode::{QrCode, render::svg};
use serde::{Deserialize, Serialize};
use talon_core::{
    access::event::Way,
    ids::{CustomerId, OperatorId},
};
use talon_storage::vault::{NewPass, Pass};
use uuid::Uuid;

use super::{
    Access, AccessDenied, Principal, SignedIn, Visitor, Who,
    failures::{counted, refused},
    lockout::household,
    pace,
    person::Person,
    secret,
};

const QR: &str = "qr";
const LIFE: TimeDelta = TimeDelta::seconds(60);
/// How often a screen that waits looks.
const LOOKED_EVERY: TimeDelta = TimeDelta::milliseconds(500);
/// How often a wrong code may be shown for one id.
const TRIES: u32 = 5;

/// A QR code to show.
#[derive(Clone)]
pub struct QrOffer {
    pub id: String,
    /// Stays with the screen that asks.
    pub secret: String,
    pub url: String,
    pub svg: String,
    pub expires_at: DateTime<Utc>,
}

impl std::fmt::Debug for QrOffer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("QrOffer").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// What a phone is asked to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrAsked {
    /// Browser and system of the screen that asks.
    pub label: String,
    pub asked_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// Where a QR code stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QrState {
    Waiting,
    Confirmed,
    /// The phone said no.
    Refused,
    /// Too late, taken already, or never there.
    Expired,
}

impl QrState {
    /// As it goes over the wire.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Confirmed => "confirmed",
            Self::Refused => "refused",
            Self::Expired => "expired",
        }
    }
}

/// What its pass holds, sealed.
#[derive(Serialize, Deserialize)]
struct Body {
    secret: String,
    code: String,
    label: String,
    state: QrState,
    confirmed: Option<Confirmation>,
}

/// Who let the screen in, and the sign-in they did it from.
#[derive(Clone, Serialize, Deserialize)]
struct Confirmation {
    by: Confirmer,
    session: Uuid,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Confirmer {
    Staff(String),
    Customer(String),
}

impl Access {
    /// A QR code for a screen nobody is signed in at.
    ///
    /// # Errors
    /// `TooManyAttempts`, `Unavailable`.
    pub async fn offer_qr(&self, from: impl Into<Visitor>) -> Result<QrOffer, AccessDenied> {
        let inner = &self.inner;
        let visitor = from.into();
        let now = inner.clock.now();
        let too_many = |seconds| AccessDenied::TooManyAttempts { seconds };
        inner.pace.step(pace::QR_CODES, &household(visitor.address), now).map_err(too_many)?;
        let id = hex::encode(secret::random::<16>()?);
        let code = hex::encode(secret::random::<16>()?);
        let (shown, kept) = secret::secret()?;
        let url = inner.outbox.link(&format!("/login/qr/{id}#{code}"));
        let picture = QrCode::new(&url).map_err(|_| AccessDenied::Unavailable)?;
        let svg = picture.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
        let body = Body {
            secret: hex::encode(kept),
            code: hex::encode(secret::hash(&code)),
            label: visitor.label,
            state: QrState::Waiting,
            confirmed: None,
        };
        let body = bytes(&body)?;
        let expires_at = now + LIFE;
        let pass = NewPass {
            kind: QR,
            id: secret::hash(&id),
            person: None,
            body: &body,
            tries: TRIES,
            now,
            expires: expires_at,
        };
        inner.vault.put_pass(&pass).await?;
        Ok(QrOffer { id, secret: shown, url, svg, expires_at })
    }

    /// Where a QR code stands, for the screen that shows it.
    ///
    /// # Errors
    /// `NotFound` for whoever does not hold its secret; `Unavailable`.
    pub async fn qr_state(&self, id: &str, shown: &str) -> Result<QrState, AccessDenied> {
        match self.qr(id).await? {
            None => Ok(QrState::Expired),
            Some((_, body)) if body.secret == hex::encode(secret::hash(shown)) => Ok(body.state),
            Some(_) => {
                refused("qr", "wrong_secret");
                Err(AccessDenied::NotFound)
            }
        }
    }

    /// Waits until a QR code stands elsewhere than it did.
    ///
    /// # Errors
    /// As `qr_state`.
    pub async fn qr_changed(&self, id: &str, shown: &str, last: QrState) -> Result<QrState, AccessDenied> {
        loop {
            let now = self.qr_state(id, shown).await?;
            if now != last {
                return Ok(now);
            }
            // Another node may have taken the answer in: the vault knows, and is asked for a minute at most.
            let clock = &self.inner.clock;
            clock.sleep_until(clock.now() + LOOKED_EVERY).await;
        }
    }

    /// What asks to be signed in, for the phone that may confirm it.
    ///
    /// # Errors
    /// `QrEnded`, `Unavailable`.
    pub async fn qr_asked(&self, id: &str) -> Result<QrAsked, AccessDenied> {
        let (pass, body) = self.qr(id).await?.ok_or(AccessDenied::QrEnded)?;
        if body.state != QrState::Waiting {
            return Err(AccessDenied::QrEnded);
        }
        Ok(QrAsked { label: body.label, asked_at: pass.created_at, expires_at: pass.expires_at })
    }

    /// The phone's answer: whoever is signed in there lets the other screen in, or does not.
    ///
    /// # Errors
    /// `QrEnded`, also when it was answered before; `WrongCode`; `Unauthenticated` for whoever is nobody, or came by a
    /// token that belongs to no sign-in of this house; `Unavailable`.
    pub async fn answer_qr(
        &self,
        id: &str,
        code: &str,
        by: &Principal,
        confirm: bool,
    ) -> Result<(), AccessDenied> {
        let inner = &self.inner;
        let (by, session) = match &by.who {
            Who::Staff { id, session, .. } => (Confirmer::Staff(id.to_string()), session),
            Who::Customer { id, session, .. } => (Confirmer::Customer(id.to_string()), session),
            Who::Device { .. } | Who::Nobody => return Err(AccessDenied::Unauthenticated),
        };
        let now = inner.clock.now();
        let session = Uuid::parse_str(session).map_err(|_| AccessDenied::Unauthenticated)?;
        if inner.vault.session(session, now).await?.is_none() {
            // What another service let in ends when that service says so; a session of ours would outlive it.
            refused("qr", "no_session");
            return Err(AccessDenied::Unauthenticated);
        }
        let key = secret::hash(id);
        let Some(pass) = inner.vault.try_pass(QR, &key, now).await? else {
            refused("qr", "unknown");
            return Err(AccessDenied::QrEnded);
        };
        let mut body = parsed(&pass)?;
        if body.code != hex::encode(secret::hash(code)) {
            refused("qr", "wrong_code");
            return Err(AccessDenied::WrongCode);
        }
        if body.state != QrState::Waiting {
            refused("qr", "answered_before");
            return Err(AccessDenied::QrEnded);
        }
        body.state = if confirm { QrState::Confirmed } else { QrState::Refused };
        body.confirmed = confirm.then_some(Confirmation { by, session });
        if inner.vault.change_pass(QR, &key, &pass, &bytes(&body)?, now).await? {
            Ok(())
        } else {
            Err(AccessDenied::QrEnded)
        }
    }

    /// Signs the screen in that showed a confirmed QR code; once.
    ///
    /// # Errors
    /// `QrWaiting` while nobody has answered; `QrEnded`, `NotFound`, `Unavailable`.
    pub async fn take_qr(
        &self,
        id: &str,
        shown: &str,
        from: impl Into<Visitor>,
    ) -> Result<SignedIn, AccessDenied> {
        match self.qr_state(id, shown).await? {
            QrState::Confirmed => {}
            QrState::Waiting => return Err(AccessDenied::QrWaiting),
            QrState::Refused | QrState::Expired => {
                refused("qr", "unknown");
                return Err(AccessDenied::QrEnded);
            }
        }
        let inner = &self.inner;
        let taken = inner.vault.take_pass(QR, &secret::hash(id), inner.clock.now()).await?;
        let confirmed = taken.as_ref().map(parsed).transpose()?.and_then(|body| body.confirmed);
        let Confirmation { by, session } = confirmed.ok_or(AccessDenied::QrEnded)?;
        let Some(standing) = inner.vault.session(session, inner.clock.now()).await? else {
            refused("qr", "session_ended");
            return Err(AccessDenied::QrEnded);
        };
        let person = match by {
            Confirmer::Staff(id) => Person::Staff(OperatorId::trusted(&id)),
            Confirmer::Customer(id) => Person::Customer(CustomerId::trusted(&id)),
        };
        counted(Way::Qr, "signed_in");
        self.start_session_until(&person, &from.into(), Way::Qr, standing.expires_at).await
    }

    async fn qr(&self, id: &str) -> Result<Option<(Pass, Body)>, AccessDenied> {
        let inner = &self.inner;
        let found = inner.vault.pass(QR, &secret::hash(id), inner.clock.now()).await?;
        found.map(|pass| parsed(&pass).map(|body| (pass, body))).transpose()
    }
}

fn bytes(body: &Body) -> Result<Vec<u8>, AccessDenied> {
    serde_json::to_vec(body).map_err(|_| AccessDenied::Unavailable)
}

fn parsed(pass: &Pass) -> Result<Body, AccessDenied> {
    serde_json::from_slice(&pass.body).map_err(|_| AccessDenied::Unavailable)
}
