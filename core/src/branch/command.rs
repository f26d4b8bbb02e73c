//! What can be asked of a branch.

use chrono::{DateTime, Utc};

use super::event::ServiceTime;
use crate::settings::BranchSettings;

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
    /// The newest version its author has seen; 0 before the first.
    pub expected_version: u64,
}
