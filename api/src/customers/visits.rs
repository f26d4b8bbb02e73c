//! A customer's visits. In a day's stream a customer is known by the name of the key of that one visit, and only the
//! vault knows whose it is: after an erasure nothing joins two visits any more.

use chrono::{DateTime, Utc};
use talon_core::{
    fact::{Actor, ActorKind},
    ids::{CommandId, CustomerId, TicketId, derived},
    refusal::Refusal,
    sealed::{Sealed, bound_to},
};

use super::Customers;
use crate::auth::AccessDenied;

const CUSTOMER: &str = "customer_ref";

/// A customer about to take a ticket.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The same for each try of the same press.
    pub ticket: TicketId,
    /// Under the pseudonym of this visit, in no session.
    pub actor: Actor,
    /// Whose ticket it is, sealed under the visit's key.
    pub customer_ref: Sealed,
}

impl Customers {
    /// Makes ready for a visit: its ticket, its key, its pseudonym. The same press gives the same three.
    ///
    /// # Errors
    /// `Refused` when the customer was erased, or the press is somebody else's; `Unavailable`.
    pub async fn visitor(&self, id: &CustomerId, command: CommandId) -> Result<Visitor, AccessDenied> {
        let vault = &self.inner.vault;
        let ticket = TicketId(derived(&[&command.to_string(), "visit"]));
        let Some(key) = vault.visit_key(id.as_str(), ticket.0, self.inner.clock.now()).await? else {
            let refusal = if self.stands(id).await? {
                Refusal::CommandIdReused
            } else {
                Refusal::UnknownThing { what: "customer" }
            };
            return Err(AccessDenied::Refused(refusal));
        };
        let aad = bound_to(command, CUSTOMER);
        let sealed = vault.seal_for_visit(ticket.0, &aad, id.as_str().as_bytes()).await?;
        let customer_ref = sealed.ok_or(AccessDenied::Refused(Refusal::UnknownThing { what: "customer" }))?;
        let actor = Actor {
            kind: ActorKind::Customer,
            id: key,
            role: "customer".into(),
            session: None,
            window: None,
        };
        Ok(Visitor { ticket, actor, customer_ref })
    }

    /// Tickets a customer took or tried to take, the newest first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn visits(&self, id: &CustomerId) -> Result<Vec<(TicketId, DateTime<Utc>)>, AccessDenied> {
        let found = self.inner.vault.visits_of(id.as_str()).await?;
        Ok(found.into_iter().map(|visit| (TicketId(visit.ticket), visit.at)).collect())
    }
}
