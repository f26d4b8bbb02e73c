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

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DevicePaired {
    pub device: DeviceId,
    pub kind: DeviceKind,
    pub branch: BranchId,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceRevoked {
    pub device: DeviceId,
}
