//! The second factor of staff: six digits of an authenticator (TOTP, RFC 6238), or one of ten recovery codes. A code is
//! good once, in one process of all: the vault says whose was first.

use chrono::{DateTime, TimeDelta, Utc};
use qrcode::{QrCode, render::svg};
use talon_core::{
    access::event::{Failure, Way},
    dispatch::Envelope,
    fact::Actor,
    ids::{CommandId, OperatorId},
    staff,
};
use talon_storage::vault::{NewPass, SecondFactor};
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

use super::{
    Access, AccessDenied, SignedIn, Visitor,
    failures::{Failed, counted},
    lockout::{self, household},
    person::Person,
    secret,
};
use crate::outbox::LetterKind;

/// How long the second step of a sign-in may take.
const CHALLENGE_LIFE: TimeDelta = TimeDelta::minutes(5);
/// How often one challenge may be answered wrongly.
const TRIES: u32 = 5;
const CHALLENGE: &str = "second-factor";
/// An offered secret must be confirmed within so long.
const OFFER_LIFE: TimeDelta = TimeDelta::minutes(15);
const RECOVERY_CODES: usize = 10;
const ISSUER: &str = "Talon";
/// Read aloud and typed in without mistakes: no 0, 1, I, L, O, U.
const LETTERS: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The password was right; this asks for the second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    pub challenge: String,
    pub expires_at: DateTime<Utc>,
}

/// What an authenticator takes in.
#[derive(Clone)]
pub struct Offer {
    /// Base32, for typing in.
    pub secret: String,
    pub uri: String,
    /// The same as a picture.
    pub qr: String,
}

impl std::fmt::Debug for Offer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Offer(***)")
    }
}

/// Whether somebody has a second factor, and how many ways around its loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondFactorState {
    pub enabled: bool,
    /// They may not be without.
    pub required: bool,
    pub recovery_codes_left: u32,
}

/// By what a second step was taken.
enum Shown {
    Digits,
    RecoveryCode,
}

impl Access {
    /// Whether this person's password is not enough; then the challenge to answer.
    pub(super) async fn challenge(&self, staff: &OperatorId) -> Result<Option<Challenge>, AccessDenied> {
        let inner = &self.inner;
        let known = inner.vault.second_factor(staff.as_str()).await?;
        if known.is_none_or(|factor| factor.confirmed_at.is_none()) {
            return Ok(None);
        }
        let now = inner.clock.now();
        let (challenge, id) = secret::secret()?;
        let expires_at = now + CHALLENGE_LIFE;
        let person = Some(staff.as_str());
        let pass = NewPass { kind: CHALLENGE, id, person, body: &[], tries: TRIES, now, expires: expires_at };
        inner.vault.put_pass(&pass).await?;
        Ok(Some(Challenge { challenge, expires_at }))
    }

    /// Voids what waits for a second step: it followed from a password that is none any more.
    pub(super) async fn void_challenges(&self, staff: &OperatorId) -> Result<(), AccessDenied> {
        self.inner.vault.forget_passes_of(CHALLENGE, staff.as_str()).await?;
        Ok(())
    }

    /// The second step of a sign-in: the challenge, and a code of the authenticator or a recovery code.
    ///
    /// # Errors
    /// `ChallengeEnded`, `WrongCode`, `TooManyAttempts`, `Unavailable`.
    pub async fn answer_challenge(
        &self,
        challenge: &str,
        code: &str,
        from: impl Into<Visitor>,
    ) -> Result<SignedIn, AccessDenied> {
        let inner = &self.inner;
        let visitor = from.into();
        let home = household(visitor.address);
        let now = inner.clock.now();
        inner.lockout.attempt(lockout::ADDRESS, &home, now).await?;
        let id = secret::hash(challenge);
        let Some(staff) = inner.vault.try_pass(CHALLENGE, &id, now).await?.and_then(|pass| pass.person)
        else {
            self.note_failure(Failed { staff: None, way: Way::Totp, reason: Failure::Expired, locked: None })
                .await;
            return Err(AccessDenied::ChallengeEnded);
        };
        let staff = OperatorId::trusted(&staff);
        let shown = self.check_second_factor(&staff, code).await?;
        // Of two answers to one challenge at once one signs in.
        if inner.vault.take_pass(CHALLENGE, &id, now).await?.is_none() {
            return Err(AccessDenied::ChallengeEnded);
        }
        inner.lockout.take_back(lockout::ADDRESS, &home, now).await?;
        let way = match shown {
            Shown::Digits => Way::Totp,
            Shown::RecoveryCode => Way::RecoveryCode,
        };
        counted(way, "signed_in");
        self.start_session(&Person::Staff(staff), &visitor, way).await
    }

    /// Offers a new second factor; it counts once a code of it was shown.
    ///
    /// # Errors
    /// `Refused` when there is one already; `WrongPassword`, `TooManyAttempts`, `Unavailable`.
    pub async fn offer_second_factor(
        &self,
        staff: &OperatorId,
        password: &str,
    ) -> Result<Offer, AccessDenied> {
        self.check_own_password(staff, password).await?;
        let inner = &self.inner;
        let bytes = Zeroizing::new(secret::random::<20>()?);
        if !inner.vault.offer_second_factor(staff.as_str(), &bytes[..], inner.clock.now()).await? {
            let what = "secondFactor";
            return Err(AccessDenied::Refused(talon_core::refusal::Refusal::AlreadyExists { what }));
        }
        let totp = authenticator(&bytes[..], &self.account_name(staff).await?)?;
        let uri = totp.to_url().map_err(|_| AccessDenied::Unavailable)?;
        let qr = QrCode::new(&uri).map_err(|_| AccessDenied::Unavailable)?;
        let qr = qr.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
        Ok(Offer { secret: totp.secret().to_base32(), uri, qr })
    }

    /// Makes the offered factor count from now on; the recovery codes are shown this once. Other sessions end: they were
    /// begun without it.
    ///
    /// # Errors
    /// `WrongCode` also when nothing was offered or the offer is old; `TooManyAttempts`, `Unavailable`.
    pub async fn confirm_second_factor(
        &self,
        staff: &OperatorId,
        code: &str,
        by: Actor,
    ) -> Result<Vec<String>, AccessDenied> {
        let inner = &self.inner;
        let now = inner.clock.now();
        inner.lockout.attempt(lockout::SECOND_FACTOR, staff.as_str(), now).await?;
        let offered = inner.vault.second_factor(staff.as_str()).await?;
        let is_open = |it: &SecondFactor| it.confirmed_at.is_none() && now - it.created_at < OFFER_LIFE;
        let offered = offered.filter(is_open).ok_or(AccessDenied::WrongCode)?;
        let step = step_of(&offered, code, now)?.ok_or(AccessDenied::WrongCode)?;
        let codes = recovery_codes()?;
        let kept: Vec<_> =
            codes.iter().map(|code| inner.vault.recovery_code_index(staff.as_str(), &bare(code))).collect();
        if !inner.vault.confirm_second_factor(staff.as_str(), step, &kept, now).await? {
            return Err(AccessDenied::WrongCode);
        }
        inner.lockout.forget(lockout::SECOND_FACTOR, staff.as_str()).await?;
        let kept = by.session.clone();
        self.say(staff, by, staff::Action::AddSecondFactor).await?;
        // Whoever else is in has shown a password alone, and would come to hold all that the factor guards.
        self.end_sessions_of(staff.as_str(), kept.as_deref(), "second_factor_added").await?;
        self.bring_news(staff, LetterKind::SecondFactorAdded);
        Ok(codes)
    }

    /// Takes the second factor away: whoever knows the password and a code. Other sessions end.
    ///
    /// # Errors
    /// `SecondFactorRequired` where this person must have one; `WrongPassword`, `WrongCode`, `TooManyAttempts`, `Unavailable`.
    pub async fn remove_second_factor(
        &self,
        staff: &OperatorId,
        password: &str,
        code: &str,
        by: Actor,
    ) -> Result<(), AccessDenied> {
        let member = self.inner.directory.member(staff);
        if member.is_some_and(|it| it.must_have_second_factor() && it.has_second_factor()) {
            return Err(AccessDenied::SecondFactorRequired);
        }
        self.check_own_password(staff, password).await?;
        self.check_second_factor(staff, code).await?;
        let kept = by.session.clone();
        // The log first: an account never opens more easily than it says.
        self.say(staff, by, staff::Action::RemoveSecondFactor).await?;
        self.end_sessions_of(staff.as_str(), kept.as_deref(), "second_factor_removed").await?;
        self.inner.vault.remove_second_factor(staff.as_str()).await?;
        self.bring_news(staff, LetterKind::SecondFactorRemoved);
        Ok(())
    }

    /// Takes the second factor of somebody who lost authenticator and recovery codes away, ends their sessions and tells
    /// them. Whoever calls this has asked for `MANAGE_STAFF` and has seen the person. An old press again takes nothing
    /// away that was added since.
    ///
    /// # Errors
    /// `Refused` when there is nobody of this id on the staff; `Unavailable`.
    pub async fn reset_second_factor(
        &self,
        staff: &OperatorId,
        by: Actor,
        command: CommandId,
    ) -> Result<(), AccessDenied> {
        let inner = &self.inner;
        let envelope = Envelope::new(command, by, staff.as_str().as_bytes());
        inner.people.staff(staff, envelope, staff::Action::RemoveSecondFactor).await?;
        inner.directory.catch_up(staff).await?;
        if inner.people.has_second_factor(staff).await? {
            return Ok(());
        }
        let known = inner.vault.second_factor(staff.as_str()).await?;
        let was_on = known.is_some_and(|factor| factor.confirmed_at.is_some());
        if was_on {
            self.end_sessions_of(staff.as_str(), None, "second_factor_reset").await?;
        }
        self.void_challenges(staff).await?;
        // Last: until here a press that broke off finds what is left to do.
        inner.vault.remove_second_factor(staff.as_str()).await?;
        if was_on {
            self.bring_news(staff, LetterKind::SecondFactorReset);
        }
        Ok(())
    }

    /// # Errors
    /// `Unavailable`.
    pub async fn second_factor_state(&self, staff: &OperatorId) -> Result<SecondFactorState, AccessDenied> {
        let vault = &self.inner.vault;
        let known = vault.second_factor(staff.as_str()).await?;
        Ok(SecondFactorState {
            enabled: known.is_some_and(|factor| factor.confirmed_at.is_some()),
            required: self.must_have_second_factor(staff),
            recovery_codes_left: vault.recovery_codes_left(staff.as_str()).await?,
        })
    }

    /// Uses a code up. Misses lock the person's second factor for a while, not the password.
    async fn check_second_factor(&self, staff: &OperatorId, code: &str) -> Result<Shown, AccessDenied> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let key = staff.as_str();
        let locked = inner.lockout.attempt(lockout::SECOND_FACTOR, key, now).await?;
        let known = inner.vault.second_factor(key).await?;
        let Some(known) = known.filter(|factor| factor.confirmed_at.is_some()) else {
            return Err(AccessDenied::WrongCode);
        };
        let (way, shown) = match step_of(&known, code, now)? {
            Some(step) if inner.vault.use_step(key, step).await? => (Way::Totp, Ok(Shown::Digits)),
            Some(_) => (Way::Totp, Err(Failure::Replayed)),
            None if bare(code).len() == CODE_LETTERS => {
                let used = inner.vault.use_recovery_code(key, &bare(code)).await?;
                let shown = if used { Ok(Shown::RecoveryCode) } else { Err(Failure::WrongDetails) };
                (Way::RecoveryCode, shown)
            }
            None => (Way::Totp, Err(Failure::WrongDetails)),
        };
        match shown {
            Ok(shown) => {
                inner.lockout.forget(lockout::SECOND_FACTOR, key).await?;
                if matches!(shown, Shown::RecoveryCode) {
                    let left = inner.vault.recovery_codes_left(key).await?;
                    self.say(staff, self.own_actor(staff, None), staff::Action::UseRecoveryCode { left })
                        .await?;
                }
                Ok(shown)
            }
            Err(reason) => {
                self.note_failure(Failed { staff: Some(staff), way, reason, locked }).await;
                Err(AccessDenied::WrongCode)
            }
        }
    }

    fn must_have_second_factor(&self, staff: &OperatorId) -> bool {
        self.inner.directory.member(staff).is_some_and(|it| it.must_have_second_factor())
    }

    /// Writes down a step that happened in the vault; what it changes about the person's rights holds here at once.
    async fn say(&self, staff: &OperatorId, by: Actor, action: staff::Action) -> Result<(), AccessDenied> {
        let command = CommandId(self.inner.clock.new_id());
        let envelope = Envelope::new(command, by, command.0.as_bytes());
        self.inner.people.staff(staff, envelope, action).await?;
        Ok(self.inner.directory.catch_up(staff).await?)
    }

    /// What the authenticator writes beside the code.
    async fn account_name(&self, staff: &OperatorId) -> Result<String, AccessDenied> {
        Ok(self.email_of(staff).await?.unwrap_or_else(|| staff.to_string()))
    }
}

/// SHA-1, six digits, half a minute: what every authenticator understands. One step early or late is forgiven.
fn authenticator(secret: &[u8], account: &str) -> Result<Totp, AccessDenied> {
    let account = account.replace(':', " ");
    let made = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(secret.to_vec())
        .with_account_name(account)
        .with_issuer(Some(ISSUER))
        .build();
    made.map_err(|error| {
        tracing::error!(%error, "a second factor cannot be used");
        AccessDenied::Unavailable
    })
}

/// The step whose digits these are; nothing when they are none of now.
fn step_of(factor: &SecondFactor, code: &str, now: DateTime<Utc>) -> Result<Option<u64>, AccessDenied> {
    let digits: String = code.chars().filter(|it| !it.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return Ok(None);
    }
    let totp = authenticator(&factor.secret, "")?;
    Ok(totp.check(&digits, now.timestamp().unsigned_abs()))
}

/// Letters of a recovery code, without the dash in its middle.
const CODE_LETTERS: usize = 12;

/// Ten codes of 58 bits each, in two halves.
fn recovery_codes() -> Result<Vec<String>, AccessDenied> {
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    while codes.len() < RECOVERY_CODES {
        let mut code = String::with_capacity(CODE_LETTERS + 1);
        while code.len() < CODE_LETTERS + 1 {
            if code.len() == CODE_LETTERS / 2 {
                code.push('-');
            }
            // A byte beyond the last whole round of the alphabet is drawn again: each letter is as likely as another.
            let drawn = usize::from(secret::random::<1>()?[0]);
            if drawn < 240 {
                code.push(char::from(LETTERS[drawn % LETTERS.len()]));
            }
        }
        codes.push(code);
    }
    Ok(codes)
}

/// A recovery code as it is kept, however it was typed.
fn bare(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|it| it.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recovery_codes_are_ten_and_different_and_read_without_doubt() {
        let codes = recovery_codes().expect("codes");
        let different: std::collections::BTreeSet<_> = codes.iter().collect();
        assert_eq!(different.len(), RECOVERY_CODES);
        for code in &codes {
            assert_eq!((code.len(), code.find('-')), (13, Some(6)), "{code}");
            assert_eq!(bare(&code.to_lowercase()), bare(code));
            assert!(!code.contains(['0', '1', 'I', 'L', 'O', 'U']), "{code}");
        }
    }

    #[test]
    fn digits_are_those_of_the_standard() {
        // RFC 6238, appendix B, SHA-1: at 59 s the code is 94287082, of which six digits are shown.
        let secret = Zeroizing::new(b"12345678901234567890".to_vec());
        let at = |second: i64| DateTime::from_timestamp(second, 0).expect("an instant");
        let factor = SecondFactor { secret, created_at: at(0), confirmed_at: None };
        assert_eq!(step_of(&factor, "287082", at(59)), Ok(Some(1)));
        assert_eq!(step_of(&factor, "287 082", at(89)), Ok(Some(1)), "one step late is forgiven");
        assert_eq!(step_of(&factor, "287082", at(120)), Ok(None));
        assert_eq!(step_of(&factor, "28708", at(59)), Ok(None));
        assert_eq!(step_of(&factor, "２８７０８２", at(59)), Ok(None), "digits of another script");
    }
}
