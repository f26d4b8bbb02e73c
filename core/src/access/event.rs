//! What went wrong at the doors. Nobody's name, address or secret stands here.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::OperatorId;

/// By which way somebody came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    Password,
    /// Six digits of an authenticator.
    Totp,
    RecoveryCode,
    /// A link sent by mail to whoever forgot the password.
    Recovery,
    Invitation,
    /// The organisation's own sign-in.
    Oidc,
    PhoneCode,
    EmailCode,
    Qr,
    /// An outside authentication service told of a token.
    OutsideService,
    /// The one-time link of a new installation.
    SetUp,
}

impl Way {
    /// As it stands in facts and figures.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
            Self::Recovery => "recovery",
            Self::Invitation => "invitation",
            Self::Oidc => "oidc",
            Self::PhoneCode => "phone_code",
            Self::EmailCode => "email_code",
            Self::Qr => "qr",
            Self::OutsideService => "outside_service",
            Self::SetUp => "set_up",
        }
    }
}

/// Why nobody was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The secret is not theirs; without `staff` also: there is no such account.
    WrongDetails,
    /// What was shown was good once and has been used.
    Replayed,
    /// What was shown is unknown, ran out, or was tried too often.
    Expired,
    /// Right, but they do not belong to the staff any more.
    Dismissed,
    /// Another house vouched for somebody we do not know, or its word does not hold.
    NotVouchedFor,
}

impl Failure {
    /// As it stands in facts and figures.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::WrongDetails => "wrong_details",
            Self::Replayed => "replayed",
            Self::Expired => "expired",
            Self::Dismissed => "dismissed",
            Self::NotVouchedFor => "not_vouched_for",
        }
    }
}

/// Somebody wanted in and was not let in. Under a flood only so many are written each minute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignInFailed {
    /// Whose account it was, where it was a known one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff: Option<OperatorId>,
    pub way: Way,
    pub reason: Failure,
    /// How many failures before this one were counted and not written.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unwritten: u32,
}

/// After this many misses an account lets nobody try again before `until`. Recorded for accounts that do not exist too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountLocked {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff: Option<OperatorId>,
    pub way: Way,
    pub until: DateTime<Utc>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form serde asks for")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}
