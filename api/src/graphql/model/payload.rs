//! What a mutation answers: the object, how far the log has come, or the rule that said no.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};

use super::{
    branch::BusinessDay,
    customer::{Account, ConsentText, Customer, Revealed},
    staff::{Invitation, JobPosition, Region, Role, StaffMember},
    ticket::Ticket,
    window::Window,
};
use crate::graphql::scalar::{BranchCode, Position};

/// A rule's no: nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Refusal {
    /// Stable; act on this.
    pub code: String,
    /// A sentence for people, in the language of the request.
    pub message: String,
    /// The input at fault, where one is.
    pub field: Option<String>,
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct TicketPayload {
    pub ticket: Option<Ticket>,
    pub window: Option<Window>,
    pub position: Option<Position>,
    pub refusal: Option<Refusal>,
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct WindowPayload {
    pub window: Option<Window>,
    pub position: Option<Position>,
    pub refusal: Option<Refusal>,
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct DayPayload {
    pub day: Option<BusinessDay>,
    pub position: Option<Position>,
    pub refusal: Option<Refusal>,
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct UndoPayload {
    pub ticket: Option<Ticket>,
    pub window: Option<Window>,
    pub position: Option<Position>,
    pub refusal: Option<Refusal>,
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct PairingPayload {
    /// Six digits to type at the device.
    pub code: Option<String>,
    pub expires_at: Option<DateTime<Utc>>,
    pub refusal: Option<Refusal>,
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct AccountPayload {
    pub account: Option<Account>,
    pub position: Option<Position>,
    pub refusal: Option<Refusal>,
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct CustomerPayload {
    pub customer: Option<Customer>,
    pub position: Option<Position>,
    pub refusal: Option<Refusal>,
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct RevealPayload {
    pub revealed: Option<Revealed>,
    pub position: Option<Position>,
    pub refusal: Option<Refusal>,
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct ConsentTextPayload {
    pub consent_text: Option<ConsentText>,
    pub position: Option<Position>,
    pub refusal: Option<Refusal>,
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct DevicePayload {
    pub device: Option<super::branch::Device>,
    pub refusal: Option<Refusal>,
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct StaffPayload {
    pub staff: Option<StaffMember>,
    /// After `addStaff` and `inviteStaffAgain`, once.
    pub invitation: Option<Invitation>,
    pub position: Option<Position>,
    pub refusal: Option<Refusal>,
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct RolePayload {
    pub role: Option<Role>,
    pub position: Option<Position>,
    pub refusal: Option<Refusal>,
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct JobPositionPayload {
    pub job_position: Option<JobPosition>,
    pub position: Option<Position>,
    pub refusal: Option<Refusal>,
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct RegionPayload {
    /// Absent when it was archived.
    pub region: Option<Region>,
    pub position: Option<Position>,
    pub refusal: Option<Refusal>,
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct BranchPlacePayload {
    pub branch: Option<BranchCode>,
    /// The region it belongs to now.
    pub region: Option<String>,
    pub position: Option<Position>,
    pub refusal: Option<Refusal>,
}
