//! One kiosk or board, in `device-{id}`: where it stands and whether it is still trusted.

pub mod event;

use self::event::{DeviceKind, DevicePaired, DeviceRevoked};
use crate::{
    aggregate::{Aggregate, Happened, Request},
    event_store::StreamId,
    ids::{BranchId, DeviceId},
    queue_event::{DeviceEvent, Event},
    refusal::Refusal,
};

/// What can be asked of a device's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Pair(DevicePaired),
    Revoke { device: DeviceId },
}

/// Where a device stands with us; the default was never paired.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PairedDevice {
    pairing: Option<Pairing>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pairing {
    kind: DeviceKind,
    branch: BranchId,
    revoked: bool,
}

/// The stream of a device.
#[must_use]
pub fn stream(id: &DeviceId) -> StreamId {
    StreamId::new(&format!("device-{id}"))
}

impl Aggregate for PairedDevice {
    type Action = Action;

    fn decide(&self, request: &Request<Action>) -> Result<Vec<Event>, Refusal> {
        let one = |event: DeviceEvent| Ok(vec![Event::Device(event)]);
        match (&request.action, &self.pairing) {
            // A device keeps kind and branch for life: its history would otherwise belong to two places.
            (Action::Pair(it), Some(known)) if known.kind != it.kind || known.branch != it.branch => {
                Err(Refusal::AlreadyExists { what: "device" })
            }
            (Action::Pair(it), _) => one(it.clone().into()),
            (Action::Revoke { .. }, None) => Err(Refusal::UnknownThing { what: "device" }),
            (Action::Revoke { .. }, Some(known)) if known.revoked => Ok(Vec::new()),
            (Action::Revoke { device }, Some(_)) => one(DeviceRevoked { device: device.clone() }.into()),
        }
    }

    fn evolve(&mut self, happened: Happened<'_>) {
        let Event::Device(event) = happened.event else { return };
        match event {
            DeviceEvent::DevicePaired(it) => {
                let pairing = Pairing { kind: it.kind, branch: it.branch.clone(), revoked: false };
                self.pairing = Some(pairing);
            }
            DeviceEvent::DeviceRevoked(_) => {
                if let Some(pairing) = &mut self.pairing {
                    pairing.revoked = true;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{
        fact::Actor,
        ids::{CommandId, EventId},
    };

    fn id() -> DeviceId {
        DeviceId::trusted("d1")
    }

    fn pair(branch: &str) -> Action {
        Action::Pair(DevicePaired {
            device: id(),
            kind: DeviceKind::Kiosk,
            branch: BranchId::trusted(branch),
            name: "By the door".into(),
        })
    }

    fn revoke() -> Action {
        Action::Revoke { device: id() }
    }

    fn asked(state: &PairedDevice, action: Action) -> Result<usize, Refusal> {
        decided(state, action).map(|events| events.len())
    }

    fn decided(state: &PairedDevice, action: Action) -> Result<Vec<Event>, Refusal> {
        state.decide(&Request {
            id: CommandId(uuid::Uuid::nil()),
            stream: stream(&id()),
            at: DateTime::default(),
            actor: Actor::system(),
            action,
        })
    }

    #[track_caller]
    fn after(actions: &[Action]) -> PairedDevice {
        let mut state = PairedDevice::default();
        for action in actions {
            for event in decided(&state, action.clone()).expect("allowed") {
                state.evolve(Happened {
                    event_id: EventId(uuid::Uuid::nil()),
                    at: DateTime::default(),
                    command_id: CommandId(uuid::Uuid::nil()),
                    actor: &Actor::system(),
                    imported: false,
                    event: &event,
                });
            }
        }
        state
    }

    #[test]
    fn a_device_is_revoked_once_and_can_be_paired_again() {
        assert_eq!(asked(&PairedDevice::default(), revoke()), Err(Refusal::UnknownThing { what: "device" }));
        assert_eq!(asked(&after(&[pair("centre")]), revoke()), Ok(1));
        assert_eq!(asked(&after(&[pair("centre"), revoke()]), revoke()), Ok(0));
        assert_eq!(asked(&after(&[pair("centre"), revoke(), pair("centre")]), revoke()), Ok(1));
    }

    #[test]
    fn a_device_does_not_move_to_another_branch() {
        let no = Err(Refusal::AlreadyExists { what: "device" });
        assert_eq!(asked(&after(&[pair("centre"), revoke()]), pair("north")), no);
    }
}
