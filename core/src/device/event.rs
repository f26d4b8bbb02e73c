//! What is known of a kiosk or a board.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{BranchId, DeviceId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    Kiosk,
    Board,
}

/// A kiosk or board is trusted from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DevicePaired {
    pub device: DeviceId,
    pub kind: DeviceKind,
    pub branch: BranchId,
    pub name: String,
    /// Who made the code it was paired with. Absent in the first version of this event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_by: Option<String>,
}

/// A kiosk or board is called something else from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceRenamed {
    pub device: DeviceId,
    pub name: String,
    pub was: String,
}

/// A kiosk or board is trusted no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceRevoked {
    pub device: DeviceId,
}
