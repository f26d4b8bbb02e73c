//! One customer who let themselves be known, in `customer-{id}`: contacts and name (sealed), consents, sign-ins, who
//! was shown their data, and that they were erased. After that nothing follows any more.
//!
//! It never names a ticket: a visit has a key of its own, and only the vault knows whose it is.

pub mod event;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use self::event::{
    ConsentGiven, ConsentWithdrawn, ContactAdded, ContactKind, ContactRemoved, CustomerErased,
    CustomerRegistered, DataExported, EraseReason, ErasedBy, PersonalDataRevealed, PersonalField,
    ProfileChanged, ProfilePart, RevealReason, SessionRevoked, SessionStarted,
};
use crate::{
    aggregate::{Aggregate, Happened, Request},
    event_store::StreamId,
    ids::{CommandId, CustomerId, PurposeId},
    queue_event::{CustomerEvent, Event},
    refusal::Refusal,
    sealed::Sealed,
};

/// More ways to reach one person are a mistake or an attack.
const MOST_CONTACTS: u8 = 10;

/// What can be asked of a customer's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Becomes known by a first contact.
    Register {
        contact: String,
        kind: ContactKind,
        value: Sealed,
    },
    AddContact {
        contact: String,
        kind: ContactKind,
        value: Sealed,
    },
    RemoveContact {
        contact: String,
    },
    /// What is absent stays as it is.
    ChangeProfile {
        name: Option<Naming>,
        language: Option<String>,
    },
    /// Whether such a text was published is known before.
    GiveConsent {
        purpose: PurposeId,
        text_version: u32,
    },
    WithdrawConsent {
        purpose: PurposeId,
    },
    StartSession {
        session: String,
    },
    RevokeSession {
        session: String,
        reason: String,
    },
    Reveal {
        fields: Vec<PersonalField>,
        reason: RevealReason,
        ticket: Option<Sealed>,
    },
    Export,
    Erase {
        by: ErasedBy,
        reason: EraseReason,
    },
}

/// What a customer wants to be called from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Naming {
    Called(Sealed),
    Nameless,
}

/// A sealed value with the command it is bound to: both are needed to open it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Personal {
    pub sealed: Sealed,
    pub command: CommandId,
}

/// A way to reach a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub kind: ContactKind,
    pub value: Personal,
    pub added_at: DateTime<Utc>,
}

/// What a customer agreed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    pub text_version: u32,
    pub given_at: DateTime<Utc>,
    pub withdrawn_at: Option<DateTime<Utc>>,
}

impl Consent {
    #[must_use]
    pub fn stands(&self) -> bool {
        self.withdrawn_at.is_none()
    }
}

/// What is known of one customer; the default is nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Customer {
    registered_at: Option<DateTime<Utc>>,
    erased: bool,
    name: Option<Personal>,
    language: Option<String>,
    contacts: BTreeMap<String, Contact>,
    /// A contact taken away does not come back under its name: whoever was interrupted while adding it comes too late.
    removed: BTreeSet<String>,
    consents: BTreeMap<PurposeId, Consent>,
}

/// The stream of a customer.
#[must_use]
pub fn stream(id: &CustomerId) -> StreamId {
    StreamId::new(&format!("customer-{id}"))
}

/// Whose stream this is.
#[must_use]
pub fn of_stream(stream: &StreamId) -> Option<CustomerId> {
    stream.as_str().strip_prefix("customer-").map(CustomerId::trusted)
}

impl Customer {
    /// Registered and not erased.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.registered_at.is_some() && !self.erased
    }

    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.erased
    }

    #[must_use]
    pub fn registered_at(&self) -> Option<DateTime<Utc>> {
        self.registered_at
    }

    #[must_use]
    pub fn name(&self) -> Option<&Personal> {
        self.name.as_ref()
    }

    #[must_use]
    pub fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    #[must_use]
    pub fn contacts(&self) -> &BTreeMap<String, Contact> {
        &self.contacts
    }

    /// Withdrawn ones too: that somebody once agreed is theirs to know.
    #[must_use]
    pub fn consents(&self) -> &BTreeMap<PurposeId, Consent> {
        &self.consents
    }

    fn follows_from(&self, action: &Action) -> Result<Vec<CustomerEvent>, Refusal> {
        let unknown = Err(Refusal::UnknownThing { what: "customer" });
        let one = |event: CustomerEvent| Ok(vec![event]);
        match action {
            Action::Register { .. } if self.is_known() => Ok(Vec::new()),
            Action::Register { .. } if self.erased => unknown,
            Action::Register { contact, kind, value } => {
                let (contact, value) = (contact.clone(), value.clone());
                Ok(vec![CustomerRegistered {}.into(), ContactAdded { contact, kind: *kind, value }.into()])
            }
            // The session ended with the person: its owner may still sign it out.
            Action::Erase { .. } | Action::RevokeSession { .. } if self.erased => Ok(Vec::new()),
            _ if !self.is_known() => unknown,
            Action::AddContact { contact, .. } if self.contacts.contains_key(contact) => Ok(Vec::new()),
            Action::AddContact { .. } if self.contacts.len() >= usize::from(MOST_CONTACTS) => {
                Err(Refusal::TooManyContacts { max: MOST_CONTACTS })
            }
            Action::AddContact { contact, .. } if self.removed.contains(contact) => {
                Err(Refusal::UnknownThing { what: "contact" })
            }
            Action::AddContact { contact, kind, value } => {
                one(ContactAdded { contact: contact.clone(), kind: *kind, value: value.clone() }.into())
            }
            Action::RemoveContact { contact } => match self.contacts.get(contact) {
                None => Err(Refusal::UnknownThing { what: "contact" }),
                Some(_) if self.contacts.len() == 1 => Err(Refusal::LastContact),
                Some(it) => one(ContactRemoved { contact: contact.clone(), kind: it.kind }.into()),
            },
            Action::ChangeProfile { name, language } => {
                let keeps_name = match name {
                    None => true,
                    Some(Naming::Nameless) => self.name.is_none(),
                    Some(Naming::Called(_)) => false,
                };
                let keeps_language = language.is_none() || *language == self.language;
                let kept = [(ProfilePart::Name, keeps_name), (ProfilePart::Language, keeps_language)];
                let kept: Vec<_> =
                    kept.into_iter().filter(|(_, keeps)| *keeps).map(|(part, _)| part).collect();
                if keeps_name && keeps_language {
                    return Ok(Vec::new());
                }
                let name = match name {
                    Some(Naming::Called(name)) => Some(name.clone()),
                    Some(Naming::Nameless) | None => None,
                };
                let language = language.clone().filter(|_| !keeps_language);
                one(ProfileChanged { name, language, kept }.into())
            }
            Action::GiveConsent { purpose, text_version } => {
                let same = |it: &Consent| it.stands() && it.text_version == *text_version;
                if self.consents.get(purpose).is_some_and(same) {
                    return Ok(Vec::new());
                }
                one(ConsentGiven { purpose: purpose.clone(), text_version: *text_version }.into())
            }
            Action::WithdrawConsent { purpose } => match self.consents.get(purpose) {
                None => Err(Refusal::UnknownThing { what: "consent" }),
                Some(it) if !it.stands() => Ok(Vec::new()),
                Some(it) => {
                    let text_version = it.text_version;
                    one(ConsentWithdrawn { purpose: purpose.clone(), text_version }.into())
                }
            },
            Action::StartSession { session } => one(SessionStarted { session: session.clone() }.into()),
            Action::RevokeSession { session, reason } => {
                one(SessionRevoked { session: session.clone(), reason: reason.clone() }.into())
            }
            Action::Reveal { fields, .. } if fields.is_empty() => Err(Refusal::Malformed { what: "fields" }),
            Action::Reveal { fields, reason, ticket } => {
                let (fields, ticket) = (fields.clone(), ticket.clone());
                one(PersonalDataRevealed { fields, reason: *reason, ticket }.into())
            }
            Action::Export => one(DataExported {}.into()),
            Action::Erase { by, reason } => one(CustomerErased { by: *by, reason: *reason }.into()),
        }
    }
}

impl Aggregate for Customer {
    type Action = Action;

    fn decide(&self, request: &Request<Action>) -> Result<Vec<Event>, Refusal> {
        self.follows_from(&request.action).map(|it| it.into_iter().map(Event::Customer).collect())
    }

    fn evolve(&mut self, happened: Happened<'_>) {
        let Event::Customer(event) = happened.event else { return };
        let personal = |sealed: &Sealed| Personal { sealed: sealed.clone(), command: happened.command_id };
        match event {
            CustomerEvent::CustomerRegistered(_) => self.registered_at = Some(happened.at),
            CustomerEvent::ContactAdded(it) => {
                let contact = Contact { kind: it.kind, value: personal(&it.value), added_at: happened.at };
                self.contacts.insert(it.contact.clone(), contact);
            }
            CustomerEvent::ContactRemoved(it) => {
                self.contacts.remove(&it.contact);
                self.removed.insert(it.contact.clone());
            }
            CustomerEvent::ProfileChanged(it) => {
                if !it.kept.contains(&ProfilePart::Name) {
                    self.name = it.name.as_ref().map(personal);
                }
                if !it.kept.contains(&ProfilePart::Language) {
                    self.language.clone_from(&it.language);
                }
            }
            CustomerEvent::ConsentGiven(it) => {
                let consent =
                    Consent { text_version: it.text_version, given_at: happened.at, withdrawn_at: None };
                self.consents.insert(it.purpose.clone(), consent);
            }
            CustomerEvent::ConsentWithdrawn(it) => {
                if let Some(consent) = self.consents.get_mut(&it.purpose) {
                    consent.withdrawn_at = Some(happened.at);
                }
            }
            // What the state still held is of nobody now.
            CustomerEvent::CustomerErased(_) => {
                *self = Self { registered_at: self.registered_at, erased: true, ..Self::default() };
            }
            CustomerEvent::SessionStarted(_)
            | CustomerEvent::SessionRevoked(_)
            | CustomerEvent::PersonalDataRevealed(_)
            | CustomerEvent::DataExported(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
