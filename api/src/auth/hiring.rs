//! Somebody new on the staff, added by a colleague with everything they start with.

use talon_core::{
    dispatch::{DispatchError, Done, Envelope},
    ids::{OperatorId, ServiceId},
    staff,
    staff::event::{Role as StaffRole, Scope},
};

use super::{
    Access, Permission, Reach, authority,
    order::{NotDone, Order, is_chief, known_positions, known_role, known_skills},
    staff::{check_email, check_name, pseudonym_of},
};

/// Somebody about to be invited.
#[derive(Clone, Default)]
pub struct NewColleague {
    pub name: String,
    pub email: String,
    pub roles: Vec<(StaffRole, Scope)>,
    pub positions: Vec<String>,
    pub skills: Vec<ServiceId>,
}

/// Somebody who is on the staff now.
#[derive(Debug, Clone)]
pub struct Hired {
    pub id: OperatorId,
    pub done: Done,
    /// Whether they are to be given a link: not after an old press about somebody who has a password, or is not to be
    /// managed by whoever repeats it.
    pub to_invite: bool,
}

impl Access {
    /// Adds somebody to the staff with everything they start with. They have no password yet: see `invitation`.
    ///
    /// # Errors
    /// See `NotDone`; nothing is written when a role is more than whoever asks may give, nor when the press is an old one
    /// and the person has become more than theirs to manage.
    pub async fn hire(&self, order: &Order<'_>, new: NewColleague) -> Result<Hired, NotDone> {
        let inner = &self.inner;
        order.by.reach(Permission::ManageStaff)?;
        inner.directory.catch_up_organisation().await?;
        let organisation = inner.directory.organisation();
        let mut grants = Vec::new();
        let mut actor = None;
        for (role, scope) in new.roles {
            known_role(&organisation, &role)?;
            let scope = authority::checked_scope(&organisation, scope)?;
            actor = Some(order.by.may_grant(&organisation, &role, &scope)??);
            grants.push((role, scope));
        }
        // Whoever has no role belongs to no branch: only those who manage people everywhere have them.
        let actor = match actor {
            Some(actor) => actor,
            None => order.by.actor_over(Permission::ManageStaff, &Reach::Everywhere)?,
        };
        let skills = known_skills(&organisation, new.skills)?;
        let positions = known_positions(&organisation, new.positions)?;
        check_name(&new.name)?;
        check_email(&new.email)?;

        let id = self.newcomer(order, &new.email).await?;
        let step = |what: &str| order.step(self, what, actor.clone());
        let (command, about) = step("add");
        let name = self.seal(&id, command, "name", &new.name).await?;
        let email = self.seal(&id, command, "email", &new.email).await?;
        let about = Envelope { key_id: Some(name.key.clone()), ..about };
        let added = inner.people.told(&id, about, staff::Action::Add { name, email }).await;
        if let Err(DispatchError::Refused(_)) = &added {
            self.take_back_address(&id, &new.email).await;
        }
        let mut done = added?;
        for (role, scope) in grants {
            let named = is_chief(&role, &scope);
            let (_, about) = step(&format!("grant {}", role.code()));
            done = inner.people.told(&id, about, staff::Action::GrantRole { role, scope }).await?;
            if named {
                self.name_administrator(&id, step("administrator").1).await?;
            }
        }
        for action in [staff::Action::AssignPositions { positions }, staff::Action::SetSkills { skills }] {
            let (_, about) =
                step(if matches!(action, staff::Action::SetSkills { .. }) { "skills" } else { "positions" });
            let told = inner.people.told(&id, about, action).await?;
            done = if told.first_event.is_some() { told } else { done };
        }
        inner.people.list(&id, step("list").1).await?;
        inner.directory.catch_up(&id).await?;
        let is_theirs = inner
            .directory
            .member(&id)
            .is_some_and(|member| member.is_active() && self.may_manage(order.by, &member));
        let to_invite = is_theirs && !self.has_password(&id).await?;
        Ok(Hired { id, done, to_invite })
    }

    /// Whom a press is about that adds somebody. One that was carried out before is about the person of then, who may
    /// have become mightier than whoever repeats it.
    async fn newcomer(&self, order: &Order<'_>, email: &str) -> Result<OperatorId, NotDone> {
        let inner = &self.inner;
        let id = pseudonym_of(order.command);
        if inner.people.is_known(&id).await? {
            inner.directory.catch_up(&id).await?;
            // A press that broke off before the first role is completed by whoever made it: nothing is held yet.
            let broke_off =
                inner.directory.member(&id).is_some_and(|it| it.is_active() && it.roles.is_empty());
            if !broke_off {
                self.managed(order, &id, Permission::ManageStaff).await?;
            }
        }
        Ok(self.pseudonym(email, order.command).await?)
    }
}

impl std::fmt::Debug for NewColleague {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("NewColleague").field("roles", &self.roles).finish_non_exhaustive()
    }
}
