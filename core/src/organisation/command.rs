//! What can be asked of the organisation.

use crate::{
    ids::{BranchId, OperatorId, ServiceId},
    settings::{Class, Reasons, Service, ServiceGroup, Target},
    text::LocalText,
};

/// One request to the stream `organisation`. What is so already is granted and writes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Name { name: LocalText },
    DefineRegion { region: String, name: LocalText },
    RegisterBranch { branch: BranchId, region: Option<String>, imported: bool },
    DefineGroup { group: ServiceGroup },
    DefineService { service: Service },
    ChangeService { service: Service },
    ArchiveService { service: ServiceId },
    DefineClass { class: Class },
    SetTarget { target: Target },
    DefineReasons { reasons: Reasons },
    DefinePosition { position: String, name: LocalText, skills: Vec<ServiceId> },
    ListStaff { staff: OperatorId },
}
