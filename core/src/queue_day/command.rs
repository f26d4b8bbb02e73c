//! What can be asked of a business day. Time and ids arrive inside the command; rules ask nobody.

use chrono::{DateTime, Utc};

use super::event::{Arrival, CancelledBy, Channel, Placement, Pool, Quote, RevokeReason};
use crate::{
    ids::{ClassId, DeviceId, EventId, OperatorId, ReasonCode, ServiceId, TicketId, WindowId},
    sealed::Sealed,
    settings::DaySettings,
};

/// One request to one business day.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    OpenBusinessDay {
        settings: Box<DaySettings>,
    },
    AdoptSettings {
        settings: Box<DaySettings>,
    },
    AdoptSkills {
        operator: OperatorId,
        skills: Vec<ServiceId>,
    },
    PauseIntake {
        reason: String,
    },
    ResumeIntake,
    /// By hand: refused while somebody is Called or Serving; who still waits expires.
    CloseBusinessDay,

    OpenWindow(AtWindow),
    TakeOverWindow(AtWindow),
    PauseWindow {
        window: WindowId,
        reason: ReasonCode,
        until: Option<DateTime<Utc>>,
    },
    ResumeWindow {
        window: WindowId,
    },
    CloseWindow {
        window: WindowId,
    },
    SetWindowServices {
        window: WindowId,
        services: Vec<ServiceId>,
    },
    /// The house moves a window to the next day or back: refused while a ticket is called to it or served there.
    LeaveWindow {
        window: WindowId,
    },
    /// The house ends the work of somebody dismissed, wherever they sit.
    SendAway {
        operator: OperatorId,
    },

    IssueTicket(IssueTicket),
    ArriveTicket {
        ticket: TicketId,
        how: Arrival,
    },
    CallNext {
        window: WindowId,
    },
    CallTicket {
        window: WindowId,
        ticket: TicketId,
        reason: Option<ReasonCode>,
    },
    RecallTicket {
        ticket: TicketId,
    },
    RevokeCall {
        ticket: TicketId,
        reason: RevokeReason,
    },
    StartService {
        ticket: TicketId,
    },
    AddService {
        ticket: TicketId,
        service: ServiceId,
        quantity: u16,
    },
    SwitchService {
        ticket: TicketId,
        service: ServiceId,
        quantity: u16,
    },
    CompleteService {
        ticket: TicketId,
        outcome: Option<ReasonCode>,
        quantity: u16,
    },
    RefuseService {
        ticket: TicketId,
        reason: ReasonCode,
    },
    MarkNoShow {
        ticket: TicketId,
    },
    ReactivateTicket {
        ticket: TicketId,
        placement: Placement,
    },
    ParkTicket {
        ticket: TicketId,
        reason: ReasonCode,
        pool: Pool,
        resume_by: Option<DateTime<Utc>>,
    },
    UnparkTicket {
        ticket: TicketId,
    },
    ReturnTicket {
        ticket: TicketId,
        placement: Placement,
        not_before: Option<DateTime<Utc>>,
    },
    TransferTicket(TransferTicket),
    ReprioritiseTicket {
        ticket: TicketId,
        class: ClassId,
        reason: ReasonCode,
    },
    CancelTicket {
        ticket: TicketId,
        by: CancelledBy,
        reason: ReasonCode,
    },
    AddNote {
        ticket: TicketId,
        note: Sealed,
    },
    AcknowledgeAlert {
        ticket: TicketId,
        level: u8,
    },
    UndoAction {
        event: EventId,
    },

    /// What time alone brings about; sent by the scheduler, harmless when it comes twice or too early.
    Due(Due),
}

/// What a request of people is about: where it is carried out while two days are in the hall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern<'a> {
    /// Intake and close.
    Day,
    Window(&'a WindowId),
    /// Somebody is to be called from the queue.
    Queue(&'a WindowId),
    Ticket(TicketId),
    /// A ticket that a window takes up.
    TicketAt(TicketId, &'a WindowId),
    /// A ticket that waits aside: whoever asks must sit in its day.
    Aside(TicketId),
    Step(EventId),
    /// A newcomer, or the house itself: always today.
    Today,
}

impl Action {
    /// What this request is about.
    #[must_use]
    pub fn concern(&self) -> Concern<'_> {
        match self {
            Self::PauseIntake { .. } | Self::ResumeIntake | Self::CloseBusinessDay => Concern::Day,
            Self::OpenWindow(it) | Self::TakeOverWindow(it) => Concern::Window(&it.window),
            Self::PauseWindow { window, .. }
            | Self::ResumeWindow { window }
            | Self::CloseWindow { window }
            | Self::SetWindowServices { window, .. }
            | Self::LeaveWindow { window } => Concern::Window(window),
            Self::CallNext { window } => Concern::Queue(window),
            Self::CallTicket { window, ticket, .. } => Concern::TicketAt(*ticket, window),
            Self::UnparkTicket { ticket } => Concern::Aside(*ticket),
            Self::TransferTicket(it) => Concern::Aside(it.ticket),
            Self::ArriveTicket { ticket, .. }
            | Self::RecallTicket { ticket }
            | Self::RevokeCall { ticket, .. }
            | Self::StartService { ticket }
            | Self::AddService { ticket, .. }
            | Self::SwitchService { ticket, .. }
            | Self::CompleteService { ticket, .. }
            | Self::RefuseService { ticket, .. }
            | Self::MarkNoShow { ticket }
            | Self::ReactivateTicket { ticket, .. }
            | Self::ParkTicket { ticket, .. }
            | Self::ReturnTicket { ticket, .. }
            | Self::ReprioritiseTicket { ticket, .. }
            | Self::CancelTicket { ticket, .. }
            | Self::AddNote { ticket, .. }
            | Self::AcknowledgeAlert { ticket, .. } => Concern::Ticket(*ticket),
            Self::UndoAction { event } => Concern::Step(*event),
            Self::OpenBusinessDay { .. }
            | Self::AdoptSettings { .. }
            | Self::AdoptSkills { .. }
            | Self::SendAway { .. }
            | Self::IssueTicket(_)
            | Self::Due(_) => Concern::Today,
        }
    }
}

/// An instant that was reached. Made by `QueueDay::due`, decided like any other command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    ResumeParked { ticket: TicketId },
    AutomaticNoShow { ticket: TicketId },
    GraceOver { ticket: TicketId },
    LongWait { ticket: TicketId, level: u8 },
    CloseOverdue { ticket: TicketId },
    EndOfPause { window: WindowId },
    EndOfIntake,
    StartOfBreak,
    EndOfBreak,
    CloseDay,
}

/// Who sits down where, with what they can do: skills are read from the person's own stream by the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtWindow {
    pub window: WindowId,
    pub operator: OperatorId,
    pub skills: Vec<ServiceId>,
    /// Absent: all that the window may give.
    pub services: Option<Vec<ServiceId>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct IssueTicket {
    pub ticket: TicketId,
    pub services: Vec<ServiceId>,
    pub class: ClassId,
    pub class_reason: Option<ReasonCode>,
    pub channel: Channel,
    pub remote: bool,
    pub party_size: u16,
    pub language: Option<String>,
    pub booking_id: Option<uuid::Uuid>,
    pub slot_start: Option<DateTime<Utc>>,
    pub customer_ref: Option<Sealed>,
    pub kiosk: Option<DeviceId>,
    pub not_before: Option<DateTime<Utc>>,
    /// Filled by `dispatch` from the waiting-time port, on the very state the command is decided on.
    pub quote: Option<Quote>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferTicket {
    pub ticket: TicketId,
    pub to_service: Option<ServiceId>,
    pub to_window: Option<WindowId>,
    pub to_operator: Option<OperatorId>,
    /// Absent: keeps its reference.
    pub placement: Option<Placement>,
}
