//! Customers sign in with six digits sent to a phone or an address of theirs. Nothing is looked up before the digits were
//! shown: whoever asks for a code learns nothing about who is known here. The first code that is right registers. By the
//! same digits a customer proves a further contact; a code for one is none for the other.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use talon_core::{
    access::event::{Failure, Way},
    customer::event::ContactKind,
    ids::{CommandId, CustomerId},
};
use talon_storage::vault::NewPass;
use talon_texts::Language;

use super::{
    Access, AccessDenied, SignedIn, Visitor,
    failures::{Failed, counted, refused},
    lockout::{self, household},
    person::Person,
    secret,
};
use crate::doors::{limits, proof::Proof};
use crate::outbox::{Letter, LetterKind, Text, TextKind};

/// What the digits are good for: the kind of the pass.
const SIGN_IN: &str = "code";
const CONTACT: &str = "contact code";
/// Of the keyed hash of the digits.
const CODE: &str = "code";
/// How long a code is good.
const LIFE: TimeDelta = TimeDelta::minutes(5);
/// How often one code may be typed wrongly.
const TRIES: u32 = 5;

/// A code is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeSent {
    pub challenge: String,
    pub expires_at: DateTime<Utc>,
    /// Before that, no other code is sent there.
    pub resend_after_s: u32,
}

/// What a pass for a code holds, sealed.
#[derive(Serialize, Deserialize)]
struct Body {
    kind: Kind,
    value: String,
    /// Keyed: six digits are soon tried out.
    code: String,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Phone,
    Email,
}

impl Kind {
    fn contact(self) -> ContactKind {
        match self {
            Self::Phone => ContactKind::Phone,
            Self::Email => ContactKind::Email,
        }
    }

    fn way(self) -> Way {
        match self {
            Self::Phone => Way::PhoneCode,
            Self::Email => Way::EmailCode,
        }
    }
}

impl Access {
    /// Sends six digits to a phone or an address, the same way whether anybody is known by it or not.
    ///
    /// # Errors
    /// `Malformed`; `SmsOff`, `MailOff`; `ProofRequired` while many ask; `TooManyAttempts` until another code may be sent
    /// there; `TooManyRequests`, `Unavailable`.
    pub async fn send_code(
        &self,
        kind: ContactKind,
        value: &str,
        language: Language,
        proof: Option<&Proof>,
        from: impl Into<Visitor>,
    ) -> Result<CodeSent, AccessDenied> {
        self.send_digits((SIGN_IN, None), (kind, value), language, proof, from.into()).await
    }

    /// Sends six digits to a phone or an address that a customer wants to be known by too, the same way whether anybody
    /// is known by it or not.
    ///
    /// # Errors
    /// As `send_code`.
    pub async fn send_contact_code(
        &self,
        customer: &CustomerId,
        contact: (ContactKind, &str),
        language: Language,
        proof: Option<&Proof>,
        from: impl Into<Visitor>,
    ) -> Result<CodeSent, AccessDenied> {
        self.send_digits((CONTACT, Some(customer.as_str())), contact, language, proof, from.into()).await
    }

    async fn send_digits(
        &self,
        (purpose, person): (&'static str, Option<&str>),
        (kind, value): (ContactKind, &str),
        language: Language,
        proof: Option<&Proof>,
        visitor: Visitor,
    ) -> Result<CodeSent, AccessDenied> {
        let inner = &self.inner;
        let kind = match kind {
            ContactKind::Phone if !inner.outbox.has_sms() => return Err(AccessDenied::SmsOff),
            ContactKind::Email if !inner.outbox.has_mail() => return Err(AccessDenied::MailOff),
            ContactKind::Phone => Kind::Phone,
            ContactKind::Email => Kind::Email,
            ContactKind::Messenger => return Err(AccessDenied::Malformed { field: "kind" }),
        };
        let value = inner.customers.normalise(kind.contact(), value)?;
        let now = inner.clock.now();
        let key = self.wait_key(kind, &value);
        inner.proofs.admit(visitor.address, &value, proof).map_err(AccessDenied::ProofRequired)?;
        inner.limits.check_address(limits::Kind::Codes, visitor.address)?;
        let until = inner.lockout.attempt(lockout::CODES_TO, &key, now).await?;
        inner.limits.check(limits::Kind::Phone, &value)?;
        let (challenge, id) = secret::secret()?;
        let digits = secret::digits()?;
        let code = self.code_index(&challenge, &digits);
        let body = Body { kind, value, code };
        let bytes = serde_json::to_vec(&body).map_err(|_| AccessDenied::Unavailable)?;
        let expires_at = now + LIFE;
        let pass =
            NewPass { kind: purpose, id, person, body: &bytes, tries: TRIES, now, expires: expires_at };
        inner.vault.put_pass(&pass).await?;
        let (cause, to, not_after) = (inner.clock.new_id(), body.value.as_str(), expires_at);
        match kind {
            Kind::Phone => {
                let what = match purpose {
                    CONTACT => TextKind::ContactCode { code: &digits },
                    _ => TextKind::SignInCode { code: &digits },
                };
                inner.outbox.sms(Text { cause, to, language, what, not_after, person: None }).await?
            }
            Kind::Email => {
                let what = match purpose {
                    CONTACT => LetterKind::ContactCode { code: &digits },
                    _ => LetterKind::SignInCode { code: &digits },
                };
                inner.outbox.mail(Letter { cause, to, language, what, not_after, person: None }).await?
            }
        };
        counted(kind.way(), "sent");
        let wait = until.map_or(0, |until| u32::try_from((until - now).num_seconds()).unwrap_or(0));
        Ok(CodeSent { challenge, expires_at, resend_after_s: wait })
    }

    /// Signs in whoever shows the digits that were sent; who is not known yet is registered by them.
    ///
    /// # Errors
    /// `ChallengeEnded`, `WrongCode`, `TooManyAttempts`, `Unavailable`.
    pub async fn confirm_code(
        &self,
        challenge: &str,
        digits: &str,
        from: impl Into<Visitor>,
    ) -> Result<SignedIn, AccessDenied> {
        let visitor = from.into();
        let body = self.take_digits((SIGN_IN, None), challenge, digits, &visitor).await?;
        let customer = self.inner.customers.by_contact(body.kind.contact(), &body.value).await?;
        counted(body.kind.way(), "signed_in");
        self.start_session(&Person::Customer(customer), &visitor, body.kind.way()).await
    }

    /// Makes a contact theirs whose digits a customer shows. Whose it was before is told to nobody but its holder.
    ///
    /// # Errors
    /// `ChallengeEnded`, also for the challenge of somebody else; `WrongCode`; `Refused` when another customer is known
    /// by it, or this one by too many; `TooManyAttempts`, `Unavailable`.
    pub async fn confirm_contact(
        &self,
        customer: &CustomerId,
        challenge: &str,
        digits: &str,
        from: impl Into<Visitor>,
    ) -> Result<(), AccessDenied> {
        let purpose = (CONTACT, Some(customer.as_str()));
        let body = self.take_digits(purpose, challenge, digits, &from.into()).await?;
        let command = CommandId(self.inner.clock.new_id());
        self.inner.customers.add_contact(customer, body.kind.contact(), &body.value, command).await
    }

    /// Uses up a code whose digits are right.
    async fn take_digits(
        &self,
        (purpose, person): (&'static str, Option<&str>),
        challenge: &str,
        digits: &str,
        visitor: &Visitor,
    ) -> Result<Body, AccessDenied> {
        let inner = &self.inner;
        let home = household(visitor.address);
        let now = inner.clock.now();
        inner.lockout.attempt(lockout::ADDRESS, &home, now).await?;
        let id = secret::hash(challenge);
        let Some(pass) =
            inner.vault.try_pass(purpose, &id, now).await?.filter(|it| it.person.as_deref() == person)
        else {
            refused("challenge", "unknown");
            return Err(AccessDenied::ChallengeEnded);
        };
        let body: Body = serde_json::from_slice(&pass.body).map_err(|_| AccessDenied::Unavailable)?;
        let digits: String = digits.chars().filter(|it| !it.is_whitespace()).collect();
        // Both sides are keyed hashes: how long the comparison takes tells nothing.
        if self.code_index(challenge, &digits) != body.code {
            let (way, reason) = (body.kind.way(), Failure::WrongDetails);
            self.note_failure(Failed { staff: None, way, reason, locked: None }).await;
            return Err(AccessDenied::WrongCode);
        }
        // Of two who show it at once one signs in.
        if inner.vault.take_pass(purpose, &id, now).await?.is_none() {
            refused("challenge", "replayed");
            return Err(AccessDenied::ChallengeEnded);
        }
        inner.lockout.take_back(lockout::ADDRESS, &home, now).await?;
        inner.lockout.forget(lockout::CODES_TO, &self.wait_key(body.kind, &body.value)).await?;
        Ok(body)
    }

    /// Under which the waits between codes to one phone or address are counted.
    fn wait_key(&self, kind: Kind, value: &str) -> String {
        hex::encode(self.inner.customers.index(kind.contact(), value).0)
    }

    fn code_index(&self, challenge: &str, digits: &str) -> String {
        hex::encode(self.inner.vault.blind_index(CODE, &format!("{challenge} {digits}")).0)
    }
}
