//! Showing who a customer is to somebody on the staff: the fact that it was shown comes first, then the data.

use talon_core::{
    customer::{
        self,
        event::{ContactKind, PersonalField, RevealReason},
    },
    dispatch::Envelope,
    fact::Actor,
    ids::{CommandId, CustomerId, TicketId},
    refusal::Refusal,
    sealed::bound_to,
};

use super::{Customers, unknown};
use crate::auth::AccessDenied;

const TICKET: &str = "ticket";

/// What was asked to be shown, and why.
#[derive(Debug, Clone)]
pub struct Reveal {
    pub fields: Vec<PersonalField>,
    pub reason: RevealReason,
    /// The ticket the person was found by.
    pub ticket: Option<TicketId>,
}

/// What was shown.
#[derive(Clone, Default, PartialEq, Eq)]
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

impl Customers {
    /// The customer of a ticket, while anybody knows; nothing when nobody ever did, or not any more.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn of_ticket(&self, ticket: TicketId) -> Result<Option<CustomerId>, AccessDenied> {
        let found = self.inner.vault.person_of_visit(ticket.0).await?;
        Ok(found.map(|id| CustomerId::trusted(&id)))
    }

    /// Shows fields of a customer, having written down who saw them and why. Gives the fact's position too.
    ///
    /// # Errors
    /// `Refused` when there is no such customer or nothing was asked for; `Unavailable`.
    pub async fn reveal(
        &self,
        id: &CustomerId,
        reveal: Reveal,
        by: Actor,
        command: CommandId,
    ) -> Result<(Revealed, u64), AccessDenied> {
        let Reveal { mut fields, reason, ticket } = reveal;
        fields.sort_unstable();
        fields.dedup();
        let vault = &self.inner.vault;
        let sent = format!("reveal {fields:?} {reason:?} {ticket:?}");
        let sent = vault.fingerprint_for(id.as_str(), sent.as_bytes()).await?.ok_or_else(unknown)?;
        let ticket = match ticket {
            Some(ticket) => {
                let aad = bound_to(command, TICKET);
                let text = ticket.to_string();
                Some(vault.seal_for_known(id.as_str(), &aad, text.as_bytes()).await?.ok_or_else(unknown)?)
            }
            None => None,
        };
        let key_id = ticket.as_ref().map(|it| it.key.clone());
        let about = Envelope { key_id, ..Envelope::new(command, by, &sent) };
        let action = customer::Action::Reveal { fields: fields.clone(), reason, ticket };
        let done = self.told(id, about, action).await?;
        if !done.may_be_shown(self.inner.clock.now()) {
            // What the fact says was shown then. Who wants to see what is there now, says so again.
            return Err(AccessDenied::Refused(Refusal::CommandIdReused));
        }
        let profile = self.profile(id).await?.ok_or_else(unknown)?;
        let of = |kind: ContactKind, field: PersonalField| -> Vec<String> {
            let shown = fields.contains(&field);
            let values = profile.contacts.iter().filter(|it| shown && it.kind == kind);
            values.map(|it| it.value.clone()).collect()
        };
        let revealed = Revealed {
            name: profile.name.clone().filter(|_| fields.contains(&PersonalField::Name)),
            phones: of(ContactKind::Phone, PersonalField::Phone),
            emails: of(ContactKind::Email, PersonalField::Email),
            messengers: of(ContactKind::Messenger, PersonalField::Messenger),
        };
        Ok((revealed, done.position))
    }
}
