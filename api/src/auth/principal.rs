//! Somebody who asks: who it is, which roles hold where, and the one question `require`.

use std::{
    collections::BTreeSet,
    sync::{Arc, LazyLock},
};

use chrono::{DateTime, Utc};
use talon_core::{
    device::event::DeviceKind,
    fact::{Actor, ActorKind},
    ids::{BranchId, CustomerId, DeviceId, OperatorId, RoleCode},
};

use super::permissions::{Permission, Permissions, Role};

/// Who somebody is, as a pseudonym.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// `until` the access token is good: a socket that outlives it is closed and opened anew.
    Staff {
        id: OperatorId,
        session: Arc<str>,
        until: DateTime<Utc>,
    },
    Customer {
        id: CustomerId,
        session: Arc<str>,
        until: DateTime<Utc>,
    },
    Device {
        id: DeviceId,
        kind: DeviceKind,
        branch: BranchId,
    },
    Nobody,
}

/// A role as it is at this moment: what it allows, and in which branches. Regions have been looked up already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    role: Role,
    permissions: Permissions,
    reach: Reach,
}

impl Grant {
    /// A role of the table. One of the organisation's own allows nothing this way.
    #[must_use]
    pub fn of(role: Role, reach: Reach) -> Self {
        Self { permissions: Permissions::of_role(&role), role, reach }
    }

    /// A role of the organisation's own.
    #[must_use]
    pub fn own(role: RoleCode, permissions: Permissions, reach: Reach) -> Self {
        Self { role: Role::Own(role), permissions, reach }
    }

    #[must_use]
    pub fn role(&self) -> &Role {
        &self.role
    }

    #[must_use]
    pub fn permissions(&self) -> Permissions {
        self.permissions
    }

    #[must_use]
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// What is left of it to whoever must have a second factor and has none.
    #[must_use]
    pub(super) fn for_own_account(&self) -> Self {
        let left = self.permissions.iter().filter(|it| it.needs_no_second_factor());
        Self { permissions: left.chain([Permission::OwnAccount]).collect(), ..self.clone() }
    }

    fn allows(&self, permission: Permission) -> bool {
        self.permissions.contains(permission)
    }

    fn covers(&self, branch: Option<&BranchId>) -> bool {
        match branch {
            Some(branch) => self.reach.contains(branch),
            None => self.reach == Reach::Everywhere,
        }
    }
}

/// Somebody who asks, with the roles they have at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub who: Who,
    pub grants: Arc<[Grant]>,
    /// A second factor is wanted of them and they have none: until they do, the grants are those of their own account.
    pub must_set_up_second_factor: bool,
}

/// The table says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Nobody is signed in: signing in may help.
    #[error("{} needs somebody signed in", .0.code())]
    Unauthenticated(Permission),
    /// Somebody is, and lacks the permission there.
    #[error("{} is not allowed there", .0.code())]
    Forbidden(Permission),
}

/// Where a permission holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    Everywhere,
    Branches(BTreeSet<BranchId>),
}

impl Reach {
    #[must_use]
    pub fn of(branches: impl IntoIterator<Item = BranchId>) -> Self {
        Self::Branches(branches.into_iter().collect())
    }

    /// Whether everywhere the other holds this one does too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Everywhere, _) => true,
            (Self::Branches(_), Self::Everywhere) => false,
            (Self::Branches(mine), Self::Branches(theirs)) => theirs.is_subset(mine),
        }
    }

    #[must_use]
    pub fn contains(&self, branch: &BranchId) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Branches(branches) => branches.contains(branch),
        }
    }
}

impl Principal {
    fn with(who: Who, grants: Arc<[Grant]>) -> Self {
        Self { who, grants, must_set_up_second_factor: false }
    }

    /// Somebody with neither token nor cookie.
    #[must_use]
    pub fn nobody() -> Self {
        static STREET: LazyLock<Arc<[Grant]>> =
            LazyLock::new(|| [Grant::of(Role::Nobody, Reach::Everywhere)].into());
        Self::with(Who::Nobody, STREET.clone())
    }

    #[must_use]
    pub fn staff(id: OperatorId, session: Arc<str>, until: DateTime<Utc>, grants: Arc<[Grant]>) -> Self {
        Self::with(Who::Staff { id, session, until }, grants)
    }

    /// A customer acts for themselves, wherever they are.
    #[must_use]
    pub fn customer(id: CustomerId, session: Arc<str>, until: DateTime<Utc>) -> Self {
        static SELF: LazyLock<Arc<[Grant]>> =
            LazyLock::new(|| [Grant::of(Role::Customer, Reach::Everywhere)].into());
        Self::with(Who::Customer { id, session, until }, SELF.clone())
    }

    /// The customer, when it is one.
    #[must_use]
    pub fn customer_id(&self) -> Option<&CustomerId> {
        match &self.who {
            Who::Customer { id, .. } => Some(id),
            Who::Staff { .. } | Who::Device { .. } | Who::Nobody => None,
        }
    }

    /// The device that asks, where it is one.
    #[must_use]
    pub fn device_id(&self) -> Option<DeviceId> {
        match &self.who {
            Who::Device { id, .. } => Some(id.clone()),
            Who::Staff { .. } | Who::Customer { .. } | Who::Nobody => None,
        }
    }

    /// The branch of the device that asks.
    #[must_use]
    pub fn device_branch(&self) -> Option<&BranchId> {
        match &self.who {
            Who::Device { branch, .. } => Some(branch),
            Who::Staff { .. } | Who::Customer { .. } | Who::Nobody => None,
        }
    }

    /// The member of staff, when it is one.
    #[must_use]
    pub fn staff_id(&self) -> Option<&OperatorId> {
        match &self.who {
            Who::Staff { id, .. } => Some(id),
            Who::Customer { .. } | Who::Device { .. } | Who::Nobody => None,
        }
    }

    /// A device acts in its own branch.
    #[must_use]
    pub fn device(id: DeviceId, kind: DeviceKind, branch: BranchId) -> Self {
        let role = match kind {
            DeviceKind::Kiosk => Role::Kiosk,
            DeviceKind::Board => Role::Board,
        };
        let reach = Reach::of([branch.clone()]);
        Self::with(Who::Device { id, kind, branch }, [Grant::of(role, reach)].into())
    }

    /// Asks the table. Without a branch the permission must hold for the whole organisation. What strangers may do,
    /// everybody may do anywhere.
    ///
    /// # Errors
    /// `Denied`, which says whether signing in may help.
    pub fn require(&self, permission: Permission, branch: Option<&BranchId>) -> Result<(), Denied> {
        if self.may(permission, branch) { Ok(()) } else { Err(self.denied(permission)) }
    }

    #[must_use]
    pub fn may(&self, permission: Permission, branch: Option<&BranchId>) -> bool {
        self.acting(permission, branch).is_some()
    }

    /// For lists over several branches: where the permission holds.
    ///
    /// # Errors
    /// `Denied` when it holds nowhere.
    pub fn reach(&self, permission: Permission) -> Result<Reach, Denied> {
        if permission.roles().contains(&Role::Nobody) {
            return Ok(Reach::Everywhere);
        }
        let mut branches = BTreeSet::new();
        for grant in self.grants.iter().filter(|grant| grant.allows(permission)) {
            match &grant.reach {
                Reach::Everywhere => return Ok(Reach::Everywhere),
                Reach::Branches(some) => branches.extend(some.iter().cloned()),
            }
        }
        if branches.is_empty() { Err(self.denied(permission)) } else { Ok(Reach::Branches(branches)) }
    }

    /// Reading what a branch shows in public: `public` as its settings say.
    ///
    /// # Errors
    /// `Denied` when the branch shows nothing to strangers and this is one.
    pub fn require_public(
        &self,
        permission: Permission,
        branch: &BranchId,
        public: bool,
    ) -> Result<(), Denied> {
        let asked = if public { permission } else { Permission::ReadClosedBranch };
        self.require(asked, Some(branch))
    }

    /// Every permission held anywhere: what a client uses to grey out buttons.
    #[must_use]
    pub fn permissions(&self) -> Vec<Permission> {
        let held = |permission: &Permission| self.grants.iter().any(|grant| grant.allows(*permission));
        Permission::ALL.iter().copied().filter(held).collect()
    }

    /// The widest of its roles: what a greeting shows.
    #[must_use]
    pub fn main_role(&self) -> Role {
        widest(&self.grants)
    }

    /// Who a fact will name, in the role that allows the step.
    ///
    /// # Errors
    /// `Denied` as by `require`, and for nobody: a fact needs somebody.
    pub fn actor(&self, permission: Permission, branch: Option<&BranchId>) -> Result<Actor, Denied> {
        let role = self.acting(permission, branch).ok_or_else(|| self.denied(permission))?;
        let (kind, id, session) = match &self.who {
            Who::Staff { id, session, .. } => (ActorKind::Staff, id.as_str(), Some(session.as_ref())),
            Who::Customer { id, session, .. } => (ActorKind::Customer, id.as_str(), Some(session.as_ref())),
            Who::Device { id, .. } => (ActorKind::Device, id.as_str(), None),
            Who::Nobody => return Err(self.denied(permission)),
        };
        let session = session.map(str::to_owned);
        Ok(Actor { kind, id: id.into(), role: role.code().into(), session, window: None })
    }

    fn acting(&self, permission: Permission, branch: Option<&BranchId>) -> Option<&Role> {
        let fits = |grant: &&Grant| grant.allows(permission) && grant.covers(branch);
        let public = permission.roles().contains(&Role::Nobody).then_some(&Role::Nobody);
        self.grants.iter().find(fits).map(Grant::role).or(public)
    }

    pub(super) fn denied(&self, permission: Permission) -> Denied {
        match self.who {
            Who::Nobody => Denied::Unauthenticated(permission),
            Who::Staff { .. } | Who::Customer { .. } | Who::Device { .. } => Denied::Forbidden(permission),
        }
    }
}

/// The role that says most about somebody; of several of the organisation's own, the first by its code.
pub(super) fn widest(grants: &[Grant]) -> Role {
    const BY_WIDTH: [Role; 8] = [
        Role::Admin,
        Role::Head,
        Role::Operator,
        Role::Auditor,
        Role::Analyst,
        Role::Customer,
        Role::Kiosk,
        Role::Board,
    ];
    let held = |role: &Role| grants.iter().any(|grant| grant.role == *role);
    let own = || grants.iter().map(Grant::role).min().cloned();
    BY_WIDTH.into_iter().find(held).or_else(own).unwrap_or(Role::Nobody)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branch(id: &str) -> BranchId {
        BranchId::trusted(id)
    }

    fn staff(role: Role, reach: Reach) -> Principal {
        Principal::staff(
            OperatorId::trusted("anna"),
            "s1".into(),
            DateTime::default(),
            [Grant::of(role, reach)].into(),
        )
    }

    fn of(branches: &[&str]) -> Reach {
        Reach::of(branches.iter().map(|id| branch(id)))
    }

    #[test]
    fn a_role_holds_in_its_branches_and_nowhere_else() {
        let head = staff(Role::Head, of(&["centre"]));
        assert_eq!(head.require(Permission::ManageDay, Some(&branch("centre"))), Ok(()));
        let no = Err(Denied::Forbidden(Permission::ManageDay));
        assert_eq!(head.require(Permission::ManageDay, Some(&branch("north"))), no);
        assert_eq!(head.require(Permission::ManageDay, None), no);
    }

    #[test]
    fn a_role_of_the_organisation_holds_everywhere() {
        let admin = staff(Role::Admin, Reach::Everywhere);
        assert!(admin.may(Permission::ManageDay, Some(&branch("north"))));
        assert!(admin.may(Permission::ManageCatalogue, None));
        assert_eq!(admin.reach(Permission::ReadQueue), Ok(Reach::Everywhere));
    }

    #[test]
    fn strangers_read_public_boards_and_are_told_to_sign_in_for_the_rest() {
        let nobody = Principal::nobody();
        assert_eq!(nobody.require_public(Permission::ReadBoard, &branch("centre"), true), Ok(()));
        assert_eq!(
            nobody.require_public(Permission::ReadBoard, &branch("centre"), false),
            Err(Denied::Unauthenticated(Permission::ReadClosedBranch))
        );
        assert_eq!(
            nobody.require(Permission::CallCustomers, Some(&branch("centre"))),
            Err(Denied::Unauthenticated(Permission::CallCustomers))
        );
        assert!(nobody.actor(Permission::ReadBoard, None).is_err());
    }

    #[test]
    fn a_kiosk_issues_tickets_in_its_own_branch_only_and_a_board_nowhere() {
        let kiosk = Principal::device(DeviceId::trusted("k1"), DeviceKind::Kiosk, branch("centre"));
        assert!(kiosk.may(Permission::IssueTicket, Some(&branch("centre"))));
        assert!(!kiosk.may(Permission::IssueTicket, Some(&branch("north"))));
        assert!(kiosk.may(Permission::ReadBoard, Some(&branch("north"))));
        assert!(!kiosk.may(Permission::ReadClosedBranch, Some(&branch("north"))));
        let board = Principal::device(DeviceId::trusted("b1"), DeviceKind::Board, branch("centre"));
        assert!(!board.may(Permission::IssueTicket, Some(&branch("centre"))));
    }

    #[test]
    fn a_fact_names_the_role_that_allowed_the_step() {
        let grants = [Grant::of(Role::Operator, of(&["centre"])), Grant::of(Role::Head, of(&["north"]))];
        let both =
            Principal::staff(OperatorId::trusted("anna"), "s1".into(), DateTime::default(), grants.into());
        let role = |permission, at| both.actor(permission, Some(&branch(at))).map(|actor| actor.role);
        assert_eq!(role(Permission::CallCustomers, "centre"), Ok("operator".into()));
        assert_eq!(role(Permission::CallCustomers, "north"), Ok("head".into()));
        assert!(role(Permission::ManageDay, "centre").is_err());
        assert_eq!(both.main_role(), Role::Head);
        let reach = both.reach(Permission::CallCustomers);
        assert_eq!(reach, Ok(Reach::Branches([branch("centre"), branch("north")].into())));
    }

    #[test]
    fn a_role_of_the_organisation_allows_what_it_names_and_is_named_in_facts() {
        let permissions = [Permission::ReadQueue, Permission::ManageDay].into_iter().collect();
        let grant = Grant::own(RoleCode::trusted("duty-manager"), permissions, of(&["centre"]));
        let boris =
            Principal::staff(OperatorId::trusted("boris"), "s1".into(), DateTime::default(), [grant].into());
        let role = |permission, at| boris.actor(permission, Some(&branch(at))).map(|actor| actor.role);
        assert_eq!(role(Permission::ManageDay, "centre"), Ok("duty-manager".into()));
        assert!(role(Permission::ManageDay, "north").is_err());
        assert!(role(Permission::CallCustomers, "centre").is_err());
        assert_eq!(boris.permissions(), [Permission::ReadQueue, Permission::ManageDay]);
        assert_eq!(boris.main_role().code(), "duty-manager");
    }

    #[test]
    fn a_device_is_a_device_in_every_fact() {
        let kiosk = Principal::device(DeviceId::trusted("k1"), DeviceKind::Kiosk, branch("centre"));
        let actor = kiosk.actor(Permission::IssueTicket, Some(&branch("centre"))).expect("allowed");
        assert_eq!((actor.role.as_str(), actor.kind), ("device", ActorKind::Device));
    }
}
