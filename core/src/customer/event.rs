//! What is known of a customer. Whatever says who they are is sealed; which visits were theirs is not here at all: a
//! stream that named tickets would join them for ever.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ids::PurposeId, sealed::Sealed};

/// A way to reach somebody, and to know them again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContactKind {
    Phone,
    Email,
    /// An account of a messenger.
    Messenger,
}

impl ContactKind {
    /// The code in facts and on the wire.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Messenger => "messenger",
        }
    }
}

/// What was shown of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PersonalField {
    Name,
    Phone,
    Email,
    Messenger,
}

/// Why personal data were shown. A closed list: free words about a person would be personal themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevealReason {
    /// The person asked for it.
    Request,
    Complaint,
    /// Somebody's health or property is at stake.
    Safety,
    /// A law or a court demands it.
    Legal,
    /// Something is wrong with the data or with the house's own work.
    Support,
}

/// Who had a person erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErasedBy {
    Customer,
    Staff,
    /// Nobody has seen them for as long as the house keeps people.
    Retention,
    /// They had been erased when an older backup was restored.
    Restore,
}

/// Why a person was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EraseReason {
    /// The person wished it.
    Request,
    Legal,
    /// Registered by mistake, or twice.
    Mistake,
    /// Not seen for so long.
    Retention,
    /// Applied again after a restore.
    Restore,
}

/// Somebody has become known to the house, under a pseudonym.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CustomerRegistered {}

/// A customer has proven that this phone, address or account is theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContactAdded {
    /// Names the contact within this customer's stream; says nothing of its value.
    pub contact: String,
    pub kind: ContactKind,
    pub value: Sealed,
}

/// A customer is no longer reached there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContactRemoved {
    pub contact: String,
    pub kind: ContactKind,
}

/// What a customer is called and which language they read; absent means neither known nor wanted, unless it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProfileChanged {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What stays as it was: two changes at once, of different things, both count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<ProfilePart>,
}

/// A thing a customer says of themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProfilePart {
    Name,
    Language,
}

/// A customer agrees that their data are used for this, having read this version of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConsentGiven {
    pub purpose: PurposeId,
    pub text_version: u32,
}

/// A customer agrees no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConsentWithdrawn {
    pub purpose: PurposeId,
    /// Of the text agreed to before.
    pub text_version: u32,
}

/// A customer signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionStarted {
    pub session: String,
}

/// A customer's sign-in ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionRevoked {
    pub session: String,
    /// `signed_out`, `refresh_reused`, `erased`.
    pub reason: String,
}

/// Somebody on the staff is about to see who this is. Recorded before anything is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonalDataRevealed {
    pub fields: Vec<PersonalField>,
    pub reason: RevealReason,
    /// The ticket they were found by, sealed: it must not join visits after the person is erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Sealed>,
}

/// A customer took a copy of everything known of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DataExported {}

/// Nobody can tell any more who this was: their keys are destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CustomerErased {
    pub by: ErasedBy,
    pub reason: EraseReason,
}
