//! What an organisation decides: its catalogue, its classes of people, its branches.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::webhook::Webhook;
use crate::{
    ids::{BranchId, ClassId, OperatorId, PurposeId, RoleCode, ServiceId},
    settings::{Class, Reasons, Service, ServiceGroup, Target},
    text::LocalText,
};

/// What the organisation is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrganisationNamed {
    pub name: LocalText,
    /// Absent the first time, and in the first version of this event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<LocalText>,
}

/// A region of branches, or its new name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegionDefined {
    pub region: String,
    pub name: LocalText,
    /// Absent the first time, and in the first version of this event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<LocalText>,
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
    /// Absent the first time, and in the first version of this event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<ServiceGroup>,
}

/// A service entered the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceDefined {
    pub service: Service,
    /// What it was before it was archived; absent when it is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Service>,
}

/// A service of the catalogue is different from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceChanged {
    pub service: Service,
    /// Absent in the first version of this event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Service>,
}

/// A service left the catalogue; history keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceArchived {
    pub service: ServiceId,
    /// Absent in the first version of this event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Service>,
}

/// A priority group of people, or its new shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClassDefined {
    pub class: Class,
    /// Absent the first time, and in the first version of this event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Class>,
}

/// How long one class may wait for one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetSet {
    pub target: Target,
    /// Absent the first time, and in the first version of this event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Target>,
}

/// A class waits for a service again as long as both their own targets say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetRemoved {
    pub class: ClassId,
    pub service: ServiceId,
    pub was: Target,
}

/// The words operators choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReasonsDefined {
    pub reasons: Reasons,
    /// Absent the first time, and in the first version of this event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Reasons>,
}

/// A named set of skills entered the list, or came back to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobPositionDefined {
    pub position: String,
    pub name: LocalText,
    pub skills: Vec<ServiceId>,
}

/// What a position is called or can do, in one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PositionShape {
    pub name: LocalText,
    pub skills: Vec<ServiceId>,
}

/// A position is different from now on, for everybody who works in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobPositionChanged {
    pub position: String,
    pub name: LocalText,
    pub skills: Vec<ServiceId>,
    pub was: PositionShape,
}

/// A position lends its skills to nobody any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobPositionArchived {
    pub position: String,
    pub was: PositionShape,
}

/// A region left the list; no branch belonged to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegionArchived {
    pub region: String,
    pub was: LocalText,
}

/// A branch belongs to another region from now on, or to none: whoever acts by region acts there or no longer does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BranchMoved {
    pub branch: BranchId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
}

/// What a role of the organisation's own is called and allows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleShape {
    pub name: LocalText,
    /// Codes of the table of permissions, in their order.
    pub permissions: Vec<String>,
}

/// The organisation made a role of its own, or took an archived one up again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleDefined {
    pub role: RoleCode,
    pub name: LocalText,
    pub permissions: Vec<String>,
}

/// A role of the organisation's own is different from now on, for everybody who acts in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleChanged {
    pub role: RoleCode,
    pub name: LocalText,
    pub permissions: Vec<String>,
    pub was: RoleShape,
}

/// A role of the organisation's own allows nothing any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleArchived {
    pub role: RoleCode,
    pub was: RoleShape,
}

/// Somebody became a chief administrator of the whole organisation. Kept here beside the person's own stream, because
/// that one is always left is decided in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdministratorNamed {
    pub staff: OperatorId,
}

/// Somebody is about to stop being one: told before the person's own stream says how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdministratorRelieved {
    pub staff: OperatorId,
}

/// Somebody now belongs to the staff; what is known of them stands in their own stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StaffListed {
    pub staff: OperatorId,
}

/// What people are asked to agree to; a new version of the text asks them again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConsentTextPublished {
    pub purpose: PurposeId,
    /// 1 for the first text of a purpose, then one more each time.
    pub version: u32,
    pub text: LocalText,
    /// Without it the house cannot serve somebody under their name.
    pub required: bool,
}

/// Another system is told of events from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebhookAdded {
    pub webhook: String,
    pub settings: Webhook,
}

/// It is told of others, at another address, or no longer for now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebhookChanged {
    pub webhook: String,
    pub settings: Webhook,
    pub was: Webhook,
    /// What signs its calls was replaced; the secret itself stands in the vault.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub new_secret: bool,
}

/// It is told nothing more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebhookRemoved {
    pub webhook: String,
    pub was: Webhook,
}
