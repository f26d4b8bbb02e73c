//! What an organisation decides: its catalogue, its classes of people, its branches.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{BranchId, OperatorId, ServiceId},
    settings::{Class, Reasons, Service, ServiceGroup, Target},
    text::LocalText,
};

/// What the organisation is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrganisationNamed {
    pub name: LocalText,
}

/// A region of branches, or its new name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegionDefined {
    pub region: String,
    pub name: LocalText,
}

/// From now on days may be opened there. An imported branch has history only and is never opened by the clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BranchRegistered {
    pub branch: BranchId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(default)]
    pub imported: bool,
}

/// A group of services with its letter, or its new shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceGroupDefined {
    pub group: ServiceGroup,
}

/// A service entered the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceDefined {
    pub service: Service,
}

/// A service of the catalogue is different from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceChanged {
    pub service: Service,
}

/// A service left the catalogue; history keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceArchived {
    pub service: ServiceId,
}

/// A priority group of people, or its new shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClassDefined {
    pub class: Class,
}

/// How long one class may wait for one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetSet {
    pub target: Target,
}

/// The words operators choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReasonsDefined {
    pub reasons: Reasons,
}

/// A named set of skills.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobPositionDefined {
    pub position: String,
    pub name: LocalText,
    pub skills: Vec<ServiceId>,
}

/// Somebody now belongs to the staff; what is known of them stands in their own stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StaffListed {
    pub staff: OperatorId,
}
