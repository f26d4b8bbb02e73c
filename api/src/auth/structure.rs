//! What people work in: regions, branches in them, positions, roles of the organisation's own. Decided by the
//! organisation; asked here whether whoever orders it may.

use talon_core::{
    aggregate::{Request, supposed},
    dispatch::Done,
    fact::Actor,
    organisation::{self, Organisation, command::Action, event::RoleShape},
    refusal::Refusal,
};

use super::{
    Access, Permission,
    order::{NotDone, Order},
};

impl Access {
    /// Carries out what is ordered of the organisation, in the name of whoever orders it.
    ///
    /// # Errors
    /// See `NotDone`.
    pub async fn restructure(&self, order: &Order<'_>, action: Action) -> Result<Done, NotDone> {
        let permission = permission_for(&action);
        let actor = order.by.actor(permission, None)?;
        let action = self.allowed(order, &actor, action).await?;
        let done = self.inner.people.organisation(order.envelope(self, actor), action).await?;
        self.inner.directory.catch_up_organisation().await?;
        Ok(done)
    }

    /// The action as it may be recorded.
    async fn allowed(&self, order: &Order<'_>, actor: &Actor, action: Action) -> Result<Action, NotDone> {
        let directory = &self.inner.directory;
        directory.catch_up_organisation().await?;
        let organisation = directory.organisation();
        match action {
            Action::DefineRole { role, shape } => {
                let permissions = in_order(&shape.permissions);
                order.by.may_define(&shape.permissions)?;
                // A role somebody could not have made is not theirs to change either.
                if let Some(known) = organisation.roles.get(&role) {
                    order.by.may_define(&in_order(&known.shape.permissions))?;
                }
                Ok(Action::DefineRole { role, shape: RoleShape { permissions, ..shape } })
            }
            Action::ArchiveRole { role } => {
                if let Some(known) = organisation.roles.get(&role) {
                    order.by.may_define(&in_order(&known.shape.permissions))?;
                }
                Ok(Action::ArchiveRole { role })
            }
            Action::MoveBranch { branch, region } => {
                let action = Action::MoveBranch { branch, region };
                let after = after(&organisation, actor, order, &action)?;
                let member = order.by.staff_id().and_then(|id| directory.member(id));
                if member.is_some_and(|member| order.by.gains(&member, &after)) {
                    return Err(Refusal::MoreThanYours { what: "branch".into() }.into());
                }
                Ok(action)
            }
            other => Ok(other),
        }
    }
}

fn permission_for(action: &Action) -> Permission {
    match action {
        Action::DefineRole { .. } | Action::ArchiveRole { .. } => Permission::ManageRoles,
        Action::Unless { action, .. } => permission_for(action),
        Action::Name { .. }
        | Action::RegisterBranch { .. }
        | Action::DefineGroup { .. }
        | Action::DefineService { .. }
        | Action::ChangeService { .. }
        | Action::ArchiveService { .. }
        | Action::DefineClass { .. }
        | Action::SetTarget { .. }
        | Action::RemoveTarget { .. }
        | Action::DefineReasons { .. } => Permission::ManageCatalogue,
        _ => Permission::ManageStructure,
    }
}

/// The organisation as it would be after this action.
fn after(
    organisation: &Organisation,
    actor: &Actor,
    order: &Order<'_>,
    action: &Action,
) -> Result<Organisation, Refusal> {
    let request = Request {
        id: order.command,
        stream: organisation::stream(),
        at: chrono::DateTime::default(),
        actor: actor.clone(),
        action: action.clone(),
    };
    supposed(organisation, &request)
}

/// Each known code once, in the order of the table; unknown ones as they stand, for whoever refuses them.
fn in_order(codes: &[String]) -> Vec<String> {
    Permission::ALL
        .iter()
        .map(|it| it.code())
        .filter(|code| codes.iter().any(|it| it == code))
        .map(str::to_owned)
        .collect()
}
