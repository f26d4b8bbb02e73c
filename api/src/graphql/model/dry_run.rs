//! What a change would mean: the queue under other rules, and hours as people write them.

use async_graphql::{InputObject, SimpleObject};
use chrono::{DateTime, NaiveTime, Utc};
use talon_core::{
    dry_run::{Compared, Standing},
    hours_text,
    ids::ClassId,
    organisation::command::Action,
    refusal::Refusal,
    settings::{DaySettings, LocalInterval, Target},
};
use talon_texts::Language;
use uuid::Uuid;

use super::{
    LocalText, int, payload,
    setup::{ClassFields, ServiceFields, SettingsFault, seconds},
};
use crate::graphql::scalar::{BranchCode, BranchSettings, ServiceCode};

/// A target as it shall be; without `targetSeconds`, none.
#[derive(Debug, Clone, InputObject)]
pub struct TargetFields {
    pub class: String,
    pub service: ServiceCode,
    pub target_seconds: Option<i32>,
}

/// What would be changed; what is absent stays.
#[derive(Debug, Clone, InputObject)]
pub struct DryRunInput {
    pub branch: BranchCode,
    pub settings: Option<BranchSettings>,
    pub services: Option<Vec<ServiceFields>>,
    pub classes: Option<Vec<ClassFields>>,
    pub targets: Option<Vec<TargetFields>>,
}

impl DryRunInput {
    /// The change of the catalogue as commands.
    pub(in crate::graphql) fn actions(&self) -> Result<Vec<Action>, Refusal> {
        let mut actions = Vec::new();
        for service in self.services.iter().flatten() {
            actions.push(Action::ChangeService { service: service.clone().parsed()? });
        }
        for class in self.classes.iter().flatten() {
            actions.push(Action::DefineClass { class: class.clone().parsed()? });
        }
        for it in self.targets.iter().flatten() {
            let class = ClassId::parse(&it.class).map_err(|_| Refusal::Malformed { what: "class" })?;
            let service = it.service.0.clone();
            actions.push(match it.target_seconds {
                Some(count) => {
                    let target_s = seconds(count, "targetSeconds")?;
                    Action::SetTarget { target: Target { class, service, target_s } }
                }
                None => Action::RemoveTarget { class, service },
            });
        }
        Ok(actions)
    }
}

/// Where a ticket stands: 1 is called first.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct DryRunStanding {
    pub rank: i32,
    pub due_at: DateTime<Utc>,
    /// Past due now.
    pub overdue: bool,
}

/// Somebody who waits, now and under the other rules.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct DryRunLine {
    pub ticket_id: Uuid,
    pub number: String,
    pub service: Option<LocalText>,
    pub class: LocalText,
    pub waiting_since: DateTime<Utc>,
    pub before: DryRunStanding,
    pub after: DryRunStanding,
}

/// Today's queue under other rules, in the order of now.
#[derive(Debug, Clone, Default, SimpleObject)]
pub struct DryRun {
    /// Absent when no day is open.
    pub business_day: Option<String>,
    pub lines: Vec<DryRunLine>,
    /// Why the change is none that could be made.
    pub refusal: Option<payload::Refusal>,
    pub faults: Vec<SettingsFault>,
}

impl DryRunLine {
    pub(in crate::graphql) fn of(it: &Compared, settings: &DaySettings, now: DateTime<Utc>) -> Self {
        let standing =
            |at: Standing| DryRunStanding { rank: int(at.rank), due_at: at.due_at, overdue: at.due_at < now };
        let service = it.service.as_ref().and_then(|id| settings.service(id));
        let class = settings.class(&it.class).map(|it| LocalText::from(&it.name));
        let code = it.class.to_string();
        Self {
            ticket_id: it.ticket.0,
            number: it.number.clone(),
            service: service.map(|it| (&it.name).into()),
            class: class.unwrap_or_else(|| LocalText { ru: code.clone(), en: code }),
            waiting_since: it.reference,
            before: standing(it.before),
            after: standing(it.after),
        }
    }
}

/// An interval by the branch's own clock, `HH:MM:SS`.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct HoursInterval {
    pub opens: String,
    pub closes: String,
}

impl From<&LocalInterval> for HoursInterval {
    fn from(it: &LocalInterval) -> Self {
        Self { opens: it.opens.to_string(), closes: it.closes.to_string() }
    }
}

/// Where hours cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct HoursFault {
    /// Stable.
    pub code: String,
    pub message: String,
    /// The first sign of the place, counted from 0.
    pub at: i32,
    /// What stands there.
    pub text: String,
}

/// Hours as people write them, read.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct HoursRead {
    /// Monday first; absent beside a fault.
    pub week: Option<Vec<Vec<HoursInterval>>>,
    /// The same in the house's spelling.
    pub written: Option<String>,
    pub fault: Option<HoursFault>,
}

impl HoursRead {
    pub(in crate::graphql) fn of(text: &str, starts: NaiveTime, language: Language) -> Self {
        match hours_text::read(text, starts) {
            Ok(week) => Self {
                written: Some(hours_text::write(&week, language.code())),
                week: Some(week.iter().map(|day| day.iter().map(HoursInterval::from).collect()).collect()),
                fault: None,
            },
            Err(unread) => Self {
                week: None,
                written: None,
                fault: Some(HoursFault {
                    code: unread.why.code().to_owned(),
                    message: talon_texts::unread_hours(unread.why.code(), &unread.text, language),
                    at: int(unread.at),
                    text: unread.text,
                }),
            },
        }
    }
}
