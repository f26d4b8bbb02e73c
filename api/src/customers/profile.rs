//! What a customer says of themselves and agrees to, and what they see of it.

use chrono::{DateTime, Utc};
use talon_core::{
    customer::{self, Consent, Customer, Naming, event::ContactKind},
    dispatch::Envelope,
    fact::Actor,
    ids::{CommandId, CustomerId, PurposeId},
    organisation::{self, ConsentText},
    refusal::Refusal,
    sealed::bound_to,
    text::LocalText,
};

use super::{CONTACT, Customers, NAME, unknown};
use crate::auth::AccessDenied;

const LONGEST_NAME: usize = 100;

/// A customer as they see themselves: every value opened.
#[derive(Clone)]
pub struct Profile {
    pub id: CustomerId,
    pub registered_at: DateTime<Utc>,
    pub name: Option<String>,
    pub language: Option<String>,
    pub contacts: Vec<KnownContact>,
    pub consents: Vec<(PurposeId, Consent)>,
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Profile").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A contact in plain.
#[derive(Clone)]
pub struct KnownContact {
    /// Its name in the customer's stream.
    pub id: String,
    pub kind: ContactKind,
    pub value: String,
    pub added_at: DateTime<Utc>,
}

/// What a customer wants to be different; what is absent stays.
#[derive(Clone, Default)]
pub struct ProfileChange {
    /// An empty name is none.
    pub name: Option<String>,
    pub language: Option<String>,
}

/// A customer as others see one: a pseudonym, and nothing that says who it is.
#[derive(Debug, Clone)]
pub struct Pseudonym {
    pub id: CustomerId,
    pub registered_at: DateTime<Utc>,
    pub erased: bool,
    pub contacts: Vec<ContactKind>,
    pub consents: Vec<(PurposeId, Consent)>,
}

impl Customers {
    /// Everything a customer may see of themselves; nothing when they were erased.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn profile(&self, id: &CustomerId) -> Result<Option<Profile>, AccessDenied> {
        let state = self.read(id, Customer::clone).await?;
        let Some(registered_at) = state.registered_at().filter(|_| state.is_known()) else { return Ok(None) };
        let vault = &self.inner.vault;
        let name = match state.name() {
            Some(name) => vault.open_text(&name.sealed, &bound_to(name.command, NAME)).await?,
            None => None,
        };
        let mut contacts = Vec::new();
        for (contact, it) in state.contacts() {
            let aad = bound_to(it.value.command, CONTACT);
            // Erased between the two readings.
            let Some(value) = vault.open_text(&it.value.sealed, &aad).await? else { return Ok(None) };
            let (id, kind, added_at) = (contact.clone(), it.kind, it.added_at);
            contacts.push(KnownContact { id, kind, value, added_at });
        }
        contacts.sort_by_key(|it| it.added_at);
        let consents = state.consents().iter().map(|(purpose, it)| (purpose.clone(), it.clone())).collect();
        let language = state.language().map(str::to_owned);
        Ok(Some(Profile { id: id.clone(), registered_at, name, language, contacts, consents }))
    }

    /// A customer as a pseudonym, erased or not; nothing when there never was one.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn pseudonym(&self, id: &CustomerId) -> Result<Option<Pseudonym>, AccessDenied> {
        let state = self.read(id, Customer::clone).await?;
        Ok(state.registered_at().map(|registered_at| Pseudonym {
            id: id.clone(),
            registered_at,
            erased: state.is_erased(),
            contacts: state.contacts().values().map(|it| it.kind).collect(),
            consents: state.consents().iter().map(|(purpose, it)| (purpose.clone(), it.clone())).collect(),
        }))
    }

    /// Changes what a customer says of themselves. Gives the fact's position.
    ///
    /// # Errors
    /// `Malformed`; `Refused` when they were erased; `Unavailable`.
    pub async fn change_profile(
        &self,
        id: &CustomerId,
        change: ProfileChange,
        by: Actor,
        command: CommandId,
    ) -> Result<u64, AccessDenied> {
        check(&change)?;
        let vault = &self.inner.vault;
        let sent = format!("profile {:?} {:?}", change.name, change.language);
        let sent = vault.fingerprint_for(id.as_str(), sent.as_bytes()).await?.ok_or_else(unknown)?;
        let name = match change.name.as_deref().map(str::trim) {
            None => None,
            Some("") => Some(Naming::Nameless),
            Some(name) => {
                let aad = bound_to(command, NAME);
                let sealed = vault.seal_for_known(id.as_str(), &aad, name.as_bytes()).await?;
                Some(Naming::Called(sealed.ok_or_else(unknown)?))
            }
        };
        let key_id = match &name {
            Some(Naming::Called(name)) => Some(name.key.clone()),
            Some(Naming::Nameless) | None => None,
        };
        let about = Envelope { key_id, ..Envelope::new(command, by, &sent) };
        self.send(id, about, customer::Action::ChangeProfile { name, language: change.language }).await
    }

    /// A customer agrees to the text they have read. Gives the fact's position.
    ///
    /// # Errors
    /// `Refused` when the text is not the one in force; `Unavailable`.
    pub async fn give_consent(
        &self,
        id: &CustomerId,
        purpose: &PurposeId,
        text_version: u32,
        by: Actor,
        command: CommandId,
    ) -> Result<u64, AccessDenied> {
        let texts = self.consent_texts().await?;
        match texts.iter().find(|(it, _)| it == purpose).map(|(_, text)| text.version) {
            Some(version) if version == text_version => {}
            Some(version) => {
                return Err(AccessDenied::Refused(Refusal::SettingsMoved { version: version.into() }));
            }
            None => return Err(AccessDenied::Refused(Refusal::UnknownThing { what: "consent" })),
        }
        let about = Envelope::new(command, by, format!("consent {purpose} {text_version}").as_bytes());
        self.send(id, about, customer::Action::GiveConsent { purpose: purpose.clone(), text_version }).await
    }

    /// A customer agrees no longer. Gives the fact's position.
    ///
    /// # Errors
    /// `Refused` when they never did; `Unavailable`.
    pub async fn withdraw_consent(
        &self,
        id: &CustomerId,
        purpose: &PurposeId,
        by: Actor,
        command: CommandId,
    ) -> Result<u64, AccessDenied> {
        let about = Envelope::new(command, by, format!("no consent {purpose}").as_bytes());
        self.send(id, about, customer::Action::WithdrawConsent { purpose: purpose.clone() }).await
    }

    /// Writes down that a customer takes a copy of everything known of them.
    ///
    /// # Errors
    /// `Refused` when they were erased; `Unavailable`.
    pub async fn note_export(
        &self,
        id: &CustomerId,
        by: Actor,
        command: CommandId,
    ) -> Result<u64, AccessDenied> {
        self.send(id, Envelope::new(command, by, b"export"), customer::Action::Export).await
    }

    /// What people are asked to agree to at this moment.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn consent_texts(&self) -> Result<Vec<(PurposeId, ConsentText)>, AccessDenied> {
        let stream = organisation::stream();
        let all = |it: &organisation::Organisation| {
            it.consent_texts.iter().map(|(purpose, text)| (purpose.clone(), text.clone())).collect()
        };
        Ok(self.inner.desk.organisation.read(&stream, all).await?)
    }

    /// Publishes the next text of a purpose. Gives the fact's position.
    ///
    /// # Errors
    /// `Refused` when the version is not the next one; `Unavailable`.
    pub async fn publish_consent_text(
        &self,
        purpose: &PurposeId,
        text: ConsentText,
        by: Actor,
        command: CommandId,
    ) -> Result<u64, AccessDenied> {
        let ConsentText { version, text, required } = text;
        let LocalText { ru, en } = &text;
        let sent = format!("{purpose} {version} {required} {ru:?} {en:?}");
        let about = Envelope::new(command, by, sent.as_bytes());
        let purpose = purpose.clone();
        let action = organisation::command::Action::PublishConsentText { purpose, version, text, required };
        let sent = self.inner.desk.organisation.send(&organisation::stream(), about, action, |_, _| ()).await;
        Ok(sent.map(|(done, ())| done.position)?)
    }
}

fn check(change: &ProfileChange) -> Result<(), AccessDenied> {
    let named = |it: &String| it.chars().count() <= LONGEST_NAME && !it.contains(char::is_control);
    if !change.name.as_ref().is_none_or(named) {
        return Err(AccessDenied::Malformed { field: "name" });
    }
    match change.language.as_deref() {
        None | Some("ru" | "en") => Ok(()),
        Some(_) => Err(AccessDenied::Malformed { field: "language" }),
    }
}
