//! What is known of a member of staff. Names and addresses are sealed; secrets are not events at all.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::role::{Role, Scope};
use crate::{
    access::event::Way,
    customer::event::{PersonalField, RevealReason},
    ids::ServiceId,
    sealed::Sealed,
};

/// Somebody joined the staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StaffAdded {
    pub name: Sealed,
    pub email: Sealed,
}

/// A person acts in a role from now on; a new scope replaces the old one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleGranted {
    pub role: Role,
    pub scope: Scope,
    /// Where the role held before, when it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Scope>,
}

/// A person no longer acts in a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleWithdrawn {
    pub role: Role,
    /// Where the role held. Absent in the first version of this event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Scope>,
}

/// The services this person can give, besides those of their positions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SkillsSet {
    pub skills: Vec<ServiceId>,
    /// Absent when nothing had been set, and in the first version of this event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub was: Vec<ServiceId>,
}

/// The positions this person works in; what each of them can do stands with the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PositionsAssigned {
    pub positions: Vec<String>,
    pub was: Vec<String>,
}

/// A person's name or address is another one; what did not change is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StaffChanged {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Sealed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Sealed>,
    pub was: FormerDetails,
}

/// The values before, sealed anew with the fact that replaces them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FormerDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Sealed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Sealed>,
}

/// Somebody was sent a link to choose a password with; the link itself is not an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StaffInvited {}

/// The password is another one; the secret itself is not an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasswordChanged {
    /// Absent where an administrator or an older build set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<PasswordChange>,
}

/// On what a new password was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PasswordChange {
    /// The old one was shown.
    Changed,
    /// A link sent by mail was shown.
    Recovered,
    /// The first one, by the link of an invitation.
    Invited,
}

/// Somebody signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionStarted {
    pub session: String,
    /// Absent in older facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<Way>,
}

/// A sign-in ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionRevoked {
    pub session: String,
    /// `signed_out`, `signed_out_everywhere`, `revoked`, `password_changed`, `refresh_reused`, `dismissed`.
    pub reason: String,
}

/// A colleague is about to see who this is. Recorded before anything is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonalDataRevealed {
    pub fields: Vec<PersonalField>,
    pub reason: RevealReason,
}

/// A person no longer belongs to the staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StaffDismissed {
    /// Free text about a person: sealed under their key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Sealed>,
}

/// Signing in by password asks for a second factor from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecondFactorAdded {}

/// Signing in asks for the password alone from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecondFactorRemoved {}

/// A recovery code took the place of the second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecoveryCodeUsed {
    /// How many are left.
    pub left: u32,
}

/// The organisation's own sign-in vouches for this person from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountLinked {
    /// The issuer that vouches.
    pub issuer: String,
}
