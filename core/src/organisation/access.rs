//! What an organisation may decide about who works for it and where: regions, positions, roles of its own, and that one
//! chief administrator is always left.

use std::collections::BTreeSet;

use super::{
    JobPosition, Organisation, OwnRole,
    decide::{Decided, code, readable, unless},
    event::{self, PositionShape, RoleShape},
};
use crate::{
    ids::{BranchId, OperatorId, RoleCode, ServiceId},
    refusal::Refusal,
    staff::role,
    text::LocalText,
};

impl Organisation {
    pub(super) fn define_region(&self, region: &str, name: &LocalText) -> Decided {
        code(region, "region")?;
        readable(name)?;
        let was = self.regions.get(region).cloned();
        let said = was.as_ref() == Some(name);
        unless(said, event::RegionDefined { region: region.to_owned(), name: name.clone(), was })
    }

    pub(super) fn archive_region(&self, region: &str) -> Decided {
        let was = self.regions.get(region).ok_or(Refusal::UnknownThing { what: "region" })?.clone();
        if self.branches.values().any(|it| it.region.as_deref() == Some(region)) {
            return Err(Refusal::StillInUse { what: "region" });
        }
        unless(false, event::RegionArchived { region: region.to_owned(), was })
    }

    pub(super) fn move_branch(&self, branch: &BranchId, region: Option<&String>) -> Decided {
        let known = self.branches.get(branch).ok_or(Refusal::UnknownThing { what: "branch" })?;
        if region.is_some_and(|it| !self.regions.contains_key(it)) {
            return Err(Refusal::UnknownThing { what: "region" });
        }
        let (branch, region, was) = (branch.clone(), region.cloned(), known.region.clone());
        unless(region == was, event::BranchMoved { branch, region, was })
    }

    pub(super) fn define_position(&self, position: &str, name: &LocalText, skills: &[ServiceId]) -> Decided {
        code(position, "position")?;
        readable(name)?;
        skills.iter().try_for_each(|skill| self.known(skill).map(|_| ()))?;
        let (name, skills) = (name.clone(), skills.to_vec());
        match self.positions.get(position) {
            Some(known) if !known.archived => {
                let said = known.name == name && known.skills == skills;
                let was = shape_of(known);
                let position = position.to_owned();
                unless(said, event::JobPositionChanged { position, name, skills, was })
            }
            _ => unless(false, event::JobPositionDefined { position: position.to_owned(), name, skills }),
        }
    }

    pub(super) fn archive_position(&self, position: &str) -> Decided {
        let known = self.positions.get(position).ok_or(Refusal::UnknownThing { what: "position" })?;
        let was = shape_of(known);
        unless(known.archived, event::JobPositionArchived { position: position.to_owned(), was })
    }

    pub(super) fn define_role(&self, role: &RoleCode, shape: &RoleShape) -> Decided {
        RoleCode::parse(role.as_str()).map_err(|_| Refusal::Malformed { what: "role" })?;
        if !role::is_free(role) {
            return Err(Refusal::AlreadyExists { what: "role" });
        }
        readable(&shape.name)?;
        let RoleShape { name, permissions } = shape.clone();
        match self.roles.get(role) {
            Some(known) if !known.archived => {
                let was = known.shape.clone();
                let said = was == *shape;
                unless(said, event::RoleChanged { role: role.clone(), name, permissions, was })
            }
            _ => unless(false, event::RoleDefined { role: role.clone(), name, permissions }),
        }
    }

    pub(super) fn archive_role(&self, role: &RoleCode) -> Decided {
        let known = self.roles.get(role).ok_or(Refusal::UnknownThing { what: "role" })?;
        let was = known.shape.clone();
        unless(known.archived, event::RoleArchived { role: role.clone(), was })
    }

    /// Whoever stays must have been named here and not relieved, and hold the role as far as is known: two nodes that
    /// relieve one another's administrators at once meet in this stream, and the second is refused.
    pub(super) fn relieve(&self, staff: &OperatorId, active: &BTreeSet<OperatorId>) -> Decided {
        let said = self.administrators.get(staff) == Some(&false);
        let stays = |it: &OperatorId| it != staff && self.administrators.get(it) == Some(&true);
        if !said && !active.iter().any(stays) {
            return Err(Refusal::LastAdministrator);
        }
        unless(said, event::AdministratorRelieved { staff: staff.clone() })
    }

    pub(super) fn put_position(&mut self, position: &str, name: &LocalText, skills: &[ServiceId]) {
        let shape = JobPosition { name: name.clone(), skills: skills.to_vec(), archived: false };
        self.positions.insert(position.to_owned(), shape);
    }

    pub(super) fn put_role(&mut self, role: &RoleCode, name: &LocalText, permissions: &[String]) {
        let shape = RoleShape { name: name.clone(), permissions: permissions.to_vec() };
        self.roles.insert(role.clone(), OwnRole { shape, archived: false });
    }
}

fn shape_of(position: &JobPosition) -> PositionShape {
    PositionShape { name: position.name.clone(), skills: position.skills.clone() }
}
