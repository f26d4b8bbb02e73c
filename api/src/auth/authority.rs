//! What somebody may give to others, and whom they may manage. One rule: nobody gives, takes or changes what they do
//! not hold themselves, in every place it concerns. A chief administrator holds everything.

use std::collections::BTreeSet;

use talon_core::{
    fact::Actor,
    ids::BranchId,
    organisation::Organisation,
    refusal::Refusal,
    staff::event::{Role as StaffRole, Scope},
};

use super::{
    directory::{Member, grant, reach},
    permissions::{Permission, Permissions, Role},
    principal::{Denied, Grant, Principal, Reach},
};

/// Where a person acts, for whoever wants to manage them: everywhere when it could become more by itself, by a region
/// that grows or an archived role that comes back.
fn realm(organisation: &Organisation, member: &Member) -> Reach {
    let mut branches = BTreeSet::new();
    for (role, scope) in &member.roles {
        let own_is_gone = matches!(role, StaffRole::Own(_)) && grant(organisation, role, scope).is_none();
        match (scope, own_is_gone) {
            (Scope::Branches { branches: some }, false) => branches.extend(some.iter().cloned()),
            _ => return Reach::Everywhere,
        }
    }
    // Somebody without a role belongs to nobody's branch.
    if branches.is_empty() { Reach::Everywhere } else { Reach::Branches(branches) }
}

/// Where a scope may be granted: by region only by those who may everywhere, because regions grow.
fn granted_over(scope: &Scope) -> Reach {
    match scope {
        Scope::Organisation | Scope::Regions { .. } => Reach::Everywhere,
        Scope::Branches { branches } => Reach::of(branches.iter().cloned()),
    }
}

impl Principal {
    /// Whether a permission is held in every one of these places.
    fn holds(&self, permission: Permission, over: &Reach) -> bool {
        self.reach(permission).is_ok_and(|mine| mine.covers(over))
    }

    fn holds_all(&self, permissions: Permissions, over: &Reach) -> bool {
        permissions.iter().all(|permission| self.holds(permission, over))
    }

    /// Who a fact will name, in the role that allows this in all these places.
    ///
    /// # Errors
    /// `Denied` where the permission does not hold in one of them.
    pub(super) fn actor_over(&self, permission: Permission, over: &Reach) -> Result<Actor, Denied> {
        if !self.holds(permission, over) {
            return Err(self.denied(permission));
        }
        let first = match over {
            Reach::Everywhere => None,
            Reach::Branches(branches) => branches.first(),
        };
        self.actor(permission, first)
    }

    /// Who a fact about this person will name.
    ///
    /// # Errors
    /// `Denied` for whoever does not hold the permission wherever this person acts, or holds less than they do: with
    /// somebody else's link in hand one would be them.
    pub(super) fn actor_managing(
        &self,
        permission: Permission,
        organisation: &Organisation,
        member: &Member,
    ) -> Result<Actor, Denied> {
        let actor = self.actor_over(permission, &realm(organisation, member))?;
        let covered = |it: &Grant| self.holds_all(it.permissions(), it.reach());
        if member.grants().iter().all(covered) { Ok(actor) } else { Err(self.denied(permission)) }
    }

    /// Who a fact about this person's skills will name: a branch's head teaches those who work there only.
    ///
    /// # Errors
    /// `Denied` for whoever does not hold the permission wherever this person acts.
    pub(super) fn actor_teaching(
        &self,
        organisation: &Organisation,
        member: &Member,
    ) -> Result<Actor, Denied> {
        self.actor_over(Permission::AssignSkills, &realm(organisation, member))
    }

    /// Whether this role may be given in this scope.
    ///
    /// # Errors
    /// `Denied` where people cannot be managed there; `MoreThanYours` for a role that allows more than is held there.
    pub(super) fn may_grant(
        &self,
        organisation: &Organisation,
        role: &StaffRole,
        scope: &Scope,
    ) -> Result<Result<Actor, Refusal>, Denied> {
        let over = granted_over(scope);
        let actor = self.actor_over(Permission::ManageStaff, &over)?;
        let allowed = match role {
            StaffRole::Own(code) => {
                organisation.roles.get(code).map(|it| super::directory::permissions(&it.shape.permissions))
            }
            house => Some(Permissions::of_role(&Role::from(house.clone()))),
        };
        let held = allowed.is_some_and(|permissions| self.holds_all(permissions, &over));
        Ok(if held { Ok(actor) } else { Err(Refusal::MoreThanYours { what: role.code().to_owned() }) })
    }

    /// Whether a role of the organisation's own may be made to allow this.
    ///
    /// # Errors
    /// `Malformed` for a code that is no permission of staff; `MoreThanYours`.
    pub(super) fn may_define(&self, codes: &[String]) -> Result<(), Refusal> {
        for code in codes {
            let permission = Permission::of_code(code).filter(|it| it.is_for_staff());
            let permission = permission.ok_or(Refusal::Malformed { what: "permissions" })?;
            if !self.holds(permission, &Reach::Everywhere) {
                return Err(Refusal::MoreThanYours { what: code.clone() });
            }
        }
        Ok(())
    }

    /// Whether whoever asks would hold more by this change of the organisation: nobody moves a branch under themselves.
    pub(super) fn gains(&self, member: &Member, after: &Organisation) -> bool {
        let held = |it: &Grant| self.holds_all(it.permissions(), it.reach());
        !member.roles.iter().filter_map(|(role, scope)| grant(after, role, scope)).all(|it| held(&it))
    }
}

/// A scope as it may be recorded: known places, each once, in their order.
///
/// # Errors
/// `Malformed` for an empty list; `UnknownThing` for a place nobody knows.
pub(super) fn checked_scope(organisation: &Organisation, scope: Scope) -> Result<Scope, Refusal> {
    let empty = Err(Refusal::Malformed { what: "scope" });
    match scope {
        Scope::Organisation => Ok(Scope::Organisation),
        Scope::Regions { regions } if regions.is_empty() => empty,
        Scope::Branches { branches } if branches.is_empty() => empty,
        Scope::Regions { mut regions } => {
            regions.sort();
            regions.dedup();
            let known = |it: &String| organisation.regions.contains_key(it);
            if !regions.iter().all(known) {
                return Err(Refusal::UnknownThing { what: "region" });
            }
            Ok(Scope::Regions { regions })
        }
        Scope::Branches { mut branches } => {
            branches.sort();
            branches.dedup();
            let known = |it: &BranchId| organisation.branches.contains_key(it);
            if !branches.iter().all(known) {
                return Err(Refusal::UnknownThing { what: "branch" });
            }
            Ok(Scope::Branches { branches })
        }
    }
}

/// The branches somebody acts in, as a list shows it.
pub(super) fn acts_in(organisation: &Organisation, member: &Member) -> Reach {
    let mut branches = BTreeSet::new();
    for scope in member.roles.values() {
        match reach(organisation, scope) {
            Reach::Everywhere => return Reach::Everywhere,
            Reach::Branches(some) => branches.extend(some),
        }
    }
    Reach::Branches(branches)
}
