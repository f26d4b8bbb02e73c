//! What an organisation and a branch decide about themselves: catalogue, windows, hours, calling rules.
//! `DaySettings` is the copy that a business day carries in its own stream, so that a replay needs nothing else.

pub mod fault;
pub(crate) mod lookup;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::lookup::{BOOKING, STANDARD};
use crate::{
    ids::{ClassId, GroupId, ReasonCode, ServiceId, WindowId},
    text::LocalText,
};

/// Services that share one letter and one counter of numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceGroup {
    pub id: GroupId,
    pub name: LocalText,
    /// One of А В Е К М Н Р С Т У Х, a Cyrillic capital. Groups may share a letter, and then its counter.
    pub letter: char,
    /// Name of a picture of the kiosk's set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
}

/// One thing a customer can come for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Service {
    pub id: ServiceId,
    pub group: GroupId,
    pub name: LocalText,
    /// Expected time of service until the branch has learnt its own, seconds.
    pub norm_s: u32,
    /// The time four of five services do not exceed, seconds.
    pub p80_s: u32,
    /// Its own waiting target, seconds; absent: the class decides alone, or 30 minutes for a long service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_s: Option<u32>,
    /// A long service waits against 30 minutes instead of 15.
    #[serde(default)]
    pub long: bool,
}

/// A priority group of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Class {
    pub id: ClassId,
    pub name: LocalText,
    pub target_s: u32,
    /// Whether a kiosk may offer it.
    #[serde(default)]
    pub self_service: bool,
    /// A hard tier: goes before everybody, with a reason code.
    #[serde(default)]
    pub emergency: bool,
    /// The lawful grounds a customer or operator chooses from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

/// A target set for one class at one service; it goes before both their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    pub class: ClassId,
    pub service: ServiceId,
    pub target_s: u32,
}

/// A word of a closed vocabulary, with the sentence people read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    pub code: ReasonCode,
    pub name: LocalText,
}

/// The vocabularies operators choose from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Reasons {
    pub outcome: Vec<Reason>,
    pub park: Vec<Reason>,
    pub refuse: Vec<Reason>,
    pub pick: Vec<Reason>,
    pub pause: Vec<Reason>,
    pub priority: Vec<Reason>,
    pub cancel: Vec<Reason>,
}

/// A window as the branch set it up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Window {
    pub id: WindowId,
    /// What is written above it: `3`, `каб. 7`.
    pub label: String,
    /// What may be given there; empty: everything.
    #[serde(default)]
    pub services: Vec<ServiceId>,
}

/// Who is next: by earliest due date, or first come first served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    #[default]
    Edd,
    Fifo,
}

/// The rules of calling, returning and warning. Every duration is in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CallingRules {
    pub max_calls: u8,
    pub between_calls_s: u32,
    pub no_show_after_calls: u8,
    pub no_show_after_s: u32,
    /// After the last call plus `no_show_after_s` the day marks the no-show by itself.
    pub automatic_no_show: bool,
    pub grace_s: u32,
    pub undo_s: u32,
    /// A ticket back from a no-show is not called for so long, unless nobody else is eligible.
    pub return_lock_out_s: u32,
    /// Added to the due date for each return after a no-show.
    pub return_penalty_s: u32,
    /// A booking later than this becomes a standard walk-in.
    pub late_booking_s: u32,
    pub reservation_guard_s: u32,
    /// A pin to a window or operator ends this long after the due date.
    pub pin_after_due_s: u32,
    pub amber_before_due_s: u32,
    /// Level 2 comes one target after level 1; false leaves only level 1.
    pub second_level: bool,
}

impl Default for CallingRules {
    fn default() -> Self {
        Self {
            max_calls: 3,
            between_calls_s: 30,
            no_show_after_calls: 2,
            no_show_after_s: 60,
            automatic_no_show: true,
            grace_s: 600,
            undo_s: 10,
            return_lock_out_s: 300,
            return_penalty_s: 300,
            late_booking_s: 900,
            reservation_guard_s: 180,
            pin_after_due_s: 600,
            amber_before_due_s: 300,
            second_level: true,
        }
    }
}

/// When the day opens, stops taking people in and closes, around its opening hours. Seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DayTimes {
    pub open_before_s: u32,
    pub intake_ends_before_close_s: u32,
    pub close_after_s: u32,
    pub busy_alert_s: u32,
}

impl Default for DayTimes {
    fn default() -> Self {
        Self {
            open_before_s: 1800,
            intake_ends_before_close_s: 600,
            close_after_s: 3600,
            busy_alert_s: 4 * 3600,
        }
    }
}

/// How many tickets a day may issue; absent: as many as come.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Quotas {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<u32>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub services: BTreeMap<ServiceId, u32>,
}

/// Local wall clock of the branch, `opens` before `closes`; `closes` 00:00 means midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LocalInterval {
    pub opens: NaiveTime,
    pub closes: NaiveTime,
}

/// Opening hours: a week, Monday first, and the dates that differ from it (an empty list is a day off).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Hours {
    pub week: [Vec<LocalInterval>; 7],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub exceptions: BTreeMap<NaiveDate, Vec<LocalInterval>>,
}

/// A point on the map, in millionths of a degree: integers compare exactly and replay the same everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// North is positive; at most 90 degrees.
    pub latitude_e6: i32,
    /// East is positive; at most 180 degrees.
    pub longitude_e6: i32,
}

impl Location {
    /// Whether there is such a point.
    #[must_use]
    pub fn is_on_earth(self) -> bool {
        self.latitude_e6.unsigned_abs() <= 90_000_000 && self.longitude_e6.unsigned_abs() <= 180_000_000
    }
}

/// What one branch decides for itself. Published whole, with a version of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BranchSettings {
    pub name: LocalText,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Where the door is; absent: the branch is found by its name and address only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// Postal index, as people of the place write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// The branch's own telephone for everybody, in the form it is dialled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// IANA name.
    pub time_zone: String,
    /// Whether anyone may read the board and the counts.
    #[serde(default = "yes")]
    pub public: bool,
    /// Languages of the board's voice, in the order spoken.
    #[serde(default = "russian")]
    pub languages: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticker: Option<LocalText>,
    pub windows: Vec<Window>,
    /// Services of the catalogue not given here.
    #[serde(default)]
    pub without: Vec<ServiceId>,
    pub hours: Hours,
    /// The local time at which one business day ends and the next begins.
    #[serde(default)]
    pub day_starts_at: NaiveTime,
    #[serde(default)]
    pub policy: Policy,
    #[serde(default)]
    pub calling: CallingRules,
    #[serde(default)]
    pub times: DayTimes,
    #[serde(default)]
    pub quotas: Quotas,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

fn yes() -> bool {
    true
}

fn russian() -> Vec<String> {
    vec!["ru".into()]
}

/// An interval of one particular day, as instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    pub opens: DateTime<Utc>,
    pub closes: DateTime<Utc>,
}

/// Everything a business day decides by, copied into its own stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DaySettings {
    /// Version of the branch's settings it was made of.
    pub version: u64,
    /// How many changes the organisation's catalogue had seen by then. Absent in days from before it was counted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub catalogue: u64,
    pub time_zone: String,
    #[serde(default)]
    pub policy: Policy,
    pub groups: Vec<ServiceGroup>,
    pub services: Vec<Service>,
    pub classes: Vec<Class>,
    #[serde(default)]
    pub targets: Vec<Target>,
    #[serde(default)]
    pub reasons: Reasons,
    pub windows: Vec<Window>,
    /// In order, without overlap; empty: opened by hand on a day off, and open until closed by hand or by its date.
    pub intervals: Vec<Interval>,
    /// The instant the next business day begins: the day that has no hours ends here at the latest.
    pub ends_at: DateTime<Utc>,
    #[serde(default)]
    pub calling: CallingRules,
    #[serde(default)]
    pub times: DayTimes,
    #[serde(default)]
    pub quotas: Quotas,
}
