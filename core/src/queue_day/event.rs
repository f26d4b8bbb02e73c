//! What can happen in a branch on one business day. Recorded once, true for ever.

mod hall;
mod undone;
mod wire;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{
    hall::{
        AlertAcknowledged, BusinessDayClosed, BusinessDayOpened, CloseOverdue, IntakePaused, IntakeResumed,
        LongWaitDetected, SettingsAdopted, SkillsAdopted, WindowClosed, WindowOpened, WindowPaused,
        WindowResumed, WindowServiceDisabled, WindowServiceEnabled, WindowTakenOver,
    },
    undone::{ActionUndone, Pause, Restored, RestoredState, RestoredTicket, RestoredWindow},
};
use crate::{
    ids::{ClassId, DeviceId, OperatorId, ReasonCode, ServiceId, TicketId, WindowId},
    sealed::Sealed,
};

/// The level under which `CloseOverdue` is acknowledged: above both levels of a long wait.
pub const CLOSE_OVERDUE: u8 = 3;

/// How the ticket was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Kiosk,
    Web,
    Bot,
    Staff,
    Booking,
    Phone,
    Import,
}

/// The wait told to the customer when the ticket was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quote {
    pub p50_s: u32,
    pub p80_s: u32,
    /// Which model answered: `formula`, later `simulation`.
    pub model: String,
    /// Tickets before this one.
    pub ahead: u32,
    /// Windows open for its service.
    pub windows: u32,
}

/// Why this ticket and no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// `edd` or `fifo`.
    pub policy: String,
    /// Version of the settings in force.
    pub version: u64,
    /// How many tickets this window could have called.
    pub candidates: u32,
    /// 1 for the first in order; greater when picked by hand.
    pub rank: u32,
    pub due_at: DateTime<Utc>,
    /// Eligible tickets with an earlier reference that were passed over; at most five.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overtaken: Vec<Overtaken>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<ReasonCode>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Overtaken {
    pub ticket: TicketId,
    pub number: String,
    pub due_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallMode {
    /// The first in order.
    Next,
    /// Chosen out of order, with a reason.
    Picked,
    /// From this window's own parked tickets or pinned to it.
    Direct,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "at")]
pub enum Placement {
    /// Its old place; after a no-show, with the penalty.
    Original,
    /// Before the first waiting for its service.
    Front,
    /// Behind the n-th waiting for its service.
    AfterN { n: u32 },
    /// Behind everybody who is there now.
    Tail,
}

/// Who may take a parked ticket up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pool {
    Window,
    Operator,
    Branch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevokeReason {
    Mistake,
    SignOut,
    Timeout,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Arrival {
    Qr,
    Geofence,
    KioskCode,
    Staff,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CancelledBy {
    Customer,
    Staff,
    Admin,
}

/// How we know that nobody will come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    GraceOver,
    CustomerLeft,
    Import,
}

/// Which rule ended a ticket or the intake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The day closed.
    DayClosed,
    /// Ten minutes before closing time.
    EndOfIntake,
    /// A break between two intervals of the day's hours.
    Break,
    /// As many tickets as the day's quota allows.
    Quota,
}

/// Where in the queue, and by when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    pub reference: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
}

/// A customer was given a ticket. Number, letter and seq are absent only in imported history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TicketIssued {
    pub ticket: TicketId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letter: Option<char>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u32>,
    /// In the order to be given; never empty.
    pub services: Vec<ServiceId>,
    pub class: ClassId,
    /// The ground on which a customer named a class other than standard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_reason: Option<ReasonCode>,
    pub channel: Channel,
    /// Taken from afar: the customer is expected, not yet waiting.
    #[serde(default)]
    pub remote: bool,
    #[serde(default = "one_person")]
    pub party_size: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booking_id: Option<uuid::Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slot_start: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_ref: Option<Sealed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kiosk: Option<DeviceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<DateTime<Utc>>,
    #[serde(flatten)]
    pub place: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
}

fn one_person() -> u16 {
    1
}

/// An expected customer is in the hall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketArrived {
    pub ticket: TicketId,
    pub how: Arrival,
    #[serde(flatten)]
    pub place: Place,
}

/// A ticket moved to another class of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketReprioritised {
    pub ticket: TicketId,
    pub old_class: ClassId,
    pub new_class: ClassId,
    pub due_at: DateTime<Utc>,
    pub reason_code: ReasonCode,
}

/// A window invited the customer. A repeat on the board is `TicketRecalled`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketCalled {
    pub ticket: TicketId,
    /// Absent only in imported history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorId>,
    /// 1 for the first call.
    pub attempt: u8,
    pub mode: CallMode,
    /// Why this ticket. Absent only in imported history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
}

/// The board showed and spoke the number once more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketRecalled {
    pub ticket: TicketId,
    pub window: WindowId,
    pub attempt: u8,
}

/// A call was taken back; the ticket keeps its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CallRevoked {
    pub ticket: TicketId,
    pub window: WindowId,
    pub reason: RevokeReason,
}

/// The customer is at the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceStarted {
    pub ticket: TicketId,
    pub service: ServiceId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorId>,
}

/// One more service in this visit, behind the present ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceAdded {
    pub ticket: TicketId,
    pub service: ServiceId,
    pub quantity: u16,
}

/// The service being given turned out to be another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceSwitched {
    pub ticket: TicketId,
    pub from_service: ServiceId,
    pub service: ServiceId,
    pub quantity: u16,
}

/// What follows a completed service of the same visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "where")]
pub enum NextService {
    /// At the same window, at once.
    Here { service: ServiceId },
    /// Back in the queue with the old reference.
    Queued {
        service: ServiceId,
        #[serde(flatten)]
        place: Place,
    },
}

/// A service was given. One for each; the visit ends when `next` is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceCompleted {
    pub ticket: TicketId,
    pub service: ServiceId,
    pub quantity: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome_code: Option<ReasonCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<NextService>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorId>,
}

/// The customer was asked to wait aside: a form to fill, a document to fetch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketParked {
    pub ticket: TicketId,
    pub reason_code: ReasonCode,
    pub pool: Pool,
    pub window: WindowId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume_by: Option<DateTime<Utc>>,
}

/// A ticket set aside waits again, in its old place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketUnparked {
    pub ticket: TicketId,
    #[serde(flatten)]
    pub place: Place,
}

/// Sent back to the queue from a window, or from the grace after a no-show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketReturned {
    pub ticket: TicketId,
    pub placement: Placement,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<DateTime<Utc>>,
    /// How many times it has come back after a no-show.
    pub returns: u8,
    #[serde(flatten)]
    pub place: Place,
}

/// Passed on to another service, window or operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketTransferred {
    pub ticket: TicketId,
    pub from_service: ServiceId,
    pub to_service: ServiceId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_window: Option<WindowId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_operator: Option<OperatorId>,
    #[serde(flatten)]
    pub place: Place,
}

/// Called and did not come. In imported history `grace_until` is the event's own time: nobody came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketNoShow {
    pub ticket: TicketId,
    pub attempts: u8,
    pub automatic: bool,
    pub grace_until: DateTime<Utc>,
}

/// Came back within the grace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketReactivated {
    pub ticket: TicketId,
    pub placement: Placement,
    pub returns: u8,
    #[serde(flatten)]
    pub place: Place,
}

/// The window could not give the service, and said why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceRefused {
    pub ticket: TicketId,
    pub reason_code: ReasonCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorId>,
}

/// Taken out of the queue on purpose; if it stood at a window, the window is free.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketCancelled {
    pub ticket: TicketId,
    pub by: CancelledBy,
    pub reason_code: ReasonCode,
}

/// The customer is gone without a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketAbandoned {
    pub ticket: TicketId,
    pub evidence: Evidence,
}

/// The day closed, and the ticket with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketExpired {
    pub ticket: TicketId,
    pub rule: Rule,
}

/// An operator wrote something down about the visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketNoteAdded {
    pub ticket: TicketId,
    pub note: Sealed,
}
