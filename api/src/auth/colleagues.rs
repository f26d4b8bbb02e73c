//! People on the staff, managed by others: invited, changed, given roles, skills and positions, dismissed. Each step asks
//! who is behind it and may be repeated with its own command id.

use talon_core::{
    dispatch::{Done, Envelope},
    fact::Actor,
    ids::{CommandId, OperatorId, ServiceId},
    organisation::command::Action as Decision,
    refusal::Refusal,
    sealed::{Sealed, bound_to},
    staff,
    staff::{
        StaffChange,
        event::{Role as StaffRole, Scope},
    },
};

use super::{
    Access, AccessDenied, Permission, Principal, Reach, authority,
    directory::Member,
    order::{NotDone, Order, is_chief, known_positions, known_role, known_skills},
    session::EMAIL,
    staff::{check_email, check_name},
};
use crate::outbox::LetterKind;

/// A reason is a sentence, not a file.
const LONGEST_REASON: usize = 500;

/// Another name or address; what is absent stays.
#[derive(Clone, Default)]
pub struct NewDetails {
    pub name: Option<String>,
    pub email: Option<String>,
}

impl Access {
    /// Gives somebody another name or address. The old ones stay in the fact beside the new, sealed as they are.
    ///
    /// # Errors
    /// See `NotDone`; `AlreadyExists` for an address that is somebody else's; `OwnAccount` for another address of one's
    /// own.
    pub async fn change_details(
        &self,
        order: &Order<'_>,
        id: &OperatorId,
        new: NewDetails,
    ) -> Result<Done, NotDone> {
        let inner = &self.inner;
        let (member, actor) = self.managed(order, id, Permission::ManageStaff).await?;
        let (name, email) = (self.name_of(id).await?, self.email_of(id).await?);
        let differs = |new: Option<String>, old: &Option<String>| {
            new.map(|it| it.trim().to_owned()).filter(|it| Some(it) != old.as_ref())
        };
        let (new_name, new_email) = (differs(new.name, &name), differs(new.email, &email));
        if let Some(name) = &new_name {
            check_name(name)?;
        }
        if let Some(email) = &new_email {
            somebody_else(order, id)?;
            check_email(email)?;
            if member.is_active() && !inner.vault.put_identity(EMAIL, email, id.as_str()).await? {
                return Err(Refusal::AlreadyExists { what: "email" }.into());
            }
        }
        let (command, about) = (order.command, order.envelope(self, actor));
        let mut change = StaffChange::default();
        if let Some(new) = &new_name {
            change.name = Some(self.seal(id, command, "name", new).await?);
            change.was.name = self.seal_former(id, command, "was.name", name.as_deref()).await?;
        }
        if let Some(new) = &new_email {
            change.email = Some(self.seal(id, command, "email", new).await?);
            change.was.email = self.seal_former(id, command, "was.email", email.as_deref()).await?;
        }
        let key_id = change.name.as_ref().or(change.email.as_ref()).map(|it| it.key.clone());
        let about = Envelope { key_id, ..about };
        let told = inner.people.told(id, about, staff::Action::Change(change)).await;
        if let (Err(_), Some(email)) = (&told, &new_email) {
            self.take_back_address(id, email).await;
        }
        let done = told?;
        inner.directory.catch_up(id).await?;
        if new_email.is_some() {
            self.void_links(id).await?;
            self.bring_news_to(id, email, LetterKind::AddressChanged);
        }
        // Also for a press that broke off half-way: the address they have now is theirs, and no other one is.
        if member.is_active()
            && let Some(email) = self.email_of(id).await?
        {
            inner.vault.put_identity(EMAIL, &email, id.as_str()).await?;
            inner.vault.keep_identity(EMAIL, &email, id.as_str()).await?;
        }
        Ok(done)
    }

    /// Gives somebody a role; one they have moves to the new scope. An invitation that is out is void: it was given by
    /// whoever might manage them before.
    ///
    /// # Errors
    /// See `NotDone`; `LastAdministrator` when nobody would be left who can administer everything.
    pub async fn grant(
        &self,
        order: &Order<'_>,
        id: &OperatorId,
        role: StaffRole,
        scope: Scope,
    ) -> Result<Done, NotDone> {
        let (member, _) = self.managed(order, id, Permission::ManageStaff).await?;
        let organisation = self.inner.directory.organisation();
        known_role(&organisation, &role)?;
        let scope = authority::checked_scope(&organisation, scope)?;
        let actor = order.by.may_grant(&organisation, &role, &scope)??;
        let (was, becomes) = (member.is_administrator() && role == StaffRole::Admin, is_chief(&role, &scope));
        if was && !becomes {
            self.relieve(order, &actor, id).await?;
        }
        let done = self.tell(order, id, actor.clone(), staff::Action::GrantRole { role, scope }).await?;
        // Whoever was shown a link to this account may be less than it is now.
        self.void_invitations(id).await?;
        if becomes {
            self.name_administrator(id, order.step(self, "administrator", actor).1).await?;
        }
        Ok(done)
    }

    /// Takes a role away.
    ///
    /// # Errors
    /// As `grant`.
    pub async fn withdraw(
        &self,
        order: &Order<'_>,
        id: &OperatorId,
        role: StaffRole,
    ) -> Result<Done, NotDone> {
        let (member, actor) = self.managed(order, id, Permission::ManageStaff).await?;
        if member.is_administrator() && role == StaffRole::Admin {
            self.relieve(order, &actor, id).await?;
        }
        self.tell(order, id, actor, staff::Action::WithdrawRole { role }).await
    }

    /// Sets what somebody can do besides what their positions lend them.
    ///
    /// # Errors
    /// See `NotDone`.
    pub async fn teach(
        &self,
        order: &Order<'_>,
        id: &OperatorId,
        skills: Vec<ServiceId>,
    ) -> Result<Done, NotDone> {
        let (_, actor) = self.managed(order, id, Permission::AssignSkills).await?;
        let skills = known_skills(&self.inner.directory.organisation(), skills)?;
        self.tell(order, id, actor, staff::Action::SetSkills { skills }).await
    }

    /// Sets the positions somebody works in.
    ///
    /// # Errors
    /// See `NotDone`.
    pub async fn assign(
        &self,
        order: &Order<'_>,
        id: &OperatorId,
        positions: Vec<String>,
    ) -> Result<Done, NotDone> {
        let (_, actor) = self.managed(order, id, Permission::AssignSkills).await?;
        let positions = known_positions(&self.inner.directory.organisation(), positions)?;
        self.tell(order, id, actor, staff::Action::AssignPositions { positions }).await
    }

    /// Ends somebody's belonging to the staff and everything they are signed in with.
    ///
    /// # Errors
    /// See `NotDone`; `LastAdministrator`.
    pub async fn let_go(&self, order: &Order<'_>, id: &OperatorId, reason: &str) -> Result<Done, NotDone> {
        let (member, actor) = self.managed(order, id, Permission::ManageStaff).await?;
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(Refusal::ReasonRequired.into());
        }
        if reason.chars().count() > LONGEST_REASON {
            return Err(Refusal::Malformed { what: "reason" }.into());
        }
        if member.is_administrator() {
            self.relieve(order, &actor, id).await?;
        }
        let reason = self.seal(id, order.command, "reason", reason).await?;
        let about = Envelope { key_id: Some(reason.key.clone()), ..order.envelope(self, actor) };
        let action = staff::Action::Dismiss { reason: Some(reason) };
        let inner = &self.inner;
        let done = inner.people.told(id, about, action).await?;
        inner.directory.catch_up(id).await?;
        self.end_sessions_of(id.as_str(), None, "dismissed").await?;
        if let Some(email) = self.email_of(id).await? {
            // Whoever comes back is somebody new.
            inner.vault.remove_identity(EMAIL, &email, id.as_str()).await?;
        }
        Ok(done)
    }

    /// Signs somebody out everywhere; they may sign in again.
    ///
    /// # Errors
    /// See `NotDone`.
    pub async fn sign_out(&self, order: &Order<'_>, id: &OperatorId) -> Result<(), NotDone> {
        self.managed(order, id, Permission::ManageStaff).await?;
        Ok(self.end_sessions_of(id.as_str(), None, "ended_by_administrator").await?)
    }

    /// Takes the second factor of somebody who lost it away: their password alone signs in again. Whoever asks must have
    /// seen the person.
    ///
    /// # Errors
    /// See `NotDone`; `OwnAccount`.
    pub async fn forget_second_factor(&self, order: &Order<'_>, id: &OperatorId) -> Result<(), NotDone> {
        let (_, actor) = self.managed(order, id, Permission::ManageStaff).await?;
        somebody_else(order, id)?;
        Ok(self.reset_second_factor(id, actor, order.command).await?)
    }

    /// Whether whoever asks may do everything to this person that `ManageStaff` allows.
    #[must_use]
    pub fn may_manage(&self, by: &Principal, member: &Member) -> bool {
        let organisation = self.inner.directory.organisation();
        by.actor_managing(Permission::ManageStaff, &organisation, member).is_ok()
    }

    /// Whether whoever asks may set this person's skills and positions.
    #[must_use]
    pub fn may_teach(&self, by: &Principal, member: &Member) -> bool {
        by.actor_teaching(&self.inner.directory.organisation(), member).is_ok()
    }

    /// Whether whoever asks may give this role to somebody somewhere.
    #[must_use]
    pub fn may_grant_somewhere(&self, by: &Principal, role: &StaffRole) -> bool {
        let organisation = self.inner.directory.organisation();
        let over = match by.reach(Permission::ManageStaff) {
            Ok(Reach::Everywhere) => vec![Scope::Organisation],
            Ok(Reach::Branches(some)) => {
                some.into_iter().map(|it| Scope::Branches { branches: vec![it] }).collect()
            }
            Err(_) => Vec::new(),
        };
        known_role(&organisation, role).is_ok()
            && over.iter().any(|scope| matches!(by.may_grant(&organisation, role, scope), Ok(Ok(_))))
    }

    /// The branches somebody acts in.
    #[must_use]
    pub fn acts_in(&self, member: &Member) -> Reach {
        authority::acts_in(&self.inner.directory.organisation(), member)
    }

    /// Whether somebody has chosen a password.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn has_password(&self, id: &OperatorId) -> Result<bool, AccessDenied> {
        Ok(self.inner.vault.password_of(id.as_str()).await?.is_some())
    }

    /// Notes that somebody is invited anew.
    ///
    /// # Errors
    /// See `NotDone`; `OwnAccount`.
    pub async fn may_invite(&self, order: &Order<'_>, id: &OperatorId) -> Result<Done, NotDone> {
        let (_, actor) = self.managed(order, id, Permission::ManageStaff).await?;
        somebody_else(order, id)?;
        self.tell(order, id, actor, staff::Action::Invite).await
    }

    /// The person an order is about, as of this moment, and whom the fact will name. Somebody unknown is unknown only to
    /// those who may look everywhere.
    pub(super) async fn managed(
        &self,
        order: &Order<'_>,
        id: &OperatorId,
        permission: Permission,
    ) -> Result<(std::sync::Arc<Member>, Actor), NotDone> {
        let directory = &self.inner.directory;
        order.by.reach(permission)?;
        directory.catch_up_organisation().await?;
        if directory.member(id).is_some() {
            directory.catch_up(id).await?;
        }
        let organisation = directory.organisation();
        let Some(member) = directory.member(id) else {
            order.by.actor_over(permission, &Reach::Everywhere)?;
            return Err(Refusal::UnknownThing { what: "staff" }.into());
        };
        let actor = match permission {
            Permission::AssignSkills => order.by.actor_teaching(&organisation, &member)?,
            managing => order.by.actor_managing(managing, &organisation, &member)?,
        };
        Ok((member, actor))
    }

    async fn tell(
        &self,
        order: &Order<'_>,
        id: &OperatorId,
        actor: Actor,
        action: staff::Action,
    ) -> Result<Done, NotDone> {
        let done = self.inner.people.told(id, order.envelope(self, actor), action).await?;
        self.inner.directory.catch_up(id).await?;
        Ok(done)
    }

    /// Notes that somebody can administer everything from now on.
    pub(super) async fn name_administrator(
        &self,
        id: &OperatorId,
        about: Envelope,
    ) -> Result<(), AccessDenied> {
        let action = Decision::NameAdministrator { staff: id.clone() };
        self.inner.people.organisation(about, action).await?;
        Ok(self.inner.directory.catch_up_organisation().await?)
    }

    /// Asks the organisation to let an administrator go, before their own stream says how.
    async fn relieve(&self, order: &Order<'_>, actor: &Actor, id: &OperatorId) -> Result<(), NotDone> {
        let directory = &self.inner.directory;
        let known: Vec<OperatorId> = directory
            .everybody()
            .into_iter()
            .filter(|(_, member)| member.is_administrator())
            .map(|(id, _)| id)
            .collect();
        for other in &known {
            // Other nodes may have dismissed somebody a moment ago.
            directory.catch_up(other).await?;
        }
        let still = |it: &OperatorId| directory.member(it).is_some_and(|member| member.is_administrator());
        let active: std::collections::BTreeSet<OperatorId> = known.into_iter().filter(still).collect();
        let named = directory.organisation().administrators.clone();
        for other in active.iter().filter(|it| !named.contains_key(it)) {
            // From before such things were noted.
            let about = order.step(self, &format!("administrator {other}"), actor.clone()).1;
            self.name_administrator(other, about).await?;
        }
        let action = Decision::RelieveAdministrator { staff: id.clone(), active };
        let about = order.step(self, "relieve", actor.clone()).1;
        self.inner.people.organisation(about, action).await?;
        directory.catch_up_organisation().await?;
        Ok(())
    }

    pub(super) async fn seal(
        &self,
        id: &OperatorId,
        command: CommandId,
        field: &str,
        text: &str,
    ) -> Result<Sealed, AccessDenied> {
        let bound = bound_to(command, field);
        Ok(self.inner.vault.seal(id.as_str(), &bound, text.trim().as_bytes()).await?)
    }

    async fn seal_former(
        &self,
        id: &OperatorId,
        command: CommandId,
        field: &str,
        text: Option<&str>,
    ) -> Result<Option<Sealed>, AccessDenied> {
        match text {
            Some(text) => self.seal(id, command, field, text).await.map(Some),
            None => Ok(None),
        }
    }
}

/// What opens an account is not changed by its owner this way, where no password is asked for: whoever holds a stolen
/// token would become them.
fn somebody_else(order: &Order<'_>, id: &OperatorId) -> Result<(), Refusal> {
    if order.by.staff_id() == Some(id) { Err(Refusal::OwnAccount) } else { Ok(()) }
}

impl std::fmt::Debug for NewDetails {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("NewDetails")
    }
}
