//! What is known of a member of staff. Names and addresses are sealed; secrets are not events at all.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{BranchId, ServiceId},
    sealed::Sealed,
};

/// What a person may do. The codes are used everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Operator,
    Head,
    Admin,
    Analyst,
    Auditor,
}

impl Role {
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Head => "head",
            Self::Admin => "admin",
            Self::Analyst => "analyst",
            Self::Auditor => "auditor",
        }
    }
}

/// Where a role holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "of")]
pub enum Scope {
    Organisation,
    Branches { branches: Vec<BranchId> },
}

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
}

/// A person no longer acts in a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleWithdrawn {
    pub role: Role,
}

/// The services this person can give; what remains after positions are resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SkillsSet {
    pub skills: Vec<ServiceId>,
}

/// The password is another one; the secret itself is not an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasswordChanged {}

/// Somebody signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionStarted {
    pub session: String,
}

/// A sign-in ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionRevoked {
    pub session: String,
    /// `signed_out`, `refresh_reused`, `dismissed`.
    pub reason: String,
}

/// A person no longer belongs to the staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StaffDismissed {}
