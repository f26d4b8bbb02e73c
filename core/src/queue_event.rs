//! The sum of all facts, and the one table of their wire names. Names and numbers are literals: renaming a Rust type
//! must not rename history.

use bytes::Bytes;
use schemars::Schema;
use uuid::Uuid;

use crate::{
    access, branch, customer, device,
    ids::{TicketId, WindowId},
    organisation, queue_day, staff,
};

macro_rules! facts {
    ($(#[$doc:meta])* $sum:ident in $module:ident { $($event:ident = $kind:literal $version:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub enum $sum {
            $($event($module::event::$event)),+
        }

        impl $sum {
            /// Wire name and schema number.
            #[must_use]
            pub fn wire(&self) -> (&'static str, u16) {
                match self { $(Self::$event(_) => ($kind, $version)),+ }
            }

            /// The event's JSON, as it is stored.
            #[must_use]
            pub fn data(&self) -> Bytes {
                match self { $(Self::$event(it) => json(it)),+ }
            }

            fn decode(kind: &str, data: &[u8]) -> Option<Result<Self, serde_json::Error>> {
                Some(match kind {
                    $($kind => serde_json::from_slice(data).map(Self::$event),)+
                    _ => return None,
                })
            }

            const KINDS: &[&str] = &[$($kind),+];

            fn catalogue(into: &mut Vec<(&'static str, u16, Schema)>) {
                $(into.push(($kind, $version, schemars::schema_for!($module::event::$event)));)+
            }
        }

        $(impl From<$module::event::$event> for $sum {
            fn from(event: $module::event::$event) -> Self { Self::$event(event) }
        })+
    };
}

facts! {
    /// Facts of a business day, in `queue-{branch}~{date}`.
    QueueEvent in queue_day {
        TicketIssued = "ticket.issued" 1,
        TicketArrived = "ticket.arrived" 1,
        TicketReprioritised = "ticket.reprioritised" 1,
        TicketCalled = "ticket.called" 1,
        TicketRecalled = "ticket.recalled" 1,
        CallRevoked = "ticket.call_revoked" 1,
        ServiceStarted = "service.started" 1,
        ServiceAdded = "service.added" 1,
        ServiceSwitched = "service.switched" 1,
        ServiceCompleted = "service.completed" 1,
        TicketParked = "ticket.parked" 1,
        TicketUnparked = "ticket.unparked" 1,
        TicketReturned = "ticket.returned" 1,
        TicketTransferred = "ticket.transferred" 1,
        TicketNoShow = "ticket.no_show" 1,
        TicketReactivated = "ticket.reactivated" 1,
        ServiceRefused = "service.refused" 1,
        TicketCancelled = "ticket.cancelled" 1,
        TicketAbandoned = "ticket.abandoned" 1,
        TicketExpired = "ticket.expired" 1,
        TicketNoteAdded = "ticket.note_added" 1,
        ActionUndone = "action.undone" 1,
        LongWaitDetected = "alert.long_wait" 1,
        CloseOverdue = "alert.close_overdue" 1,
        AlertAcknowledged = "alert.acknowledged" 1,
        BusinessDayOpened = "day.opened" 1,
        SettingsAdopted = "day.settings_adopted" 1,
        SkillsAdopted = "day.skills_adopted" 1,
        IntakePaused = "day.intake_paused" 1,
        IntakeResumed = "day.intake_resumed" 1,
        BusinessDayClosed = "day.closed" 1,
        WindowOpened = "window.opened" 1,
        WindowTakenOver = "window.taken_over" 1,
        WindowServiceEnabled = "window.service_enabled" 1,
        WindowServiceDisabled = "window.service_disabled" 1,
        WindowPaused = "window.paused" 1,
        WindowResumed = "window.resumed" 1,
        WindowClosed = "window.closed" 1,
    }
}

facts! {
    /// Facts of the stream `organisation`.
    OrganisationEvent in organisation {
        OrganisationNamed = "organisation.named" 1,
        RegionDefined = "organisation.region_defined" 1,
        BranchRegistered = "organisation.branch_registered" 1,
        ServiceGroupDefined = "catalogue.group_defined" 1,
        ServiceDefined = "catalogue.service_defined" 1,
        ServiceChanged = "catalogue.service_changed" 1,
        ServiceArchived = "catalogue.service_archived" 1,
        ClassDefined = "catalogue.class_defined" 1,
        TargetSet = "catalogue.target_set" 1,
        TargetRemoved = "catalogue.target_removed" 1,
        ReasonsDefined = "catalogue.reasons_defined" 1,
        JobPositionDefined = "organisation.position_defined" 1,
        StaffListed = "organisation.staff_listed" 1,
        JobPositionChanged = "organisation.position_changed" 1,
        JobPositionArchived = "organisation.position_archived" 1,
        RegionArchived = "organisation.region_archived" 1,
        BranchMoved = "organisation.branch_moved" 1,
        RoleDefined = "organisation.role_defined" 1,
        RoleChanged = "organisation.role_changed" 1,
        RoleArchived = "organisation.role_archived" 1,
        AdministratorNamed = "organisation.administrator_named" 1,
        AdministratorRelieved = "organisation.administrator_relieved" 1,
        ConsentTextPublished = "organisation.consent_text_published" 1,
        WebhookAdded = "organisation.webhook_added" 1,
        WebhookChanged = "organisation.webhook_changed" 1,
        WebhookRemoved = "organisation.webhook_removed" 1,
    }
}

facts! {
    /// Facts of `branch-{id}`.
    BranchEvent in branch {
        SettingsPublished = "branch.settings_published" 1,
        ServiceTimesLearnt = "branch.service_times_learnt" 1,
    }
}

facts! {
    /// Facts of `staff-{id}`.
    StaffEvent in staff {
        StaffAdded = "staff.added" 1,
        RoleGranted = "staff.role_granted" 1,
        RoleWithdrawn = "staff.role_withdrawn" 1,
        SkillsSet = "staff.skills_set" 1,
        PasswordChanged = "staff.password_changed" 1,
        SessionStarted = "staff.session_started" 1,
        SessionRevoked = "staff.session_revoked" 1,
        StaffDismissed = "staff.dismissed" 1,
        StaffChanged = "staff.changed" 1,
        StaffInvited = "staff.invited" 1,
        PositionsAssigned = "staff.positions_assigned" 1,
        SecondFactorAdded = "staff.second_factor_added" 1,
        SecondFactorRemoved = "staff.second_factor_removed" 1,
        RecoveryCodeUsed = "staff.recovery_code_used" 1,
        AccountLinked = "staff.account_linked" 1,
        PersonalDataRevealed = "staff.personal_data_revealed" 1,
    }
}

facts! {
    /// Facts of `customer-{id}`.
    CustomerEvent in customer {
        CustomerRegistered = "customer.registered" 1,
        ContactAdded = "customer.contact_added" 1,
        ContactRemoved = "customer.contact_removed" 1,
        ProfileChanged = "customer.profile_changed" 1,
        ConsentGiven = "customer.consent_given" 1,
        ConsentWithdrawn = "customer.consent_withdrawn" 1,
        SessionStarted = "customer.session_started" 1,
        SessionRevoked = "customer.session_revoked" 1,
        PersonalDataRevealed = "customer.personal_data_revealed" 1,
        DataExported = "customer.data_exported" 1,
        CustomerErased = "customer.erased" 1,
    }
}

facts! {
    /// Facts of `device-{id}`.
    DeviceEvent in device {
        DevicePaired = "device.paired" 1,
        DeviceRenamed = "device.renamed" 1,
        DeviceRevoked = "device.revoked" 1,
    }
}

facts! {
    /// Facts of `access-{date}`.
    AccessEvent in access {
        SignInFailed = "access.sign_in_failed" 1,
        AccountLocked = "access.account_locked" 1,
    }
}

impl OrganisationEvent {
    /// Whether days decide by what changed here.
    #[must_use]
    pub fn is_of_the_catalogue(&self) -> bool {
        self.wire().0.starts_with("catalogue.")
    }
}

impl QueueEvent {
    /// The ticket a fact of the day is about; none for those about windows and the day itself.
    #[must_use]
    pub fn ticket(&self) -> Option<TicketId> {
        match self {
            Self::TicketIssued(it) => Some(it.ticket),
            Self::TicketArrived(it) => Some(it.ticket),
            Self::TicketReprioritised(it) => Some(it.ticket),
            Self::TicketCalled(it) => Some(it.ticket),
            Self::TicketRecalled(it) => Some(it.ticket),
            Self::CallRevoked(it) => Some(it.ticket),
            Self::ServiceStarted(it) => Some(it.ticket),
            Self::ServiceAdded(it) => Some(it.ticket),
            Self::ServiceSwitched(it) => Some(it.ticket),
            Self::ServiceCompleted(it) => Some(it.ticket),
            Self::TicketParked(it) => Some(it.ticket),
            Self::TicketUnparked(it) => Some(it.ticket),
            Self::TicketReturned(it) => Some(it.ticket),
            Self::TicketTransferred(it) => Some(it.ticket),
            Self::TicketNoShow(it) => Some(it.ticket),
            Self::TicketReactivated(it) => Some(it.ticket),
            Self::ServiceRefused(it) => Some(it.ticket),
            Self::TicketCancelled(it) => Some(it.ticket),
            Self::TicketAbandoned(it) => Some(it.ticket),
            Self::TicketExpired(it) => Some(it.ticket),
            Self::TicketNoteAdded(it) => Some(it.ticket),
            Self::ActionUndone(it) => it.ticket,
            Self::LongWaitDetected(it) => Some(it.ticket),
            Self::CloseOverdue(it) => Some(it.ticket),
            Self::AlertAcknowledged(it) => Some(it.ticket),
            Self::BusinessDayOpened(_)
            | Self::SettingsAdopted(_)
            | Self::SkillsAdopted(_)
            | Self::IntakePaused(_)
            | Self::IntakeResumed(_)
            | Self::BusinessDayClosed(_)
            | Self::WindowOpened(_)
            | Self::WindowTakenOver(_)
            | Self::WindowServiceEnabled(_)
            | Self::WindowServiceDisabled(_)
            | Self::WindowPaused(_)
            | Self::WindowResumed(_)
            | Self::WindowClosed(_) => None,
        }
    }
}

/// Any fact of any stream.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    Queue(QueueEvent),
    Organisation(OrganisationEvent),
    Branch(BranchEvent),
    Staff(StaffEvent),
    Customer(CustomerEvent),
    Device(DeviceEvent),
    Access(AccessEvent),
    /// Written by a newer build: carried as it is, never dropped.
    Unknown {
        kind: String,
        schema_version: u16,
        data: Bytes,
    },
}

impl Event {
    /// Wire name and schema number.
    #[must_use]
    pub fn wire(&self) -> (&'static str, u16) {
        match self {
            Self::Queue(it) => it.wire(),
            Self::Organisation(it) => it.wire(),
            Self::Branch(it) => it.wire(),
            Self::Staff(it) => it.wire(),
            Self::Customer(it) => it.wire(),
            Self::Device(it) => it.wire(),
            Self::Access(it) => it.wire(),
            // Never written by this build: it only carries what a newer one wrote.
            Self::Unknown { schema_version, .. } => ("unknown", *schema_version),
        }
    }

    /// The event's JSON, as it is stored.
    #[must_use]
    pub fn data(&self) -> Bytes {
        match self {
            Self::Queue(it) => it.data(),
            Self::Organisation(it) => it.data(),
            Self::Branch(it) => it.data(),
            Self::Staff(it) => it.data(),
            Self::Customer(it) => it.data(),
            Self::Device(it) => it.data(),
            Self::Access(it) => it.data(),
            Self::Unknown { data, .. } => data.clone(),
        }
    }

    /// The ticket this is about, where it is about one: the thread of one visit.
    #[must_use]
    pub fn subject(&self) -> Option<Uuid> {
        match self {
            Self::Queue(it) => it.ticket().map(|ticket| ticket.0),
            _ => None,
        }
    }

    /// Reads the newest shape of a wire name.
    ///
    /// # Errors
    /// When the bytes are not that event's JSON.
    pub fn decode(kind: &str, schema_version: u16, data: &[u8]) -> Result<Self, serde_json::Error> {
        None.or_else(|| QueueEvent::decode(kind, data).map(|it| it.map(Self::Queue)))
            .or_else(|| OrganisationEvent::decode(kind, data).map(|it| it.map(Self::Organisation)))
            .or_else(|| BranchEvent::decode(kind, data).map(|it| it.map(Self::Branch)))
            .or_else(|| StaffEvent::decode(kind, data).map(|it| it.map(Self::Staff)))
            .or_else(|| CustomerEvent::decode(kind, data).map(|it| it.map(Self::Customer)))
            .or_else(|| DeviceEvent::decode(kind, data).map(|it| it.map(Self::Device)))
            .or_else(|| AccessEvent::decode(kind, data).map(|it| it.map(Self::Access)))
            .unwrap_or_else(|| {
                Ok(Self::Unknown { kind: kind.into(), schema_version, data: Bytes::copy_from_slice(data) })
            })
    }
}

/// Every wire name.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    let all = [
        QueueEvent::KINDS,
        OrganisationEvent::KINDS,
        BranchEvent::KINDS,
        StaffEvent::KINDS,
        DeviceEvent::KINDS,
        CustomerEvent::KINDS,
        AccessEvent::KINDS,
    ];
    all.into_iter().flatten().copied()
}

/// Every wire name with its schema number and JSON Schema, for the generated reference.
#[must_use]
pub fn catalogue() -> Vec<(&'static str, u16, Schema)> {
    let mut all = Vec::new();
    QueueEvent::catalogue(&mut all);
    OrganisationEvent::catalogue(&mut all);
    BranchEvent::catalogue(&mut all);
    StaffEvent::catalogue(&mut all);
    CustomerEvent::catalogue(&mut all);
    DeviceEvent::catalogue(&mut all);
    AccessEvent::catalogue(&mut all);
    all
}

fn json(event: &impl serde::Serialize) -> Bytes {
    // Our own plain structs with string keys: serialising them cannot fail.
    serde_json::to_vec(event).map(Bytes::from).unwrap_or_default()
}

impl QueueEvent {
    /// The window the fact itself names.
    #[must_use]
    pub fn window(&self) -> Option<&WindowId> {
        match self {
            Self::TicketCalled(it) => it.window.as_ref(),
            Self::TicketRecalled(it) => Some(&it.window),
            Self::CallRevoked(it) => Some(&it.window),
            Self::ServiceStarted(it) => it.window.as_ref(),
            Self::ServiceCompleted(it) => it.window.as_ref(),
            Self::ServiceRefused(it) => it.window.as_ref(),
            Self::TicketParked(it) => Some(&it.window),
            Self::ActionUndone(it) => it.restored.window.as_ref().map(|it| &it.window),
            Self::WindowOpened(it) => Some(&it.window),
            Self::WindowTakenOver(it) => Some(&it.window),
            Self::WindowServiceEnabled(it) => Some(&it.window),
            Self::WindowServiceDisabled(it) => Some(&it.window),
            Self::WindowPaused(it) => Some(&it.window),
            Self::WindowResumed(it) => Some(&it.window),
            Self::WindowClosed(it) => Some(&it.window),
            Self::TicketIssued(_)
            | Self::TicketArrived(_)
            | Self::TicketReprioritised(_)
            | Self::ServiceAdded(_)
            | Self::ServiceSwitched(_)
            | Self::TicketUnparked(_)
            | Self::TicketReturned(_)
            | Self::TicketTransferred(_)
            | Self::TicketNoShow(_)
            | Self::TicketReactivated(_)
            | Self::TicketCancelled(_)
            | Self::TicketAbandoned(_)
            | Self::TicketExpired(_)
            | Self::TicketNoteAdded(_)
            | Self::LongWaitDetected(_)
            | Self::CloseOverdue(_)
            | Self::AlertAcknowledged(_)
            | Self::BusinessDayOpened(_)
            | Self::SettingsAdopted(_)
            | Self::SkillsAdopted(_)
            | Self::IntakePaused(_)
            | Self::IntakeResumed(_)
            | Self::BusinessDayClosed(_) => None,
        }
    }
}
