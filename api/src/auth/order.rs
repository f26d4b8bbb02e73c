//! What somebody orders who manages people or the organisation, and why it was not carried out.

use talon_core::{
    dispatch::Envelope,
    fact::Actor,
    ids::{CommandId, ServiceId},
    organisation::Organisation,
    refusal::Refusal,
    staff::event::{Role as StaffRole, Scope},
};

use super::{Access, AccessDenied, Denied, Principal};

/// Nobody has more skills at once.
const MOST: usize = 1_000;

/// One press of somebody who manages people.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    pub by: &'a Principal,
    pub command: CommandId,
    /// What the client sent, in one fixed spelling.
    pub sent: Vec<u8>,
}

/// Why an order was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// The table says no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Failed(AccessDenied),
}

impl From<AccessDenied> for NotDone {
    fn from(denied: AccessDenied) -> Self {
        match denied {
            AccessDenied::Refused(refusal) => Self::Refused(refusal),
            AccessDenied::Malformed { field } => Self::Refused(Refusal::Malformed { what: field }),
            other => Self::Failed(other),
        }
    }
}

macro_rules! through_access {
    ($($error:ty),+) => {
        $(impl From<$error> for NotDone {
            fn from(error: $error) -> Self {
                AccessDenied::from(error).into()
            }
        })+
    };
}
through_access!(super::DirectoryError, talon_core::dispatch::DispatchError, talon_storage::vault::VaultError);

impl Order<'_> {
    /// The press itself. What was sent may be personal: the log holds a keyed hash of it and nothing anybody could guess
    /// at.
    pub(super) fn envelope(&self, access: &Access, actor: Actor) -> Envelope {
        Envelope::new(self.command, actor, &self.keyed(access))
    }

    /// A part of the press that goes to another stream, or the next one to the same: a press of its own that follows.
    pub(super) fn step(&self, access: &Access, what: &str, actor: Actor) -> (CommandId, Envelope) {
        let command = CommandId::derived(&[&self.command.to_string(), what]);
        let envelope = Envelope::new(command, actor, &self.keyed(access));
        (command, Envelope { causation_id: Some(self.command.0), ..envelope })
    }

    fn keyed(&self, access: &Access) -> [u8; 32] {
        access.inner.vault.blind_index("order", &hex::encode(&self.sent)).0
    }
}

pub(super) fn is_chief(role: &StaffRole, scope: &Scope) -> bool {
    *role == StaffRole::Admin && *scope == Scope::Organisation
}

pub(super) fn known_role(organisation: &Organisation, role: &StaffRole) -> Result<(), Refusal> {
    match role {
        StaffRole::Own(code) if organisation.roles.get(code).is_none_or(|it| it.archived) => {
            Err(Refusal::UnknownThing { what: "role" })
        }
        _ => Ok(()),
    }
}

pub(super) fn known_skills(
    organisation: &Organisation,
    mut skills: Vec<ServiceId>,
) -> Result<Vec<ServiceId>, Refusal> {
    if skills.len() > MOST {
        return Err(Refusal::Malformed { what: "skills" });
    }
    skills.sort();
    skills.dedup();
    let unknown = skills.iter().find(|it| !organisation.current_services().any(|known| known.id == **it));
    match unknown {
        Some(service) => Err(Refusal::UnknownService { service: service.clone() }),
        None => Ok(skills),
    }
}

pub(super) fn known_positions(
    organisation: &Organisation,
    mut positions: Vec<String>,
) -> Result<Vec<String>, Refusal> {
    positions.sort();
    positions.dedup();
    let known = |it: &String| organisation.positions.get(it).is_some_and(|it| !it.archived);
    if positions.iter().all(known) { Ok(positions) } else { Err(Refusal::UnknownThing { what: "position" }) }
}
