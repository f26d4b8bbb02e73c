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
}

/// A kiosk or board is trusted no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceRevoked {
    pub device: DeviceId,
}
