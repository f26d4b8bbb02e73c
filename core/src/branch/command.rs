//! What can be asked of a branch.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::event::ServiceTime;
use crate::{ids::ServiceId, settings::BranchSettings};

/// One request to `branch-{id}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    PublishSettings(PublishSettings),
    LearnServiceTimes { times: Vec<ServiceTime> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishSettings {
    pub settings: Box<BranchSettings>,
    /// Absent or past: at once.
    pub effective_from: Option<DateTime<Utc>>,
    /// All services there ever were, so that none is named that never was; absent where that was looked at before.
    pub catalogue: Option<BTreeSet<ServiceId>>,
    /// The newest version its author has seen; 0 before the first.
    pub expected_version: u64,
}
