//! Showing who a member of staff is to somebody who may not see names as a matter of course.

use talon_core::{
    customer::event::{PersonalField, RevealReason},
    dispatch::Envelope,
    fact::Actor,
    ids::{CommandId, OperatorId},
    refusal::Refusal,
    sealed::bound_to,
    staff,
};

use super::{Access, AccessDenied};
use crate::customers::Revealed;

impl Access {
    /// Shows name or e-mail of a member of staff, having written down who saw them and why. Gives the fact's position too.
    ///
    /// # Errors
    /// `Refused` when there is nobody of this id, or something was asked for that staff do not have; `Unavailable`.
    pub async fn reveal_staff(
        &self,
        id: &OperatorId,
        fields: Vec<PersonalField>,
        reason: RevealReason,
        by: Actor,
        command: CommandId,
    ) -> Result<(Revealed, u64), AccessDenied> {
        let known = |it: &PersonalField| matches!(it, PersonalField::Name | PersonalField::Email);
        if !fields.iter().all(known) {
            return Err(AccessDenied::Malformed { field: "fields" });
        }
        let unknown = || AccessDenied::Refused(Refusal::UnknownThing { what: "staff" });
        let member = self.inner.directory.member(id).ok_or_else(unknown)?;
        let sent = format!("reveal {id} {fields:?} {reason:?}");
        let action = staff::Action::Reveal { fields: fields.clone(), reason };
        let about = Envelope::new(command, by, sent.as_bytes());
        let done = self.inner.people.told(id, about, action).await?;
        if !done.may_be_shown(self.inner.clock.now()) {
            // As for customers.
            return Err(AccessDenied::Refused(Refusal::CommandIdReused));
        }
        let mut revealed = Revealed::default();
        if fields.contains(&PersonalField::Name) {
            revealed.name = self.name_of(id).await?;
        }
        if let Some(email) = member.email.as_ref().filter(|_| fields.contains(&PersonalField::Email)) {
            let aad = bound_to(email.command, "email");
            revealed.emails.extend(self.inner.vault.open_text(&email.sealed, &aad).await?);
        }
        Ok((revealed, done.position))
    }
}
