//! One kiosk or board, in `device-{id}`: where it stands and whether it is still trusted.

pub mod event;

use self::event::{DeviceKind, DevicePaired, DeviceRenamed, DeviceRevoked};
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
    Rename { device: DeviceId, name: String },
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
    name: String,
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
            (Action::Rename { .. }, None) => Err(Refusal::UnknownThing { what: "device" }),
            (Action::Rename { .. }, Some(known)) if known.revoked => {
                Err(Refusal::UnknownThing { what: "device" })
            }
            (Action::Rename { name, .. }, Some(known)) if known.name == *name => Ok(Vec::new()),
            (Action::Rename { device, name }, Some(known)) => {
                let renamed =
                    DeviceRenamed { device: device.clone(), name: name.clone(), was: known.name.clone() };
                one(renamed.into())
            }
            (Action::Revoke { .. }, None) => Err(Refusal::UnknownThing { what: "device" }),
            (Action::Revoke { .. }, Some(known)) if known.revoked => Ok(Vec::new()),
            (Action::Revoke { device }, Some(_)) => one(DeviceRevoked { device: device.clone() }.into()),
        }
    }

    fn evolve(&mut self, happened: Happened<'_>) {
        let Event::Device(event) = happened.event else { return };
        match event {
            DeviceEvent::DevicePaired(it) => {
                let (branch, name) = (it.branch.clone(), it.name.clone());
                self.pairing = Some(Pairing { kind: it.kind, branch, name, revoked: false });
            }
            DeviceEvent::DeviceRenamed(it) => {
                if let Some(pairing) = &mut self.pairing {
                    pairing.name.clone_from(&it.name);
                }
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
            offered_by: None,
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
    fn a_device_is_renamed_while_it_is_trusted_and_the_old_name_is_told() {
        let rename = |name: &str| Action::Rename { device: id(), name: name.into() };
        let renamed = decided(&after(&[pair("centre")]), rename("By the window")).expect("allowed");
        let [Event::Device(DeviceEvent::DeviceRenamed(it))] = renamed.as_slice() else {
            panic!("{renamed:?}")
        };
        assert_eq!((it.name.as_str(), it.was.as_str()), ("By the window", "By the door"));
        let twice = after(&[pair("centre"), rename("By the window")]);
        assert_eq!(asked(&twice, rename("By the window")), Ok(0));
        let unknown = Err(Refusal::UnknownThing { what: "device" });
        assert_eq!(asked(&PairedDevice::default(), rename("x")), unknown);
        assert_eq!(asked(&after(&[pair("centre"), revoke()]), rename("x")), unknown);
    }

    #[test]
    fn a_device_does_not_move_to_another_branch() {
        let no = Err(Refusal::AlreadyExists { what: "device" });
        assert_eq!(asked(&after(&[pair("centre"), revoke()]), pair("north")), no);
    }
}
