//! How branches and the catalogue are set up: versions of settings, and the catalogue with who changed it last.

use async_graphql::{InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use serde::Serialize;
use talon_core::{
    branch::Published,
    fact::{Actor, ActorKind},
    ids::{ClassId, GroupId, OperatorId as StaffId, ReasonCode as Reason},
    organisation::{Organisation, Touched},
    refusal::Refusal,
    settings::{self, fault::FaultAt},
};
use talon_texts::Language;

use super::{LocalText, branch::ReasonCode, int, payload, staff::LocalTextInput, window::OperatorRef};
use crate::graphql::scalar::{BranchCode, BranchSettings, Position, ServiceCode};

/// One version of a branch's settings.
#[derive(Debug, Clone, PartialEq, SimpleObject)]
pub struct SettingsVersion {
    pub version: i32,
    pub effective_from: DateTime<Utc>,
    pub published_at: DateTime<Utc>,
    /// Absent when the house itself published it: from a catalogue file, or a demo.
    pub published_by: Option<OperatorRef>,
    pub settings: BranchSettings,
}

impl SettingsVersion {
    pub(in crate::graphql) fn of(published: &Published) -> Self {
        Self {
            version: int(published.version),
            effective_from: published.effective_from,
            published_at: published.at,
            published_by: somebody(&published.by),
            settings: BranchSettings::of(&published.settings),
        }
    }
}

/// The settings of a branch as they are being set up.
#[derive(Debug, Clone, PartialEq, SimpleObject)]
pub struct BranchSetup {
    pub branch: BranchCode,
    /// The newest version, in force or not: what a publication must have seen. 0 before the first.
    pub version: i32,
    /// Absent before the first takes effect.
    pub in_force: Option<SettingsVersion>,
    /// Published, but their time has not come; in the order of their versions. One that takes effect earlier than an
    /// older one replaces it.
    pub pending: Vec<SettingsVersion>,
}

/// A branch of the list, whether it was set up or not.
#[derive(Debug, Clone, PartialEq, SimpleObject)]
pub struct RegisteredBranch {
    pub code: BranchCode,
    /// Absent until settings were published.
    pub name: Option<LocalText>,
    pub address: Option<String>,
    pub time_zone: Option<String>,
    pub public: Option<bool>,
    pub windows: i32,
    pub region: Option<String>,
    /// The newest version; 0 before the first.
    pub version: i32,
}

/// One fault of settings.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct SettingsFault {
    /// Where: `windows[2].label`.
    pub path: String,
    /// Stable: `EMPTY`, `TOO_LONG`, `TOO_MANY`, `REPEATED`, `UNKNOWN`, `OUT_OF_RANGE`, `OUT_OF_ORDER`, `WRONG_FORM`,
    /// `UNREADABLE`.
    pub code: String,
    pub message: String,
}

impl SettingsFault {
    /// What a refusal says of settings, in words; nothing for another refusal.
    pub(in crate::graphql) fn of(refusal: &Refusal, language: Language) -> Vec<Self> {
        let Refusal::WrongSettings { faults } = refusal else { return Vec::new() };
        let shown = |it: &FaultAt| Self {
            path: it.path.clone(),
            code: it.fault.code().to_owned(),
            message: talon_texts::fault(it.fault.code(), language),
        };
        faults.iter().map(shown).collect()
    }
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct BranchSettingsPayload {
    /// As it stands afterwards; also beside a refusal, so that a conflict can be shown.
    pub setup: Option<BranchSetup>,
    pub position: Option<Position>,
    pub refusal: Option<payload::Refusal>,
    /// All of them, where the settings make no sense.
    pub faults: Vec<SettingsFault>,
}

/// Who changed a thing of the catalogue last, and when.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct LastChange {
    pub at: DateTime<Utc>,
    /// Absent when the house itself did: from a catalogue file, or a demo.
    pub by: Option<OperatorRef>,
}

/// A group of services, with its letter.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct CatalogueGroup {
    pub code: String,
    pub name: LocalText,
    pub letter: String,
    pub icon: Option<String>,
    pub changed: Option<LastChange>,
}

/// A service, given anywhere or not.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct CatalogueService {
    pub code: ServiceCode,
    pub group: String,
    pub name: LocalText,
    pub norm_seconds: i32,
    pub p80_seconds: i32,
    pub target_seconds: Option<i32>,
    pub long: bool,
    /// Given nowhere any more; history keeps it.
    pub archived: bool,
    pub changed: Option<LastChange>,
}

/// A priority group of people.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct CatalogueClass {
    pub code: String,
    pub name: LocalText,
    pub target_seconds: i32,
    /// Whether a kiosk may offer it.
    pub self_service: bool,
    /// Goes before everybody, with a reason.
    pub emergency: bool,
    pub reasons: Vec<ReasonCode>,
    pub changed: Option<LastChange>,
}

/// How long one class may wait for one service.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct CatalogueTarget {
    pub class: String,
    pub service: ServiceCode,
    pub target_seconds: i32,
}

/// The vocabularies operators choose from.
#[derive(Debug, Clone, Default, PartialEq, Eq, SimpleObject)]
pub struct CatalogueReasons {
    pub outcome: Vec<ReasonCode>,
    pub park: Vec<ReasonCode>,
    pub refuse: Vec<ReasonCode>,
    pub pick: Vec<ReasonCode>,
    pub pause: Vec<ReasonCode>,
    pub priority: Vec<ReasonCode>,
    pub cancel: Vec<ReasonCode>,
    pub changed: Option<LastChange>,
}

/// What the organisation offers.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Catalogue {
    pub organisation: LocalText,
    /// How many changes it has seen.
    pub version: i32,
    pub groups: Vec<CatalogueGroup>,
    /// Archived ones too.
    pub services: Vec<CatalogueService>,
    pub classes: Vec<CatalogueClass>,
    pub targets: Vec<CatalogueTarget>,
    pub reasons: CatalogueReasons,
    /// Letters a group may have: those that read alike in Cyrillic and in Latin.
    pub letters: Vec<String>,
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct CataloguePayload {
    /// As it is now; also beside a refusal, so that a conflict can be shown.
    pub catalogue: Option<Catalogue>,
    pub position: Option<Position>,
    pub refusal: Option<payload::Refusal>,
}

/// A group of services as it shall be.
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct GroupFields {
    /// `[A-Za-z0-9._-]{1,40}`, chosen once.
    pub code: String,
    pub name: LocalTextInput,
    /// One of `letters`.
    pub letter: String,
    /// Name of a picture of the kiosk's set.
    pub icon: Option<String>,
}

/// A service as it shall be; times are seconds.
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct ServiceFields {
    pub code: ServiceCode,
    pub group: String,
    pub name: LocalTextInput,
    pub norm_seconds: i32,
    pub p80_seconds: i32,
    pub target_seconds: Option<i32>,
    pub long: bool,
}

/// A word of a closed vocabulary.
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct ReasonFields {
    pub code: String,
    pub name: LocalTextInput,
}

/// A class of people as it shall be.
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct ClassFields {
    pub code: String,
    pub name: LocalTextInput,
    pub target_seconds: i32,
    pub self_service: bool,
    pub emergency: bool,
    pub reasons: Vec<ReasonFields>,
}

/// All vocabularies as they shall be.
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct ReasonsFields {
    pub outcome: Vec<ReasonFields>,
    pub park: Vec<ReasonFields>,
    pub refuse: Vec<ReasonFields>,
    pub pick: Vec<ReasonFields>,
    pub pause: Vec<ReasonFields>,
    pub priority: Vec<ReasonFields>,
    pub cancel: Vec<ReasonFields>,
}

type Parsed<T> = Result<T, Refusal>;

pub(in crate::graphql) fn seconds(count: i32, what: &'static str) -> Parsed<u32> {
    u32::try_from(count).map_err(|_| Refusal::Malformed { what })
}

impl GroupFields {
    pub(in crate::graphql) fn parsed(self) -> Parsed<settings::ServiceGroup> {
        let mut letters = self.letter.chars();
        let letter = letters.next().filter(|_| letters.next().is_none());
        Ok(settings::ServiceGroup {
            id: GroupId::parse(&self.code).map_err(|_| Refusal::Malformed { what: "code" })?,
            name: self.name.into(),
            letter: letter.ok_or(Refusal::Malformed { what: "letter" })?,
            icon: self.icon.filter(|it| !it.trim().is_empty()),
        })
    }
}

impl ServiceFields {
    pub(in crate::graphql) fn parsed(self) -> Parsed<settings::Service> {
        Ok(settings::Service {
            id: self.code.0,
            group: GroupId::parse(&self.group).map_err(|_| Refusal::Malformed { what: "group" })?,
            name: self.name.into(),
            norm_s: seconds(self.norm_seconds, "normSeconds")?,
            p80_s: seconds(self.p80_seconds, "p80Seconds")?,
            target_s: self.target_seconds.map(|it| seconds(it, "targetSeconds")).transpose()?,
            long: self.long,
        })
    }
}

impl ClassFields {
    pub(in crate::graphql) fn parsed(self) -> Parsed<settings::Class> {
        Ok(settings::Class {
            id: ClassId::parse(&self.code).map_err(|_| Refusal::Malformed { what: "code" })?,
            name: self.name.into(),
            target_s: seconds(self.target_seconds, "targetSeconds")?,
            self_service: self.self_service,
            emergency: self.emergency,
            reasons: words(self.reasons)?,
        })
    }
}

impl ReasonsFields {
    pub(in crate::graphql) fn parsed(self) -> Parsed<settings::Reasons> {
        Ok(settings::Reasons {
            outcome: words(self.outcome)?,
            park: words(self.park)?,
            refuse: words(self.refuse)?,
            pick: words(self.pick)?,
            pause: words(self.pause)?,
            priority: words(self.priority)?,
            cancel: words(self.cancel)?,
        })
    }
}

fn words(fields: Vec<ReasonFields>) -> Parsed<Vec<settings::Reason>> {
    let word = |it: ReasonFields| {
        let code = Reason::parse(&it.code).map_err(|_| Refusal::Malformed { what: "reasonCode" })?;
        Ok(settings::Reason { code, name: it.name.into() })
    };
    fields.into_iter().map(word).collect()
}

fn somebody(actor: &Actor) -> Option<OperatorRef> {
    (actor.kind == ActorKind::Staff).then(|| OperatorRef::of(StaffId::trusted(&actor.id)))
}

impl Catalogue {
    pub(in crate::graphql) fn of(organisation: &Organisation) -> Self {
        let changed = |key: String| {
            let last: Option<&Touched> = organisation.touched.get(&key);
            last.map(|it| LastChange { at: it.at, by: somebody(&it.by) })
        };
        let reasons = &organisation.reasons;
        let codes = |words: &[settings::Reason]| words.iter().map(ReasonCode::from).collect();
        Self {
            organisation: (&organisation.name).into(),
            version: int(organisation.catalogue_version),
            groups: organisation
                .groups
                .iter()
                .map(|it| CatalogueGroup {
                    code: it.id.to_string(),
                    name: (&it.name).into(),
                    letter: it.letter.to_string(),
                    icon: it.icon.clone(),
                    changed: changed(format!("group/{}", it.id)),
                })
                .collect(),
            services: organisation
                .services
                .iter()
                .map(|it| CatalogueService {
                    code: it.id.clone().into(),
                    group: it.group.to_string(),
                    name: (&it.name).into(),
                    norm_seconds: int(it.norm_s),
                    p80_seconds: int(it.p80_s),
                    target_seconds: it.target_s.map(int),
                    long: it.long,
                    archived: organisation.archived.contains(&it.id),
                    changed: changed(format!("service/{}", it.id)),
                })
                .collect(),
            classes: organisation
                .classes()
                .iter()
                .map(|it| CatalogueClass {
                    code: it.id.to_string(),
                    name: (&it.name).into(),
                    target_seconds: int(it.target_s),
                    self_service: it.self_service,
                    emergency: it.emergency,
                    reasons: it.reasons.iter().map(ReasonCode::from).collect(),
                    changed: changed(format!("class/{}", it.id)),
                })
                .collect(),
            targets: organisation
                .targets
                .iter()
                .map(|it| CatalogueTarget {
                    class: it.class.to_string(),
                    service: it.service.clone().into(),
                    target_seconds: int(it.target_s),
                })
                .collect(),
            reasons: CatalogueReasons {
                outcome: codes(&reasons.outcome),
                park: codes(&reasons.park),
                refuse: codes(&reasons.refuse),
                pick: codes(&reasons.pick),
                pause: codes(&reasons.pause),
                priority: codes(&reasons.priority),
                cancel: codes(&reasons.cancel),
                changed: changed("reasons".into()),
            },
            letters: talon_core::organisation::LETTERS.iter().map(ToString::to_string).collect(),
        }
    }
}
