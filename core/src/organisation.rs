//! The organisation: its catalogue and its branches, in the one stream `organisation`.
//!
//! What a day decides by is copied from here into the day's own stream when it opens; nothing here looks at a day.

mod access;
pub mod command;
mod decide;
pub mod event;
pub mod webhook;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use self::event::RoleShape;
use self::{command::Action, webhook::Webhook};
use crate::{
    aggregate::{Aggregate, Happened, Request},
    event_store::StreamId,
    fact::Actor,
    ids::{BranchId, ClassId, OperatorId, PurposeId, RoleCode, ServiceId},
    queue_event::{Event, OrganisationEvent},
    refusal::Refusal,
    settings::{BOOKING, Class, Reasons, STANDARD, Service, ServiceGroup, Target},
    text::LocalText,
};

/// Letters that read the same in Cyrillic and in Latin, as Cyrillic capitals.
pub const LETTERS: [char; 11] = ['А', 'В', 'Е', 'К', 'М', 'Н', 'Р', 'С', 'Т', 'У', 'Х'];

/// A branch of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    pub region: Option<String>,
    /// History only: its days are never opened by the clock.
    pub imported: bool,
}

/// A named set of skills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobPosition {
    pub name: LocalText,
    pub skills: Vec<ServiceId>,
    pub archived: bool,
}

/// A role of the organisation's own. An archived one allows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnRole {
    pub shape: RoleShape,
    pub archived: bool,
}

/// What people are asked to agree to, as last published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentText {
    pub version: u32,
    pub text: LocalText,
    pub required: bool,
}

/// Who changed something last, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    pub at: DateTime<Utc>,
    pub by: Actor,
}

/// The folded organisation. Lists keep the order in which their things were first defined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organisation {
    pub name: LocalText,
    pub regions: BTreeMap<String, LocalText>,
    pub branches: BTreeMap<BranchId, Registered>,
    pub groups: Vec<ServiceGroup>,
    /// The whole catalogue, archived services too.
    pub services: Vec<Service>,
    pub archived: BTreeSet<ServiceId>,
    /// Classes defined here; `classes` adds those of the house.
    pub own_classes: Vec<Class>,
    pub targets: Vec<Target>,
    pub reasons: Reasons,
    /// How many changes groups, services, classes, targets and reasons have seen.
    pub catalogue_version: u64,
    /// Who changed a thing of the catalogue last: `service/letters`, `group/post`, `reasons`.
    pub touched: BTreeMap<String, Touched>,
    pub positions: BTreeMap<String, JobPosition>,
    pub roles: BTreeMap<RoleCode, OwnRole>,
    pub staff: BTreeSet<OperatorId>,
    /// Whoever was ever named a chief administrator, and whether they were not relieved since.
    pub administrators: BTreeMap<OperatorId, bool>,
    pub consent_texts: BTreeMap<PurposeId, ConsentText>,
    pub webhooks: BTreeMap<String, Webhook>,
}

/// The one stream of the organisation.
#[must_use]
pub fn stream() -> StreamId {
    StreamId::new("organisation")
}

impl Organisation {
    /// Services that are given today.
    pub fn current_services(&self) -> impl Iterator<Item = &Service> {
        self.services.iter().filter(|it| !self.archived.contains(&it.id))
    }

    /// The classes of the house, as redefined here, then those added here.
    #[must_use]
    pub fn classes(&self) -> Vec<Class> {
        let mut classes = house_classes();
        for own in &self.own_classes {
            put(&mut classes, own, |it| &it.id);
        }
        classes
    }

    /// What somebody can do at a window: what was set for them and what their positions lend them. While nobody has said
    /// either, everything of the catalogue.
    #[must_use]
    pub fn skills_of(&self, own: &[ServiceId], positions: &[String]) -> Vec<ServiceId> {
        if own.is_empty() && positions.is_empty() {
            return self.current_services().map(|it| it.id.clone()).collect();
        }
        let lent = positions.iter().filter_map(|it| self.positions.get(it)).filter(|it| !it.archived);
        let mut skills: Vec<ServiceId> = own.to_vec();
        for skill in lent.flat_map(|it| &it.skills) {
            if !skills.contains(skill) {
                skills.push(skill.clone());
            }
        }
        skills
    }
}

impl Aggregate for Organisation {
    type Action = Action;

    fn decide(&self, request: &Request<Action>) -> Result<Vec<Event>, Refusal> {
        self.follows_from(&request.action).map(|it| it.into_iter().map(Event::Organisation).collect())
    }

    fn evolve(&mut self, happened: Happened<'_>) {
        let Event::Organisation(event) = happened.event else { return };
        self.catalogue_version += u64::from(event.is_of_the_catalogue());
        if let Some(key) = key_of(event) {
            self.touched.insert(key, Touched { at: happened.at, by: happened.actor.clone() });
        }
        match event {
            OrganisationEvent::OrganisationNamed(it) => self.name = it.name.clone(),
            OrganisationEvent::RegionDefined(it) => {
                self.regions.insert(it.region.clone(), it.name.clone());
            }
            OrganisationEvent::RegionArchived(it) => {
                self.regions.remove(&it.region);
            }
            OrganisationEvent::BranchMoved(it) => {
                if let Some(branch) = self.branches.get_mut(&it.branch) {
                    branch.region.clone_from(&it.region);
                }
            }
            OrganisationEvent::BranchRegistered(it) => {
                let registered = Registered { region: it.region.clone(), imported: it.imported };
                self.branches.insert(it.branch.clone(), registered);
            }
            OrganisationEvent::ServiceGroupDefined(it) => put(&mut self.groups, &it.group, |it| &it.id),
            OrganisationEvent::ServiceDefined(it) => {
                self.archived.remove(&it.service.id);
                put(&mut self.services, &it.service, |it| &it.id);
            }
            OrganisationEvent::ServiceChanged(it) => put(&mut self.services, &it.service, |it| &it.id),
            OrganisationEvent::ServiceArchived(it) => {
                self.archived.insert(it.service.clone());
            }
            OrganisationEvent::ClassDefined(it) => put(&mut self.own_classes, &it.class, |it| &it.id),
            OrganisationEvent::TargetSet(it) => {
                self.targets
                    .retain(|old| (&old.class, &old.service) != (&it.target.class, &it.target.service));
                self.targets.push(it.target.clone());
            }
            OrganisationEvent::TargetRemoved(it) => {
                self.targets.retain(|old| (&old.class, &old.service) != (&it.class, &it.service));
            }
            OrganisationEvent::ReasonsDefined(it) => self.reasons = it.reasons.clone(),
            OrganisationEvent::JobPositionDefined(it) => {
                self.put_position(&it.position, &it.name, &it.skills)
            }
            OrganisationEvent::JobPositionChanged(it) => {
                self.put_position(&it.position, &it.name, &it.skills)
            }
            OrganisationEvent::JobPositionArchived(it) => {
                if let Some(position) = self.positions.get_mut(&it.position) {
                    position.archived = true;
                }
            }
            OrganisationEvent::RoleDefined(it) => self.put_role(&it.role, &it.name, &it.permissions),
            OrganisationEvent::RoleChanged(it) => self.put_role(&it.role, &it.name, &it.permissions),
            OrganisationEvent::RoleArchived(it) => {
                if let Some(role) = self.roles.get_mut(&it.role) {
                    role.archived = true;
                }
            }
            OrganisationEvent::AdministratorNamed(it) => {
                self.administrators.insert(it.staff.clone(), true);
            }
            OrganisationEvent::AdministratorRelieved(it) => {
                self.administrators.insert(it.staff.clone(), false);
            }
            OrganisationEvent::StaffListed(it) => {
                self.staff.insert(it.staff.clone());
            }
            OrganisationEvent::ConsentTextPublished(it) => {
                let text = ConsentText { version: it.version, text: it.text.clone(), required: it.required };
                self.consent_texts.insert(it.purpose.clone(), text);
            }
            OrganisationEvent::WebhookAdded(it) => {
                self.webhooks.insert(it.webhook.clone(), it.settings.clone());
            }
            OrganisationEvent::WebhookChanged(it) => {
                self.webhooks.insert(it.webhook.clone(), it.settings.clone());
            }
            OrganisationEvent::WebhookRemoved(it) => {
                self.webhooks.remove(&it.webhook);
            }
        }
    }
}

/// The thing of the catalogue that a fact is about.
fn key_of(event: &OrganisationEvent) -> Option<String> {
    Some(match event {
        OrganisationEvent::ServiceGroupDefined(it) => format!("group/{}", it.group.id),
        OrganisationEvent::ServiceDefined(it) => format!("service/{}", it.service.id),
        OrganisationEvent::ServiceChanged(it) => format!("service/{}", it.service.id),
        OrganisationEvent::ServiceArchived(it) => format!("service/{}", it.service),
        OrganisationEvent::ClassDefined(it) => format!("class/{}", it.class.id),
        OrganisationEvent::ReasonsDefined(_) => "reasons".to_owned(),
        _ => return None,
    })
}

/// Replaces the thing of the same id in its place, or adds it at the end.
fn put<T: Clone, K: PartialEq>(list: &mut Vec<T>, thing: &T, key: impl Fn(&T) -> &K) {
    match list.iter_mut().find(|it| key(it) == key(thing)) {
        Some(known) => *known = thing.clone(),
        None => list.push(thing.clone()),
    }
}

/// The classes that every organisation starts with, and their waiting targets.
fn house_classes() -> Vec<Class> {
    let class = |id: &str, ru: &str, en: &str, target_s, self_service, emergency| Class {
        id: ClassId::trusted(id),
        name: LocalText::new(ru, en),
        target_s,
        self_service,
        emergency,
        reasons: Vec::new(),
    };
    vec![
        class(STANDARD, "Обычный", "Standard", 900, true, false),
        class("privileged", "Льготный", "Privileged", 420, true, false),
        class(BOOKING, "По записи", "Booked", 300, false, false),
        class("emergency", "Экстренный", "Emergency", 0, false, true),
    ]
}
