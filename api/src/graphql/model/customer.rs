//! Customers: as they see themselves, and as a pseudonym for everybody else.

use async_graphql::{Enum, SimpleObject};
use chrono::{DateTime, Utc};
use serde::Serialize;
use talon_core::customer::event as facts;
use uuid::Uuid;

use super::{LocalText, int, ticket::TicketState};
use crate::{
    customers,
    graphql::scalar::{BranchCode, CustomerId, PurposeCode},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize)]
pub enum ContactKind {
    Phone,
    Email,
    Messenger,
}

impl From<facts::ContactKind> for ContactKind {
    fn from(kind: facts::ContactKind) -> Self {
        match kind {
            facts::ContactKind::Phone => Self::Phone,
            facts::ContactKind::Email => Self::Email,
            facts::ContactKind::Messenger => Self::Messenger,
        }
    }
}

impl From<ContactKind> for facts::ContactKind {
    fn from(kind: ContactKind) -> Self {
        match kind {
            ContactKind::Phone => Self::Phone,
            ContactKind::Email => Self::Email,
            ContactKind::Messenger => Self::Messenger,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize)]
pub enum PersonalField {
    Name,
    Phone,
    Email,
    Messenger,
}

impl From<PersonalField> for facts::PersonalField {
    fn from(field: PersonalField) -> Self {
        match field {
            PersonalField::Name => Self::Name,
            PersonalField::Phone => Self::Phone,
            PersonalField::Email => Self::Email,
            PersonalField::Messenger => Self::Messenger,
        }
    }
}

/// Why personal data are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize)]
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

impl From<RevealReason> for facts::RevealReason {
    fn from(reason: RevealReason) -> Self {
        match reason {
            RevealReason::Request => Self::Request,
            RevealReason::Complaint => Self::Complaint,
            RevealReason::Safety => Self::Safety,
            RevealReason::Legal => Self::Legal,
            RevealReason::Support => Self::Support,
        }
    }
}

/// Why a customer is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize)]
pub enum EraseReason {
    /// The person wished it.
    Request,
    Legal,
    /// Registered by mistake, or twice.
    Mistake,
}

impl From<EraseReason> for facts::EraseReason {
    fn from(reason: EraseReason) -> Self {
        match reason {
            EraseReason::Request => Self::Request,
            EraseReason::Legal => Self::Legal,
            EraseReason::Mistake => Self::Mistake,
        }
    }
}

/// A way to reach a customer, as they see it themselves.
#[derive(Debug, Clone, SimpleObject)]
pub struct Contact {
    pub id: String,
    pub kind: ContactKind,
    pub value: String,
    pub added_at: DateTime<Utc>,
}

/// What a customer agreed to.
#[derive(Debug, Clone, SimpleObject)]
pub struct Consent {
    pub purpose: PurposeCode,
    pub text_version: i32,
    pub given_at: DateTime<Utc>,
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// A ticket of one's own.
#[derive(Debug, Clone, SimpleObject)]
pub struct Visit {
    pub ticket_id: Uuid,
    pub number: String,
    pub branch: BranchCode,
    /// `yyyy-mm-dd`
    pub business_day: String,
    pub state: TicketState,
    pub issued_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    /// Of the ticket's page, `/t/…`.
    pub token: String,
}

/// Everything a customer sees of themselves.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Account {
    pub id: CustomerId,
    pub registered_at: DateTime<Utc>,
    pub name: Option<String>,
    pub language: Option<String>,
    pub contacts: Vec<Contact>,
    pub consents: Vec<Consent>,
}

impl From<customers::Profile> for Account {
    fn from(profile: customers::Profile) -> Self {
        let contact = |it: customers::KnownContact| Contact {
            id: it.id,
            kind: it.kind.into(),
            value: it.value,
            added_at: it.added_at,
        };
        Self {
            id: CustomerId(profile.id),
            registered_at: profile.registered_at,
            name: profile.name,
            language: profile.language,
            contacts: profile.contacts.into_iter().map(contact).collect(),
            consents: profile.consents.into_iter().map(consent).collect(),
        }
    }
}

/// A customer as a pseudonym: nothing that says who it is.
#[derive(Debug, Clone, SimpleObject)]
pub struct Customer {
    pub id: CustomerId,
    pub registered_at: DateTime<Utc>,
    pub erased: bool,
    pub contact_kinds: Vec<ContactKind>,
    pub consents: Vec<Consent>,
}

impl From<customers::Pseudonym> for Customer {
    fn from(known: customers::Pseudonym) -> Self {
        Self {
            id: CustomerId(known.id),
            registered_at: known.registered_at,
            erased: known.erased,
            contact_kinds: known.contacts.into_iter().map(ContactKind::from).collect(),
            consents: known.consents.into_iter().map(consent).collect(),
        }
    }
}

fn consent((purpose, it): (talon_core::ids::PurposeId, talon_core::customer::Consent)) -> Consent {
    Consent {
        purpose: PurposeCode(purpose),
        text_version: int(it.text_version),
        given_at: it.given_at,
        withdrawn_at: it.withdrawn_at,
    }
}

/// What was shown of somebody; only what was asked for.
#[derive(Clone, SimpleObject)]
pub struct Revealed {
    pub name: Option<String>,
    pub phones: Vec<String>,
    pub emails: Vec<String>,
    pub messengers: Vec<String>,
}

impl std::fmt::Debug for Revealed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Revealed(***)")
    }
}

impl From<customers::Revealed> for Revealed {
    fn from(revealed: customers::Revealed) -> Self {
        let customers::Revealed { name, phones, emails, messengers } = revealed;
        Self { name, phones, emails, messengers }
    }
}

/// What people are asked to agree to.
#[derive(Debug, Clone, SimpleObject)]
pub struct ConsentText {
    pub purpose: PurposeCode,
    pub version: i32,
    pub text: LocalText,
    /// Without it the house cannot serve somebody under their name.
    pub required: bool,
}
