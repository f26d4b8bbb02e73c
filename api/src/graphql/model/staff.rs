//! People on the staff and what they work in: roles, positions, regions.

use async_graphql::{InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use serde::Serialize;
use talon_core::{
    ids::{BranchId, RoleCode},
    organisation::{JobPosition as KnownPosition, Organisation, OwnRole},
    refusal::Refusal,
    staff::event::{Role as StaffRole, Scope},
    text,
};

use super::LocalText;
use crate::{
    auth::{Permission, Permissions, Role as Column},
    graphql::scalar::{BranchCode, OperatorId, ServiceCode},
};

/// A member of staff as of now.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct StaffMember {
    pub id: OperatorId,
    /// For those who may read names of colleagues; absent too when the person was erased.
    pub name: Option<String>,
    /// For those who may manage this person.
    pub email: Option<String>,
    pub roles: Vec<StaffRoleHeld>,
    pub positions: Vec<JobPosition>,
    /// Set for this person alone.
    pub skills: Vec<ServiceCode>,
    /// These and what the positions lend: what they can do at a window.
    pub effective_skills: Vec<ServiceCode>,
    /// Where some role of theirs holds now; empty for those who act everywhere.
    pub branches: Vec<BranchCode>,
    pub everywhere: bool,
    pub dismissed: bool,
    pub joined_at: Option<DateTime<Utc>>,
    /// When they were last sent a link to choose a password with.
    pub invited_at: Option<DateTime<Utc>>,
    pub has_password: bool,
    /// Whether whoever asks may change and dismiss them.
    pub may_manage: bool,
    /// Whether whoever asks may set their skills and positions.
    pub may_teach: bool,
}

/// A role somebody has.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
#[graphql(name = "StaffRole")]
pub struct StaffRoleHeld {
    pub role: String,
    pub name: LocalText,
    pub scope: RoleScope,
}

/// Where a role holds: everywhere, in all branches of some regions, or in some branches.
#[derive(Debug, Clone, Default, PartialEq, Eq, SimpleObject)]
pub struct RoleScope {
    pub organisation: bool,
    pub regions: Vec<String>,
    pub branches: Vec<BranchCode>,
}

impl From<&Scope> for RoleScope {
    fn from(scope: &Scope) -> Self {
        match scope {
            Scope::Organisation => Self { organisation: true, ..Self::default() },
            Scope::Regions { regions } => Self { regions: regions.clone(), ..Self::default() },
            Scope::Branches { branches } => {
                Self { branches: branches.iter().cloned().map(BranchCode).collect(), ..Self::default() }
            }
        }
    }
}

/// Where a role shall hold: exactly one of the three.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct RoleScopeInput {
    pub organisation: Option<bool>,
    pub regions: Option<Vec<String>>,
    pub branches: Option<Vec<BranchCode>>,
}

impl RoleScopeInput {
    /// # Errors
    /// `Malformed` when none or more than one of the three is said.
    pub(in crate::graphql) fn parsed(self) -> Result<Scope, Refusal> {
        match (self.organisation.filter(|it| *it), self.regions, self.branches) {
            (Some(_), None, None) => Ok(Scope::Organisation),
            (None, Some(regions), None) => Ok(Scope::Regions { regions }),
            (None, None, Some(branches)) => {
                Ok(Scope::Branches { branches: branches.into_iter().map(|it| it.0).collect() })
            }
            _ => Err(Refusal::Malformed { what: "scope" }),
        }
    }
}

/// A role and where it shall hold.
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct RoleGrantInput {
    pub role: String,
    pub scope: RoleScopeInput,
}

/// A text in both languages of the house.
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct LocalTextInput {
    pub ru: String,
    pub en: String,
}

impl From<LocalTextInput> for text::LocalText {
    fn from(input: LocalTextInput) -> Self {
        Self::new(input.ru.trim(), input.en.trim())
    }
}

/// A role, of the house or of the organisation's own.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Role {
    pub code: String,
    pub name: LocalText,
    /// Codes of `permissions`, in their order.
    pub permissions: Vec<String>,
    /// Defined by the organisation, and changeable.
    pub own: bool,
    /// Allows nothing any more.
    pub archived: bool,
    /// Whether whoever asks may give it to somebody somewhere.
    pub may_grant: bool,
}

impl Role {
    pub(in crate::graphql) fn of_the_house(role: &StaffRole) -> Self {
        let permissions = Permissions::of_role(&Column::from(role.clone()));
        Self {
            code: role.code().to_owned(),
            name: role_name(role.code()),
            permissions: permissions.iter().map(|it| it.code().to_owned()).collect(),
            own: false,
            archived: false,
            may_grant: false,
        }
    }

    pub(in crate::graphql) fn of_its_own(code: &RoleCode, role: &OwnRole) -> Self {
        Self {
            code: code.to_string(),
            name: (&role.shape.name).into(),
            permissions: role.shape.permissions.clone(),
            own: true,
            archived: role.archived,
            may_grant: false,
        }
    }
}

/// What a role of the organisation may allow.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
#[graphql(name = "PermissionWords")]
pub struct PermissionWords {
    pub code: String,
    pub name: LocalText,
    /// Whether whoever asks may put it into a role.
    pub may_grant: bool,
}

impl PermissionWords {
    pub(in crate::graphql) fn of(permission: Permission, may_grant: bool) -> Self {
        let code = permission.code().to_owned();
        let [ru, en] = talon_texts::Language::ALL.map(|it| talon_texts::permission(&code, it));
        Self { code, name: LocalText { ru, en }, may_grant }
    }
}

/// What a role is called: in the house's words, or in those of the organisation.
fn role_name(code: &str) -> LocalText {
    let [ru, en] = talon_texts::Language::ALL.map(|it| talon_texts::role(code, it));
    LocalText { ru, en }
}

pub(in crate::graphql) fn role_held(
    organisation: &Organisation,
    role: &StaffRole,
    scope: &Scope,
) -> StaffRoleHeld {
    let own = match role {
        StaffRole::Own(code) => organisation.roles.get(code),
        _ => None,
    };
    let name = own.map_or_else(|| role_name(role.code()), |it| (&it.shape.name).into());
    StaffRoleHeld { role: role.code().to_owned(), name, scope: scope.into() }
}

/// A named set of skills.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct JobPosition {
    pub code: String,
    pub name: LocalText,
    pub skills: Vec<ServiceCode>,
    /// Lends its skills to nobody any more.
    pub archived: bool,
}

impl JobPosition {
    pub(in crate::graphql) fn of(code: &str, position: &KnownPosition) -> Self {
        Self {
            code: code.to_owned(),
            name: (&position.name).into(),
            skills: position.skills.iter().cloned().map(ServiceCode).collect(),
            archived: position.archived,
        }
    }
}

/// Branches that belong together.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Region {
    pub code: String,
    pub name: LocalText,
    pub branches: Vec<BranchCode>,
}

impl Region {
    pub(in crate::graphql) fn of(organisation: &Organisation, code: &str, name: &text::LocalText) -> Self {
        let belongs =
            |(_, it): &(&BranchId, &talon_core::organisation::Registered)| it.region.as_deref() == Some(code);
        let branches = organisation.branches.iter().filter(belongs);
        Self {
            code: code.to_owned(),
            name: name.into(),
            branches: branches.map(|(branch, _)| branch.clone().into()).collect(),
        }
    }
}

/// A link by which somebody chooses their password. It is shown once.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Invitation {
    pub link: String,
    pub expires_at: DateTime<Utc>,
    /// Whether a letter with it is on its way.
    pub mailed: bool,
}
