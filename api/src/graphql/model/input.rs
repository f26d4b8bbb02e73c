//! Inputs of mutations. Each carries the id of the press it belongs to: the same id is the same press.

use async_graphql::{Enum, ID, InputObject};
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{
    customer::{EraseReason, PersonalField, RevealReason},
    exchange::{SetupFormat, SetupKind},
    setup::{ClassFields, GroupFields, ReasonsFields, ServiceFields},
    staff::{LocalTextInput, RoleGrantInput, RoleScopeInput},
    ticket::Pool,
};
use crate::graphql::scalar::{
    BranchCode, BranchSettings, CustomerId, OperatorId, PurposeCode, ServiceCode, WindowCode,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize)]
pub enum Placement {
    /// Its old place; after a no-show, with the penalty.
    Original,
    /// Before the first waiting for its service.
    Front,
    /// Behind the n-th waiting for its service.
    AfterN,
    /// Behind everybody.
    Tail,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize)]
pub enum DeviceKind {
    Kiosk,
    Board,
}

macro_rules! inputs {
    ($($name:ident { $($(#[$doc:meta])* $field:ident: $type:ty),* $(,)? })+) => {
        $(#[derive(Debug, Clone, InputObject, Serialize)]
        pub struct $name {
            pub command_id: Uuid,
            $($(#[$doc])* pub $field: $type),*
        })+
    };
}

inputs! {
    DayInput { branch: BranchCode }
    PauseIntakeInput { branch: BranchCode, reason: String }
    OpenWindowInput { branch: BranchCode, window: WindowCode, services: Option<Vec<ServiceCode>> }
    WindowInput { branch: BranchCode, window: WindowCode }
    PauseWindowInput { branch: BranchCode, window: WindowCode, reason: String, minutes: Option<i32> }
    WindowServicesInput { branch: BranchCode, window: WindowCode, services: Vec<ServiceCode> }
    IssueTicketInput {
        branch: BranchCode,
        /// In the order to be given.
        services: Vec<ServiceCode>,
        class: Option<String>,
        party_size: Option<i32>,
        language: Option<String>,
        /// The ground for a class other than standard.
        reason_code: Option<String>,
        /// Taken from afar: the customer is on the way.
        remote: Option<bool>,
    }
    TicketInput { branch: BranchCode, ticket_id: Uuid }
    CallTicketInput { branch: BranchCode, window: WindowCode, ticket_id: Uuid, reason_code: Option<String> }
    AddServiceInput { branch: BranchCode, ticket_id: Uuid, service: ServiceCode, quantity: Option<i32> }
    CompleteServiceInput { branch: BranchCode, ticket_id: Uuid, outcome_code: Option<String>, quantity: Option<i32> }
    ReasonInput { branch: BranchCode, ticket_id: Uuid, reason_code: String }
    ReactivateInput { branch: BranchCode, ticket_id: Uuid, placement: Option<Placement>, n: Option<i32> }
    ParkTicketInput { branch: BranchCode, ticket_id: Uuid, reason_code: String, pool: Pool, minutes: Option<i32> }
    ReturnTicketInput {
        branch: BranchCode,
        ticket_id: Uuid,
        placement: Placement,
        n: Option<i32>,
        not_before_minutes: Option<i32>,
    }
    TransferTicketInput {
        branch: BranchCode,
        ticket_id: Uuid,
        to_service: Option<ServiceCode>,
        to_window: Option<WindowCode>,
        to_operator: Option<OperatorId>,
        placement: Option<Placement>,
        n: Option<i32>,
    }
    ReprioritiseInput { branch: BranchCode, ticket_id: Uuid, class: String, reason_code: String }
    AddNoteInput { branch: BranchCode, ticket_id: Uuid, text: String }
    ArriveInput {
        branch: BranchCode,
        ticket_id: Uuid,
        /// `qr`, `geofence`, `kiosk_code` or `staff`.
        how: String,
    }
    AcknowledgeInput { branch: BranchCode, ticket_id: Uuid, level: i32 }
    UndoInput { branch: BranchCode, event_id: Uuid }
    CreatePairingInput {
        branch: BranchCode,
        kind: DeviceKind,
        name: String,
        /// For a board that belongs to one window.
        window: Option<WindowCode>,
    }
    RenameDeviceInput { device: String, name: String }
    RevokeDeviceInput { device: String }
    AddWebhookInput {
        url: String,
        /// Wire names of events, families (`ticket.*`) or `*`.
        kinds: Vec<String>,
        /// Absent or empty: all.
        branches: Option<Vec<BranchCode>>,
        /// Whether it is called from now on; absent: yes.
        active: Option<bool>,
    }
    ChangeWebhookInput {
        webhook: ID,
        url: String,
        kinds: Vec<String>,
        branches: Option<Vec<BranchCode>>,
        active: Option<bool>,
        /// Replaces the secret that signs the calls, at once.
        new_secret: Option<bool>,
    }
    WebhookInput { webhook: ID }
    ChangeMyProfileInput {
        /// An empty name is none; absent, it stays.
        name: Option<String>,
        /// `ru` or `en`; absent, it stays.
        language: Option<String>,
    }
    RemoveMyContactInput { contact: String }
    GiveConsentInput {
        purpose: PurposeCode,
        /// Of the text that was read.
        text_version: i32,
    }
    WithdrawConsentInput { purpose: PurposeCode }
    EraseMeInput {}
    EraseCustomerInput { customer: CustomerId, reason: EraseReason }
    RevealPersonalDataInput {
        /// Whose: a customer, a member of staff, or whoever took this ticket; exactly one of the three.
        customer: Option<CustomerId>,
        staff: Option<OperatorId>,
        ticket_id: Option<Uuid>,
        fields: Vec<PersonalField>,
        reason: RevealReason,
    }
    PublishConsentTextInput {
        purpose: PurposeCode,
        /// The one after the text in force; 1 for the first.
        version: i32,
        text_ru: String,
        text_en: String,
        /// Without it the house cannot serve somebody under their name.
        required: bool,
    }
    AddStaffInput {
        name: String,
        email: String,
        roles: Vec<RoleGrantInput>,
        positions: Option<Vec<String>>,
        skills: Option<Vec<ServiceCode>>,
    }
    ChangeStaffInput { staff: OperatorId, name: Option<String>, email: Option<String> }
    GrantRoleInput { staff: OperatorId, role: String, scope: RoleScopeInput }
    WithdrawRoleInput { staff: OperatorId, role: String }
    SetSkillsInput { staff: OperatorId, skills: Vec<ServiceCode> }
    AssignPositionsInput { staff: OperatorId, positions: Vec<String> }
    DismissStaffInput {
        staff: OperatorId,
        /// Kept sealed under the person's own key.
        reason: String,
    }
    StaffInput { staff: OperatorId }
    DefineRoleInput {
        /// `[a-z0-9-]{1,40}`; those of the house cannot be defined anew.
        role: String,
        name: LocalTextInput,
        /// Codes of `permissions`.
        permissions: Vec<String>,
    }
    RoleInput { role: String }
    DefinePositionInput { code: String, name: LocalTextInput, skills: Vec<ServiceCode> }
    DefineNameInput { code: String, name: LocalTextInput }
    CodeInput { code: String }
    PublishBranchSettingsInput {
        branch: BranchCode,
        /// The newest version its author has seen, in force or not; 0 before the first.
        expected_version: i32,
        /// Absent or past: at once.
        effective_from: Option<DateTime<Utc>>,
        settings: BranchSettings,
    }
    ImportSetupInput {
        what: SetupKind,
        format: SetupFormat,
        /// The whole file.
        text: String,
        /// Only look at what would become of it.
        dry_run: bool,
    }
    RegisterBranchInput { code: BranchCode, region: Option<String> }
    NameOrganisationInput { name: LocalTextInput }
    DefineGroupInput { group: GroupFields, seen: Option<GroupFields> }
    DefineServiceInput { service: ServiceFields, seen: Option<ServiceFields> }
    ArchiveServiceInput { service: ServiceCode }
    DefineClassInput { class: ClassFields, seen: Option<ClassFields> }
    SetTargetInput { class: String, service: ServiceCode, target_seconds: Option<i32> }
    DefineReasonsInput { reasons: ReasonsFields, seen: Option<ReasonsFields> }
    MoveBranchInput {
        branch: BranchCode,
        /// Absent: to no region.
        region: Option<String>,
    }
}
