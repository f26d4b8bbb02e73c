//! The facts access writes: about staff, about devices, and that somebody belongs to the staff at all.

use std::sync::Arc;

use async_trait::async_trait;
use talon_core::{
    device::{self, PairedDevice},
    dispatch::{Dispatch, DispatchError, Envelope},
    event_store::EventStore,
    ids::{DeviceId, OperatorId},
    organisation::{self, Organisation},
    staff::{self, StaffMember},
    time::Clock,
};

/// Writes down that somebody belongs to the staff, in the organisation's own stream.
#[async_trait]
pub trait StaffList: Send + Sync {
    /// Listing somebody again writes nothing.
    ///
    /// # Errors
    /// As any command.
    async fn list(&self, staff: &OperatorId, envelope: Envelope) -> Result<(), DispatchError>;
}

#[async_trait]
impl StaffList for Dispatch<Organisation> {
    async fn list(&self, staff: &OperatorId, envelope: Envelope) -> Result<(), DispatchError> {
        let action = organisation::command::Action::ListStaff { staff: staff.clone() };
        self.send(&organisation::stream(), envelope, action, |_, _| ()).await.map(|_| ())
    }
}

/// The streams of people and devices, one command at a time each.
pub(super) struct People {
    staff: Dispatch<StaffMember>,
    devices: Dispatch<PairedDevice>,
    list: Arc<dyn StaffList>,
}

impl std::fmt::Debug for People {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("People")
    }
}

impl People {
    pub(super) fn new(store: Arc<dyn EventStore>, list: Arc<dyn StaffList>, clock: Arc<dyn Clock>) -> Self {
        Self {
            staff: Dispatch::new(store.clone(), clock.clone()),
            devices: Dispatch::new(store, clock),
            list,
        }
    }

    pub(super) async fn staff(
        &self,
        id: &OperatorId,
        envelope: Envelope,
        action: staff::Action,
    ) -> Result<(), DispatchError> {
        self.staff.send(&staff::stream(id), envelope, action, |_, _| ()).await.map(|_| ())
    }

    /// Whether this id was ever given to anybody.
    pub(super) async fn is_known(&self, id: &OperatorId) -> Result<bool, DispatchError> {
        self.staff.read(&staff::stream(id), StaffMember::is_known).await
    }

    pub(super) async fn list(&self, id: &OperatorId, envelope: Envelope) -> Result<(), DispatchError> {
        self.list.list(id, envelope).await
    }

    pub(super) async fn device(
        &self,
        id: &DeviceId,
        envelope: Envelope,
        action: device::Action,
    ) -> Result<(), DispatchError> {
        self.devices.send(&device::stream(id), envelope, action, |_, _| ()).await.map(|_| ())
    }
}
