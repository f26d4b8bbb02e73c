//! Customers who let themselves be known: found or registered by a contact they have proven to be theirs.
//!
//! A contact belongs to one customer: it is found by a keyed hash in the vault, and of two nodes that register the same
//! one at once, the vault's unique row decides. What a contact says stands nowhere but sealed in the customer's own
//! stream. Who signs them in, and how they prove anything, is not known here.

mod contact;
mod profile;
mod reveal;
mod visits;

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use talon_core::{
    customer::{
        self, Customer,
        event::{ContactKind, EraseReason, ErasedBy},
    },
    desk::Desk,
    dispatch::{Done, Envelope},
    fact::{Actor, ActorKind, Fact},
    ids::{CommandId, CustomerId, derived},
    queue_event::{CustomerEvent, Event},
    refusal::Refusal,
    sealed::bound_to,
    time::Clock,
};
use talon_storage::vault::{BlindIndex, ContactRow, Vault};
use uuid::Uuid;

pub use self::{
    contact::Region,
    profile::{KnownContact, Profile, ProfileChange, Pseudonym},
    reveal::{Reveal, Revealed},
    visits::Visitor,
};
use crate::auth::AccessDenied;

/// How often a registration may meet somebody who is just being erased.
const TRIES: usize = 4;
/// Longer than any access token lives.
const MOURNED: Duration = Duration::from_secs(15 * 60);
const CONTACT: &str = "contact";
const NAME: &str = "name";

/// The customers of the house. Cheap to clone.
#[derive(Clone)]
pub struct Customers {
    inner: Arc<Inner>,
}

struct Inner {
    vault: Vault,
    desk: Arc<Desk>,
    clock: Arc<dyn Clock>,
    region: Region,
    /// Erased lately, so that a token that is still good opens nothing.
    erased: Cache<CustomerId, ()>,
}

impl std::fmt::Debug for Customers {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Customers")
    }
}

impl Customers {
    #[must_use]
    pub fn new(vault: Vault, desk: Arc<Desk>, clock: Arc<dyn Clock>, region: Region) -> Self {
        let erased = Cache::builder().max_capacity(1_000_000).time_to_live(MOURNED).build();
        Self { inner: Arc::new(Inner { vault, desk, clock, region, erased }) }
    }

    /// The one spelling of a contact: a phone as `+79161234567`, an e-mail in lower case.
    ///
    /// # Errors
    /// `Malformed` when it is no such contact.
    pub fn normalise(&self, kind: ContactKind, value: &str) -> Result<String, AccessDenied> {
        contact::normalise(kind, value, self.inner.region)
    }

    /// The keyed hash a contact, spelt as `normalise` does, is found by.
    pub(crate) fn index(&self, kind: ContactKind, value: &str) -> BlindIndex {
        self.inner.vault.blind_index(identity(kind), value)
    }

    /// Whose contact this is, as it was written down; nobody is registered.
    ///
    /// # Errors
    /// `Malformed`, `Unavailable`.
    pub async fn find(&self, kind: ContactKind, value: &str) -> Result<Option<CustomerId>, AccessDenied> {
        let value = self.normalise(kind, value)?;
        let found = self.inner.vault.find_contact(identity(kind), &value).await?;
        let Some(id) = found.map(|row| CustomerId::trusted(&row.person)) else { return Ok(None) };
        Ok(self.read(&id, Customer::is_known).await?.then_some(id))
    }

    /// The customer of a contact that somebody has just proven to be theirs; registered now if nobody is known by it.
    ///
    /// # Errors
    /// `Malformed`, `Unavailable`.
    pub async fn by_contact(&self, kind: ContactKind, value: &str) -> Result<CustomerId, AccessDenied> {
        let value = self.normalise(kind, value)?;
        let vault = &self.inner.vault;
        for _ in 0..TRIES {
            let row = match vault.find_contact(identity(kind), &value).await? {
                Some(row) => row,
                None => {
                    let fresh = self.fresh_id();
                    let contact = contact::name(registration(&fresh));
                    let wanted = ContactRow { person: fresh.as_str().into(), contact };
                    vault.put_contact(identity(kind), &value, &wanted).await?
                }
            };
            let id = CustomerId::trusted(&row.person);
            match self.take_in_contact(&id, kind, &value, &row.contact).await {
                // Whoever erased them, or took the contact away, was stopped before the vault knew.
                Err(AccessDenied::Refused(Refusal::UnknownThing { what: "customer" })) => {
                    self.forget(&id).await?;
                }
                Err(AccessDenied::Refused(Refusal::UnknownThing { .. })) => {
                    vault.remove_contact(&row.person, &row.contact).await?;
                }
                done => return done.map(|()| id),
            }
        }
        Err(AccessDenied::Refused(Refusal::Contended))
    }

    /// Makes a proven contact another way to reach and to sign in a customer.
    ///
    /// # Errors
    /// `Refused` when it is somebody else's, or they have too many; `Malformed`, `Unavailable`.
    pub async fn add_contact(
        &self,
        id: &CustomerId,
        kind: ContactKind,
        value: &str,
        command: CommandId,
    ) -> Result<(), AccessDenied> {
        let value = self.normalise(kind, value)?;
        let vault = &self.inner.vault;
        let wanted = ContactRow { person: id.as_str().into(), contact: contact::name(command) };
        let row = vault.put_contact(identity(kind), &value, &wanted).await?;
        if row.person != wanted.person {
            return Err(AccessDenied::Refused(Refusal::AlreadyExists { what: "contact" }));
        }
        let added = self.put_contact(id, kind, &value, &row.contact, command).await;
        if matches!(added, Err(AccessDenied::Refused(_))) && row == wanted {
            vault.remove_contact(&row.person, &row.contact).await?;
        }
        added
    }

    /// Takes a contact away; nobody signs in by it any more. Gives the fact's position.
    ///
    /// # Errors
    /// `Refused` when it is the last one or not theirs; `Unavailable`.
    pub async fn remove_contact(
        &self,
        id: &CustomerId,
        contact: &str,
        by: Actor,
        command: CommandId,
    ) -> Result<u64, AccessDenied> {
        let about = Envelope::new(command, by, format!("remove {contact}").as_bytes());
        let action = customer::Action::RemoveContact { contact: contact.to_owned() };
        let position = self.send(id, about, action).await?;
        self.inner.vault.remove_contact(id.as_str(), contact).await?;
        Ok(position)
    }

    /// What a customer wants to be called; nothing when they never said, or were erased.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn name_of(&self, id: &CustomerId) -> Result<Option<String>, AccessDenied> {
        let Some(name) = self.read(id, |it| it.name().cloned()).await? else { return Ok(None) };
        Ok(self.inner.vault.open_text(&name.sealed, &bound_to(name.command, NAME)).await?)
    }

    /// Whether this customer is known and not erased, by the vault: counts on every node at once.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn stands(&self, id: &CustomerId) -> Result<bool, AccessDenied> {
        if self.was_erased(id) {
            return Ok(false);
        }
        Ok(self.inner.vault.customer(id.as_str()).await?.is_some())
    }

    /// Whether this customer was erased within the last quarter of an hour, as far as this process was told: for whoever
    /// cannot wait for the vault.
    #[must_use]
    pub fn was_erased(&self, id: &CustomerId) -> bool {
        self.inner.erased.contains_key(id)
    }

    /// Writes down that a customer signed in. The session itself is the caller's.
    ///
    /// # Errors
    /// `Refused` when they were erased meanwhile; `Unavailable`.
    pub async fn start_session(&self, id: &CustomerId, session: Uuid) -> Result<(), AccessDenied> {
        let inner = &self.inner;
        let action = customer::Action::StartSession { session: session.to_string() };
        self.send(id, about_session(id, session, "started"), action).await?;
        if inner.vault.see_customer(id.as_str(), inner.clock.now()).await? {
            Ok(())
        } else {
            Err(AccessDenied::Refused(Refusal::UnknownThing { what: "customer" }))
        }
    }

    /// Writes down that a customer's sign-in ended.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn revoke_session(
        &self,
        id: &CustomerId,
        session: Uuid,
        reason: &str,
    ) -> Result<(), AccessDenied> {
        let action =
            customer::Action::RevokeSession { session: session.to_string(), reason: reason.to_owned() };
        self.send(id, about_session(id, session, "revoked"), action).await.map(|_| ())
    }

    /// Notes that a customer is still with us: they used their session.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn seen(&self, id: &CustomerId) -> Result<bool, AccessDenied> {
        Ok(self.inner.vault.see_customer(id.as_str(), self.inner.clock.now()).await?)
    }

    /// Erases a customer: the fact first, then every key, identity and sign-in. What breaks off in between is finished
    /// by the reactor, and by every node that reads the fact. Gives the fact's position.
    ///
    /// # Errors
    /// `Refused` when there is no such customer; `Unavailable`.
    pub async fn erase(
        &self,
        id: &CustomerId,
        by: ErasedBy,
        reason: EraseReason,
        actor: Actor,
        command: CommandId,
    ) -> Result<u64, AccessDenied> {
        let about = Envelope::new(command, actor, format!("erase {id} {reason:?}").as_bytes());
        let position = self.send(id, about, customer::Action::Erase { by, reason }).await?;
        self.forget(id).await?;
        Ok(position)
    }

    /// Destroys what is left of an erased customer here and in the vault.
    ///
    /// # Errors
    /// `Unavailable`; forget again.
    pub async fn forget(&self, id: &CustomerId) -> Result<(), AccessDenied> {
        self.inner.erased.insert(id.clone(), ());
        self.inner.vault.erase_person(id.as_str()).await?;
        Ok(())
    }

    /// Takes in a fact of the log, wherever it was written: an erasure empties the caches of this node, and what whoever
    /// wrote it could not finish is finished here.
    ///
    /// # Errors
    /// `Unavailable`: pass the fact on again.
    pub async fn take_in(&self, fact: &Fact) -> Result<(), AccessDenied> {
        match (&*fact.event, customer::of_stream(&fact.stream)) {
            (Event::Customer(CustomerEvent::CustomerErased(_)), Some(id)) => self.forget(&id).await,
            (Event::Customer(CustomerEvent::ContactRemoved(it)), Some(id)) => {
                Ok(self.inner.vault.remove_contact(id.as_str(), &it.contact).await?)
            }
            _ => Ok(()),
        }
    }

    /// Writes down whose a contact is, which the vault knows already: a new customer's, or one more of theirs.
    async fn take_in_contact(
        &self,
        id: &CustomerId,
        kind: ContactKind,
        value: &str,
        contact: &str,
    ) -> Result<(), AccessDenied> {
        let inner = &self.inner;
        let (erased, known, listed) =
            self.read(id, |it| (it.is_erased(), it.is_known(), it.contacts().contains_key(contact))).await?;
        if erased {
            return Err(AccessDenied::Refused(Refusal::UnknownThing { what: "customer" }));
        }
        if listed {
            return Ok(());
        }
        if known {
            let command = CommandId(inner.clock.new_id());
            return self.put_contact(id, kind, value, contact, command).await;
        }
        inner.vault.put_customer(id.as_str(), inner.clock.now()).await?;
        let command = registration(id);
        let value = inner.vault.seal(id.as_str(), &bound_to(command, CONTACT), value.as_bytes()).await?;
        let about = Envelope {
            key_id: Some(value.key.clone()),
            ..Envelope::new(command, themselves(id, None), id.as_str().as_bytes())
        };
        let action = customer::Action::Register { contact: contact.to_owned(), kind, value };
        self.send(id, about, action).await.map(|_| ())
    }

    async fn put_contact(
        &self,
        id: &CustomerId,
        kind: ContactKind,
        value: &str,
        contact: &str,
        command: CommandId,
    ) -> Result<(), AccessDenied> {
        let vault = &self.inner.vault;
        let sent = vault.fingerprint_for(id.as_str(), value.as_bytes()).await?.ok_or_else(unknown)?;
        let aad = bound_to(command, CONTACT);
        let value = vault.seal_for_known(id.as_str(), &aad, value.as_bytes()).await?.ok_or_else(unknown)?;
        let about = Envelope {
            key_id: Some(value.key.clone()),
            ..Envelope::new(command, themselves(id, None), &sent)
        };
        let action = customer::Action::AddContact { contact: contact.to_owned(), kind, value };
        self.send(id, about, action).await.map(|_| ())
    }

    async fn read<T>(&self, id: &CustomerId, view: impl FnOnce(&Customer) -> T) -> Result<T, AccessDenied> {
        Ok(self.inner.desk.customers.read(&customer::stream(id), view).await?)
    }

    async fn send(
        &self,
        id: &CustomerId,
        about: Envelope,
        action: customer::Action,
    ) -> Result<u64, AccessDenied> {
        self.told(id, about, action).await.map(|done| done.position)
    }

    /// `send`, and whether it had been carried out before.
    async fn told(
        &self,
        id: &CustomerId,
        about: Envelope,
        action: customer::Action,
    ) -> Result<Done, AccessDenied> {
        let sent = self.inner.desk.customers.send(&customer::stream(id), about, action, |_, _| ()).await;
        Ok(sent.map(|(done, ())| done)?)
    }

    /// A pseudonym that tells nothing, not even when it was given.
    fn fresh_id(&self) -> CustomerId {
        let random = self.inner.clock.new_id().to_string();
        CustomerId::trusted(&format!("c-{}", derived(&[&random, "customer"]).simple()))
    }
}

/// The press that registers a customer: the same on every node, so that one of them writes it.
fn registration(id: &CustomerId) -> CommandId {
    CommandId::derived(&[id.as_str(), "register"])
}

/// The customer as the actor of their own stream. In a day's stream they act under the pseudonym of the visit.
#[must_use]
pub fn themselves(id: &CustomerId, session: Option<&str>) -> Actor {
    Actor {
        kind: ActorKind::Customer,
        id: id.as_str().into(),
        role: "customer".into(),
        session: session.map(Into::into),
        window: None,
    }
}

/// Nobody of this id, or not any more.
fn unknown() -> AccessDenied {
    AccessDenied::Refused(Refusal::UnknownThing { what: "customer" })
}

/// Under which kind a contact of a customer is found: staff have their own, and may be customers too.
fn identity(kind: ContactKind) -> &'static str {
    match kind {
        ContactKind::Phone => "customer-phone",
        ContactKind::Email => "customer-email",
        ContactKind::Messenger => "customer-messenger",
    }
}

fn about_session(id: &CustomerId, session: Uuid, what: &str) -> Envelope {
    let session = session.to_string();
    let command = CommandId::derived(&["session", what, &session]);
    Envelope::new(command, themselves(id, Some(&session)), session.as_bytes())
}
