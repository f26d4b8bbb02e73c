//! Why a rule said no. Data, not failures: each has a stable code, and nothing was written.

use crate::{
    ids::{ClassId, OperatorId, ReasonCode, ServiceId, TicketId, WindowId},
    settings::fault::FaultAt,
};

/// A rule's no. `code()` is part of the public contract; the sentence people read is chosen by it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the business day is not open")]
    DayNotOpen,
    #[error("the business day is open already")]
    DayAlreadyOpen,
    #[error("the business day is closed")]
    DayClosed,
    #[error("window {busy} still has a ticket")]
    DayStillBusy { busy: WindowId },
    #[error("intake is paused")]
    IntakePaused,
    #[error("intake is not paused")]
    IntakeNotPaused,
    #[error("no more tickets for today")]
    QuotaReached { service: Option<ServiceId> },
    #[error("no service was named")]
    NoService,
    #[error("service {service} is unknown")]
    UnknownService { service: ServiceId },
    #[error("class {class} is unknown")]
    UnknownClass { class: ClassId },
    #[error("class {class} cannot be chosen here")]
    ClassNotOffered { class: ClassId },
    #[error("reason {reason} is unknown")]
    UnknownReason { reason: ReasonCode },
    #[error("a reason is required")]
    ReasonRequired,
    #[error("booking already has an open ticket")]
    BookingHasTicket { ticket: TicketId },
    #[error("ticket is unknown")]
    UnknownTicket { ticket: TicketId },
    #[error("ticket {number} is {state}")]
    WrongState { number: String, state: &'static str },
    #[error("ticket {number} is already called to window {window}")]
    AlreadyCalled { number: String, window: WindowId },
    #[error("ticket {number} is closed")]
    TicketClosed { number: String },
    #[error("window {window} is unknown")]
    UnknownWindow { window: WindowId },
    #[error("window {window} is not open")]
    WindowNotOpen { window: WindowId },
    #[error("window {window} is taken by {operator}")]
    WindowTaken { window: WindowId, operator: OperatorId },
    #[error("window {window} is paused")]
    WindowPaused { window: WindowId },
    #[error("window {window} is not paused")]
    WindowNotPaused { window: WindowId },
    #[error("window {window} has ticket {number}")]
    WindowBusy { window: WindowId, number: String },
    #[error("window {window} belongs to another operator")]
    NotYourWindow { window: WindowId },
    #[error("operator already works at window {window}")]
    OperatorElsewhere { window: WindowId },
    #[error("operator {operator} works at no window")]
    OperatorAbsent { operator: OperatorId },
    #[error("service {service} is not given at window {window}")]
    ServiceNotGiven { service: ServiceId, window: WindowId },
    #[error("nobody is waiting for this window")]
    NobodyWaiting,
    #[error("the last free window is kept for a booking")]
    ReservedForBooking,
    #[error("ticket {number} is kept for somebody else")]
    PinnedElsewhere { number: String },
    #[error("too early to call again: {wait_s} s")]
    RecallTooEarly { wait_s: u32 },
    #[error("called as often as allowed")]
    TooManyCalls { max: u8 },
    #[error("too early for a no-show: {calls_missing} calls, {wait_s} s")]
    NoShowTooEarly { calls_missing: u8, wait_s: u32 },
    #[error("the grace is over")]
    GraceOver { number: String },
    #[error("transfer needs a service, a window or an operator")]
    TransferNowhere,
    #[error("there is nothing to undo")]
    NothingToUndo,
    #[error("too late to undo")]
    UndoTooLate,
    #[error("something has happened since")]
    UndoOvertaken,
    #[error("that step is somebody else's")]
    UndoNotYours,
    #[error("the alert is not open")]
    NoSuchAlert,
    #[error("{what} has the wrong form")]
    Malformed { what: &'static str },
    #[error("{what} exists already")]
    AlreadyExists { what: &'static str },
    #[error("{what} is unknown")]
    UnknownThing { what: &'static str },
    #[error("{what} is still in use")]
    StillInUse { what: &'static str },
    #[error("somebody must stay who can administer")]
    LastAdministrator,
    #[error("nobody gives what they do not have: {what}")]
    MoreThanYours { what: String },
    #[error("one's own account is changed with one's password")]
    OwnAccount,
    #[error("somebody changed the settings meanwhile: version {version}")]
    SettingsMoved { version: u64 },
    #[error("the settings have {} faults", faults.len())]
    WrongSettings { faults: Vec<FaultAt> },
    #[error("the day has live tickets")]
    DayIsLive,
    #[error("the last contact stays")]
    LastContact,
    #[error("no more than {max} contacts")]
    TooManyContacts { max: u8 },
    #[error("this command id was used for something else")]
    CommandIdReused,
    #[error("lost the race too often")]
    Contended,
}

impl Refusal {
    /// The stable code of the public contract.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::DayNotOpen => "DAY_NOT_OPEN",
            Self::DayAlreadyOpen => "DAY_ALREADY_OPEN",
            Self::DayClosed => "DAY_CLOSED",
            Self::DayStillBusy { .. } => "DAY_STILL_BUSY",
            Self::IntakePaused => "INTAKE_PAUSED",
            Self::IntakeNotPaused => "INTAKE_NOT_PAUSED",
            Self::QuotaReached { .. } => "QUOTA_REACHED",
            Self::NoService => "NO_SERVICE",
            Self::UnknownService { .. } => "UNKNOWN_SERVICE",
            Self::UnknownClass { .. } => "UNKNOWN_CLASS",
            Self::ClassNotOffered { .. } => "CLASS_NOT_OFFERED",
            Self::UnknownReason { .. } => "UNKNOWN_REASON",
            Self::ReasonRequired => "REASON_REQUIRED",
            Self::BookingHasTicket { .. } => "BOOKING_HAS_TICKET",
            Self::UnknownTicket { .. } => "UNKNOWN_TICKET",
            Self::WrongState { .. } => "WRONG_STATE",
            Self::AlreadyCalled { .. } => "ALREADY_CALLED",
            Self::TicketClosed { .. } => "TICKET_CLOSED",
            Self::UnknownWindow { .. } => "UNKNOWN_WINDOW",
            Self::WindowNotOpen { .. } => "WINDOW_NOT_OPEN",
            Self::WindowTaken { .. } => "WINDOW_TAKEN",
            Self::WindowPaused { .. } => "WINDOW_PAUSED",
            Self::WindowNotPaused { .. } => "WINDOW_NOT_PAUSED",
            Self::WindowBusy { .. } => "WINDOW_BUSY",
            Self::NotYourWindow { .. } => "NOT_YOUR_WINDOW",
            Self::OperatorElsewhere { .. } => "OPERATOR_ELSEWHERE",
            Self::OperatorAbsent { .. } => "OPERATOR_ABSENT",
            Self::ServiceNotGiven { .. } => "SERVICE_NOT_GIVEN",
            Self::NobodyWaiting => "NOBODY_WAITING",
            Self::ReservedForBooking => "RESERVED_FOR_BOOKING",
            Self::PinnedElsewhere { .. } => "PINNED_ELSEWHERE",
            Self::RecallTooEarly { .. } => "RECALL_TOO_EARLY",
            Self::TooManyCalls { .. } => "TOO_MANY_CALLS",
            Self::NoShowTooEarly { .. } => "NO_SHOW_TOO_EARLY",
            Self::GraceOver { .. } => "GRACE_OVER",
            Self::TransferNowhere => "TRANSFER_NOWHERE",
            Self::NothingToUndo => "NOTHING_TO_UNDO",
            Self::UndoTooLate => "UNDO_TOO_LATE",
            Self::UndoOvertaken => "UNDO_OVERTAKEN",
            Self::UndoNotYours => "UNDO_NOT_YOURS",
            Self::NoSuchAlert => "NO_SUCH_ALERT",
            Self::Malformed { .. } => "MALFORMED",
            Self::AlreadyExists { .. } => "ALREADY_EXISTS",
            Self::UnknownThing { .. } => "UNKNOWN",
            Self::StillInUse { .. } => "STILL_IN_USE",
            Self::LastAdministrator => "LAST_ADMINISTRATOR",
            Self::MoreThanYours { .. } => "MORE_THAN_YOURS",
            Self::OwnAccount => "OWN_ACCOUNT",
            Self::SettingsMoved { .. } => "SETTINGS_MOVED",
            Self::WrongSettings { .. } => "WRONG_SETTINGS",
            Self::DayIsLive => "DAY_IS_LIVE",
            Self::LastContact => "LAST_CONTACT",
            Self::TooManyContacts { .. } => "TOO_MANY_CONTACTS",
            Self::CommandIdReused => "COMMAND_ID_REUSED",
            Self::Contended => "CONTENDED",
        }
    }

    /// The input field at fault, where one is.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::NoService | Self::UnknownService { .. } => Some("services"),
            Self::UnknownClass { .. } | Self::ClassNotOffered { .. } => Some("class"),
            Self::UnknownReason { .. } | Self::ReasonRequired => Some("reasonCode"),
            Self::UnknownTicket { .. } => Some("ticketId"),
            Self::UnknownWindow { .. } => Some("window"),
            Self::LastContact | Self::TooManyContacts { .. } => Some("contact"),
            Self::CommandIdReused => Some("commandId"),
            Self::WrongSettings { faults } => faults.first().map(|it| it.path.as_str()),
            Self::Malformed { what }
            | Self::AlreadyExists { what }
            | Self::UnknownThing { what }
            | Self::StillInUse { what } => Some(what),
            _ => None,
        }
    }
}
