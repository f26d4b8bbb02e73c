//! What can be asked of the organisation.

use std::collections::BTreeSet;

use super::{event::RoleShape, webhook::Webhook};
use crate::{
    ids::{BranchId, ClassId, OperatorId, PurposeId, RoleCode, ServiceId},
    settings::{Class, Reasons, Service, ServiceGroup, Target},
    text::LocalText,
};

/// What somebody saw before they changed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    Group(ServiceGroup),
    Service(Service),
    Class(Class),
    Reasons(Reasons),
}

/// One request to the stream `organisation`. What is so already is granted and writes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Name {
        name: LocalText,
    },
    DefineRegion {
        region: String,
        name: LocalText,
    },
    ArchiveRegion {
        region: String,
    },
    MoveBranch {
        branch: BranchId,
        region: Option<String>,
    },
    RegisterBranch {
        branch: BranchId,
        region: Option<String>,
        imported: bool,
    },
    /// The action, unless the thing looks otherwise than its author saw it.
    Unless {
        moved: Box<Seen>,
        action: Box<Action>,
    },
    DefineGroup {
        group: ServiceGroup,
    },
    DefineService {
        service: Service,
    },
    ChangeService {
        service: Service,
    },
    ArchiveService {
        service: ServiceId,
    },
    DefineClass {
        class: Class,
    },
    SetTarget {
        target: Target,
    },
    /// The class and the service decide again, each by its own target.
    RemoveTarget {
        class: ClassId,
        service: ServiceId,
    },
    DefineReasons {
        reasons: Reasons,
    },
    DefinePosition {
        position: String,
        name: LocalText,
        skills: Vec<ServiceId>,
    },
    ArchivePosition {
        position: String,
    },
    DefineRole {
        role: RoleCode,
        shape: RoleShape,
    },
    ArchiveRole {
        role: RoleCode,
    },
    NameAdministrator {
        staff: OperatorId,
    },
    /// `active` are those who hold the role at this moment, as far as whoever asks has read.
    RelieveAdministrator {
        staff: OperatorId,
        active: BTreeSet<OperatorId>,
    },
    ListStaff {
        staff: OperatorId,
    },
    /// `version` is the one after the text its author saw.
    PublishConsentText {
        purpose: PurposeId,
        version: u32,
        text: LocalText,
        required: bool,
    },
    AddWebhook {
        webhook: String,
        settings: Webhook,
    },
    ChangeWebhook {
        webhook: String,
        settings: Webhook,
        /// What signs its calls is replaced besides.
        new_secret: bool,
    },
    RemoveWebhook {
        webhook: String,
    },
}
