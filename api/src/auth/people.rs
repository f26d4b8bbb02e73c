//! The facts access writes: about staff, about devices, and that somebody belongs to the staff at all. They go through
//! the desk's own streams: two caches of one stream would disagree.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use talon_core::{
    access,
    desk::Desk,
    device,
    dispatch::{DispatchError, Done, Envelope},
    ids::{DeviceId, OperatorId},
    organisation, staff,
    staff::StaffMember,
};

/// The streams of people and devices, one command at a time each.
pub(super) struct People(Arc<Desk>);

impl std::fmt::Debug for People {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("People")
    }
}

impl People {
    pub(super) fn new(desk: Arc<Desk>) -> Self {
        Self(desk)
    }

    pub(super) async fn staff(
        &self,
        id: &OperatorId,
        envelope: Envelope,
        action: staff::Action,
    ) -> Result<(), DispatchError> {
        self.told(id, envelope, action).await.map(drop)
    }

    /// `staff`, and how far the log has come by it.
    pub(super) async fn told(
        &self,
        id: &OperatorId,
        envelope: Envelope,
        action: staff::Action,
    ) -> Result<Done, DispatchError> {
        self.0.staff.send(&staff::stream(id), envelope, action, |_, _| ()).await.map(|(done, ())| done)
    }

    /// What the organisation decides about those who work for it.
    pub(super) async fn organisation(
        &self,
        envelope: Envelope,
        action: organisation::command::Action,
    ) -> Result<Done, DispatchError> {
        let told = self.0.organisation.send(&organisation::stream(), envelope, action, |_, _| ()).await;
        told.map(|(done, ())| done)
    }

    /// Whether this id was ever given to anybody.
    pub(super) async fn is_known(&self, id: &OperatorId) -> Result<bool, DispatchError> {
        self.0.staff.read(&staff::stream(id), StaffMember::is_known).await
    }

    /// Whether the log knows of a second factor of theirs.
    pub(super) async fn has_second_factor(&self, id: &OperatorId) -> Result<bool, DispatchError> {
        self.0.staff.read(&staff::stream(id), StaffMember::has_second_factor).await
    }

    /// Says that somebody belongs to the staff; saying it again writes nothing.
    pub(super) async fn list(&self, id: &OperatorId, envelope: Envelope) -> Result<(), DispatchError> {
        let action = organisation::command::Action::ListStaff { staff: id.clone() };
        self.0.organisation.send(&organisation::stream(), envelope, action, |_, _| ()).await.map(|_| ())
    }

    /// Writes down, in the stream of its day, that somebody was not let in.
    pub(super) async fn access(
        &self,
        at: DateTime<Utc>,
        envelope: Envelope,
        action: access::Action,
    ) -> Result<(), DispatchError> {
        self.0.access.send(&access::stream(at), envelope, action, |_, _| ()).await.map(|_| ())
    }

    pub(super) async fn device(
        &self,
        id: &DeviceId,
        envelope: Envelope,
        action: device::Action,
    ) -> Result<(), DispatchError> {
        self.0.devices.send(&device::stream(id), envelope, action, |_, _| ()).await.map(|_| ())
    }
}
