//! What an organisation may decide about its catalogue.

use super::{
    ConsentText, LETTERS, Organisation, Registered,
    command::{Action, Seen},
    event,
};
use crate::{
    ids::{BranchId, ClassId, GroupId, PurposeId, ReasonCode, ServiceId},
    queue_event::OrganisationEvent,
    refusal::Refusal,
    settings::{Class, Reason, Reasons, STANDARD, Service, ServiceGroup, Target},
    text::LocalText,
};

/// Eight hours: a longer service or wait is a slip of the finger.
const LONGEST_S: u32 = 8 * 3600;
const LONGEST_TEXT: usize = 200;
/// Some twenty pages: what nobody reads is no consent.
const LONGEST_CONSENT: usize = 40_000;

pub(super) type Decided = Result<Vec<OrganisationEvent>, Refusal>;

impl Organisation {
    pub(super) fn follows_from(&self, action: &Action) -> Decided {
        match action {
            Action::Name { name } => {
                readable(name)?;
                let was = Some(self.name.clone()).filter(|it| *it != LocalText::default());
                unless(self.name == *name, event::OrganisationNamed { name: name.clone(), was })
            }
            Action::RegisterBranch { branch, region, imported } => {
                self.register(branch, region.as_ref(), *imported)
            }
            Action::Unless { moved, action } => {
                let asked = self.follows_from(action)?;
                // Whoever wants what is so already has nothing to lose.
                if asked.is_empty() || self.looks_like(moved) {
                    return Ok(asked);
                }
                Err(Refusal::SettingsMoved { version: self.catalogue_version })
            }
            Action::DefineGroup { group } => {
                well_formed_group(group)?;
                let was = self.groups.iter().find(|it| it.id == group.id).cloned();
                let said = was.as_ref() == Some(group);
                unless(said, event::ServiceGroupDefined { group: group.clone(), was })
            }
            Action::DefineService { service } => {
                self.well_formed_service(service)?;
                match self.current(&service.id) {
                    Some(known) if known != service => Err(Refusal::AlreadyExists { what: "service" }),
                    known => {
                        let was = self.services.iter().find(|it| it.id == service.id).cloned();
                        unless(known.is_some(), event::ServiceDefined { service: service.clone(), was })
                    }
                }
            }
            Action::ChangeService { service } => {
                self.well_formed_service(service)?;
                let known = self.known(&service.id)?;
                let was = Some(known.clone());
                unless(known == service, event::ServiceChanged { service: service.clone(), was })
            }
            Action::ArchiveService { service } => {
                let was = Some(self.known(service)?.clone());
                unless(false, event::ServiceArchived { service: service.clone(), was })
            }
            Action::DefineClass { class } => {
                well_formed_class(class)?;
                let was = self.own_classes.iter().find(|it| it.id == class.id).cloned();
                let said = was.as_ref() == Some(class);
                unless(said, event::ClassDefined { class: class.clone(), was })
            }
            Action::SetTarget { target } => self.set_target(target),
            Action::RemoveTarget { class, service } => {
                let same = |it: &&Target| (&it.class, &it.service) == (class, service);
                Ok(self.targets.iter().find(same).map_or_else(Vec::new, |was| {
                    let (class, service, was) = (class.clone(), service.clone(), was.clone());
                    vec![event::TargetRemoved { class, service, was }.into()]
                }))
            }
            Action::DefineReasons { reasons } => {
                well_formed_reasons(reasons)?;
                let was = Some(self.reasons.clone()).filter(|it| *it != Reasons::default());
                unless(self.reasons == *reasons, event::ReasonsDefined { reasons: reasons.clone(), was })
            }
            Action::DefineRegion { region, name } => self.define_region(region, name),
            Action::ArchiveRegion { region } => self.archive_region(region),
            Action::MoveBranch { branch, region } => self.move_branch(branch, region.as_ref()),
            Action::DefinePosition { position, name, skills } => self.define_position(position, name, skills),
            Action::ArchivePosition { position } => self.archive_position(position),
            Action::DefineRole { role, shape } => self.define_role(role, shape),
            Action::ArchiveRole { role } => self.archive_role(role),
            Action::NameAdministrator { staff } => {
                let said = self.administrators.get(staff) == Some(&true);
                unless(said, event::AdministratorNamed { staff: staff.clone() })
            }
            Action::RelieveAdministrator { staff, active } => self.relieve(staff, active),
            Action::ListStaff { staff } => {
                unless(self.staff.contains(staff), event::StaffListed { staff: staff.clone() })
            }
            Action::PublishConsentText { purpose, version, text, required } => {
                self.publish_consent_text(purpose, *version, text, *required)
            }
            Action::AddWebhook { webhook, settings } => self.add_webhook(webhook, settings),
            Action::ChangeWebhook { webhook, settings, new_secret } => {
                self.change_webhook(webhook, settings, *new_secret)
            }
            Action::RemoveWebhook { webhook } => self.remove_webhook(webhook),
        }
    }

    fn looks_like(&self, seen: &Seen) -> bool {
        match seen {
            Seen::Group(group) => self.groups.contains(group),
            Seen::Service(service) => self.current(&service.id) == Some(service),
            Seen::Class(class) => self.classes().contains(class),
            Seen::Reasons(reasons) => self.reasons == *reasons,
        }
    }

    fn register(&self, branch: &BranchId, region: Option<&String>, imported: bool) -> Decided {
        BranchId::parse(branch.as_str()).map_err(|_| Refusal::Malformed { what: "branch" })?;
        if region.is_some_and(|it| !self.regions.contains_key(it)) {
            return Err(Refusal::UnknownThing { what: "region" });
        }
        let wanted = Registered { region: region.cloned(), imported };
        match self.branches.get(branch) {
            Some(known) if *known != wanted => Err(Refusal::AlreadyExists { what: "branch" }),
            known => unless(
                known.is_some(),
                event::BranchRegistered { branch: branch.clone(), region: wanted.region, imported },
            ),
        }
    }

    fn publish_consent_text(
        &self,
        purpose: &PurposeId,
        version: u32,
        text: &LocalText,
        required: bool,
    ) -> Decided {
        PurposeId::parse(purpose.as_str()).map_err(|_| Refusal::Malformed { what: "purpose" })?;
        let fits = |it: &str| !it.trim().is_empty() && it.chars().count() <= LONGEST_CONSENT;
        if !fits(&text.ru) || !fits(&text.en) {
            return Err(Refusal::Malformed { what: "text" });
        }
        let known = self.consent_texts.get(purpose);
        if known == Some(&ConsentText { version, text: text.clone(), required }) {
            return Ok(Vec::new());
        }
        let last = known.map_or(0, |it| it.version);
        if version != last + 1 {
            return Err(Refusal::SettingsMoved { version: last.into() });
        }
        let (purpose, text) = (purpose.clone(), text.clone());
        unless(false, event::ConsentTextPublished { purpose, version, text, required })
    }

    fn set_target(&self, target: &Target) -> Decided {
        self.known(&target.service)?;
        if !self.classes().iter().any(|it| it.id == target.class) {
            return Err(Refusal::UnknownClass { class: target.class.clone() });
        }
        within(target.target_s, "targetSeconds")?;
        let same = |it: &&Target| (&it.class, &it.service) == (&target.class, &target.service);
        let was = self.targets.iter().find(same).cloned();
        let said = was.as_ref() == Some(target);
        unless(said, event::TargetSet { target: target.clone(), was })
    }

    fn current(&self, id: &ServiceId) -> Option<&Service> {
        self.current_services().find(|it| it.id == *id)
    }

    pub(super) fn known(&self, id: &ServiceId) -> Result<&Service, Refusal> {
        self.current(id).ok_or_else(|| Refusal::UnknownService { service: id.clone() })
    }

    fn well_formed_service(&self, service: &Service) -> Result<(), Refusal> {
        ServiceId::parse(service.id.as_str()).map_err(|_| Refusal::Malformed { what: "service" })?;
        readable(&service.name)?;
        if !self.groups.iter().any(|it| it.id == service.group) {
            return Err(Refusal::UnknownThing { what: "group" });
        }
        within(service.norm_s, "normSeconds")?;
        within(service.p80_s, "p80Seconds")?;
        if service.norm_s == 0 {
            return Err(Refusal::Malformed { what: "normSeconds" });
        }
        if service.p80_s < service.norm_s {
            return Err(Refusal::Malformed { what: "p80Seconds" });
        }
        service.target_s.map_or(Ok(()), |it| within(it, "targetSeconds"))
    }
}

/// One fact, or none when it is so already.
pub(super) fn unless(said: bool, event: impl Into<OrganisationEvent>) -> Decided {
    Ok(if said { Vec::new() } else { vec![event.into()] })
}

fn well_formed_group(group: &ServiceGroup) -> Result<(), Refusal> {
    GroupId::parse(group.id.as_str()).map_err(|_| Refusal::Malformed { what: "group" })?;
    readable(&group.name)?;
    if LETTERS.contains(&group.letter) { Ok(()) } else { Err(Refusal::Malformed { what: "letter" }) }
}

fn well_formed_class(class: &Class) -> Result<(), Refusal> {
    ClassId::parse(class.id.as_str()).map_err(|_| Refusal::Malformed { what: "class" })?;
    readable(&class.name)?;
    within(class.target_s, "targetSeconds")?;
    vocabulary(&class.reasons)?;
    // Everybody is standard unless something else was said: it cannot be a tier above all.
    if class.id.as_str() == STANDARD && class.emergency {
        return Err(Refusal::Malformed { what: "emergency" });
    }
    Ok(())
}

fn well_formed_reasons(reasons: &Reasons) -> Result<(), Refusal> {
    let Reasons { outcome, park, refuse, pick, pause, priority, cancel } = reasons;
    [outcome, park, refuse, pick, pause, priority, cancel].into_iter().try_for_each(|it| vocabulary(it))
}

fn vocabulary(words: &[Reason]) -> Result<(), Refusal> {
    for (index, word) in words.iter().enumerate() {
        ReasonCode::parse(word.code.as_str()).map_err(|_| Refusal::Malformed { what: "reasonCode" })?;
        readable(&word.name)?;
        if words[..index].iter().any(|it| it.code == word.code) {
            return Err(Refusal::AlreadyExists { what: "reasonCode" });
        }
    }
    Ok(())
}

/// Both languages say something, and not a novel.
pub(super) fn readable(name: &LocalText) -> Result<(), Refusal> {
    let fits = |text: &str| !text.trim().is_empty() && text.chars().count() <= LONGEST_TEXT;
    if fits(&name.ru) && fits(&name.en) { Ok(()) } else { Err(Refusal::Malformed { what: "name" }) }
}

fn within(duration_s: u32, what: &'static str) -> Result<(), Refusal> {
    if duration_s <= LONGEST_S { Ok(()) } else { Err(Refusal::Malformed { what }) }
}

pub(super) fn code(text: &str, what: &'static str) -> Result<(), Refusal> {
    GroupId::parse(text).map(|_| ()).map_err(|_| Refusal::Malformed { what })
}
