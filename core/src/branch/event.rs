//! What one branch decides about itself.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ids::ServiceId, settings::BranchSettings};

/// The whole settings of a branch, in force from an instant on; what they were before is the event before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettingsPublished {
    /// 1, 2, 3…
    pub version: u64,
    pub effective_from: DateTime<Utc>,
    pub settings: BranchSettings,
}

/// Service times measured in the branch itself; they replace the catalogue's norms from the next adoption on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceTimesLearnt {
    pub times: Vec<ServiceTime>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceTime {
    pub service: ServiceId,
    pub mean_s: u32,
    pub p80_s: u32,
    pub samples: u32,
}
