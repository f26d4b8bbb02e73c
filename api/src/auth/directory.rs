//! Everybody on the staff, in memory, folded from the log: roles and skills as they are now, names as sealed values
//! that are opened when somebody who may see them asks. What an access token may do is looked up here at each use, so a
//! dismissal, a withdrawn role, another shape of a role and a branch that moved take effect as soon as their fact arrives.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, PoisonError, RwLock},
};

use chrono::{DateTime, Utc};
use talon_core::{
    access::event::Way,
    aggregate::{Aggregate, Happened},
    event_store::{EventStore, StoreError, StreamId, Version},
    fact::{Fact, Unreadable},
    ids::{BranchId, CommandId, OperatorId, ServiceId},
    organisation::{self, Organisation},
    queue_event::{CustomerEvent, Event, OrganisationEvent, StaffEvent},
    sealed::Sealed,
    staff,
    staff::event::{Role as StaffRole, Scope},
};
use uuid::Uuid;

use super::{
    permissions::{Permission, Permissions, Role},
    principal::{Grant, Principal, Reach},
    token::{LONGEST, Verified},
};

use crate::config::SecondFactor;

const PAGE: u32 = 1_000;
/// Of how many sessions of one person it is kept that somebody else vouched for them: the newest.
const VOUCHED: usize = 256;

/// A sealed value with the command it is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Personal {
    pub sealed: Sealed,
    pub command: CommandId,
}

/// One member of staff as of now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    pub name: Option<Personal>,
    pub email: Option<Personal>,
    pub roles: BTreeMap<StaffRole, Scope>,
    /// Set for this person alone, besides what their positions lend.
    pub skills: Vec<ServiceId>,
    pub positions: Vec<String>,
    pub invited_at: Option<DateTime<Utc>>,
    pub joined_at: Option<DateTime<Utc>>,
    pub dismissed: bool,
    grants: Arc<[Grant]>,
    /// What is left of the grants where a second factor is wanted.
    own_account: Arc<[Grant]>,
    has_second_factor: bool,
    must_have_second_factor: bool,
    /// Sessions for which another service stands: how it knows the person is its business.
    vouched: VecDeque<Uuid>,
    version: Version,
}

impl Member {
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.name.is_some() && !self.dismissed
    }

    /// Added once, whatever became of them since.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.joined_at.is_some()
    }

    /// A chief administrator of the whole organisation.
    #[must_use]
    pub fn is_administrator(&self) -> bool {
        self.is_active() && self.roles.get(&StaffRole::Admin) == Some(&Scope::Organisation)
    }

    #[must_use]
    pub fn grants(&self) -> &Arc<[Grant]> {
        &self.grants
    }

    /// They may not be without one, whether they have it or not.
    #[must_use]
    pub fn must_have_second_factor(&self) -> bool {
        self.must_have_second_factor
    }

    #[must_use]
    pub fn has_second_factor(&self) -> bool {
        self.has_second_factor
    }

    /// Whether this session is one of somebody who must have a second factor and has none. Where another service signed
    /// them in, the factors are its business.
    fn lacks_second_factor(&self, session: &str) -> bool {
        self.must_have_second_factor && !self.has_second_factor && !self.is_vouched_for(session)
    }

    fn is_vouched_for(&self, session: &str) -> bool {
        Uuid::parse_str(session).is_ok_and(|it| self.vouched.contains(&it))
    }

    fn vouch(&mut self, session: &str) {
        let Ok(session) = Uuid::parse_str(session) else { return };
        if self.vouched.len() == VOUCHED {
            self.vouched.pop_front();
        }
        self.vouched.push_back(session);
    }

    fn grants_in(&self, session: &str) -> &Arc<[Grant]> {
        if self.lacks_second_factor(session) { &self.own_account } else { &self.grants }
    }

    fn fold(&mut self, fact: &Fact, event: &StaffEvent) {
        let personal =
            |sealed: &Sealed| Some(Personal { sealed: sealed.clone(), command: fact.meta.command_id });
        match event {
            StaffEvent::StaffAdded(it) => {
                self.name = personal(&it.name);
                self.email = personal(&it.email);
                self.joined_at = Some(fact.occurred_at);
            }
            StaffEvent::StaffChanged(it) => {
                self.name = it.name.as_ref().and_then(personal).or(self.name.take());
                self.email = it.email.as_ref().and_then(personal).or(self.email.take());
            }
            StaffEvent::StaffInvited(_) => self.invited_at = Some(fact.occurred_at),
            StaffEvent::RoleGranted(it) => {
                self.roles.insert(it.role.clone(), it.scope.clone());
            }
            StaffEvent::RoleWithdrawn(it) => {
                self.roles.remove(&it.role);
            }
            StaffEvent::SkillsSet(it) => self.skills.clone_from(&it.skills),
            StaffEvent::PositionsAssigned(it) => self.positions.clone_from(&it.positions),
            StaffEvent::StaffDismissed(_) => self.dismissed = true,
            StaffEvent::SessionStarted(it) if it.way.is_some_and(is_of_another_service) => {
                self.vouch(&it.session);
            }
            StaffEvent::SessionRevoked(it) => {
                let ended = Uuid::parse_str(&it.session).ok();
                self.vouched.retain(|session| Some(*session) != ended);
            }
            StaffEvent::SecondFactorAdded(_) => self.has_second_factor = true,
            StaffEvent::SecondFactorRemoved(_) => self.has_second_factor = false,
            StaffEvent::PasswordChanged(_)
            | StaffEvent::SessionStarted(_)
            | StaffEvent::PersonalDataRevealed(_)
            | StaffEvent::RecoveryCodeUsed(_)
            | StaffEvent::AccountLinked(_) => {}
        }
        self.version = fact.version;
    }

    /// The roles as the organisation is now. What did not change keeps its place in memory: sockets compare.
    fn look_up_grants(&mut self, organisation: &Organisation, wanted: SecondFactor) {
        let now: Vec<Grant> =
            self.roles.iter().filter_map(|(role, scope)| grant(organisation, role, scope)).collect();
        if *self.grants != *now {
            self.own_account = now.iter().map(Grant::for_own_account).collect();
            self.grants = now.into();
        }
        self.must_have_second_factor = match wanted {
            SecondFactor::Optional => false,
            SecondFactor::Administrators => {
                self.grants.iter().any(|it| it.permissions().iter().any(Permission::is_administrative))
            }
            SecondFactor::Staff => true,
        };
    }
}

/// Whether whoever came this way proved who they are to somebody else, who answers for how.
pub(super) fn is_of_another_service(way: Way) -> bool {
    matches!(way, Way::Oidc | Way::OutsideService)
}

/// A role where it holds, as the organisation is now; nothing when the organisation has archived the role.
pub(super) fn grant(organisation: &Organisation, role: &StaffRole, scope: &Scope) -> Option<Grant> {
    let reach = reach(organisation, scope);
    let StaffRole::Own(code) = role else { return Some(Grant::of(Role::from(role.clone()), reach)) };
    let own = organisation.roles.get(code).filter(|it| !it.archived)?;
    Some(Grant::own(code.clone(), permissions(&own.shape.permissions), reach))
}

/// The permissions of these codes that this build knows.
pub(super) fn permissions(codes: &[String]) -> Permissions {
    codes.iter().filter_map(|code| Permission::of_code(code)).collect()
}

/// The branches a scope means as the organisation is now.
pub(super) fn reach(organisation: &Organisation, scope: &Scope) -> Reach {
    match scope {
        Scope::Organisation => Reach::Everywhere,
        Scope::Branches { branches } => Reach::of(branches.iter().cloned()),
        Scope::Regions { regions } => {
            let within = |region: &Option<String>| region.as_ref().is_some_and(|it| regions.contains(it));
            let branches = organisation.branches.iter().filter(|(_, it)| within(&it.region));
            Reach::of(branches.map(|(branch, _)| branch.clone()))
        }
    }
}

/// Why the directory could not follow the log.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    #[error("event store failed")]
    Store(#[from] StoreError),
    #[error("history of the staff cannot be read")]
    Unreadable(#[from] Box<Unreadable>),
}

#[derive(Debug, Default)]
struct Pages {
    people: BTreeMap<OperatorId, Arc<Member>>,
    organisation: Arc<Organisation>,
    /// How far the stream of the organisation has been read.
    organisation_version: Version,
    /// Sessions that ended while a token of theirs may still be good, and when.
    ended: BTreeMap<String, DateTime<Utc>>,
}

/// The staff of the organisation. Readers never wait for the log.
pub struct Directory {
    store: Arc<dyn EventStore>,
    second_factor: SecondFactor,
    pages: RwLock<Pages>,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Directory").field("people", &self.read(|pages| pages.people.len())).finish()
    }
}

impl Directory {
    /// Reads who belongs to the staff, and each one's own history.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn open(
        store: Arc<dyn EventStore>,
        second_factor: SecondFactor,
    ) -> Result<Self, DirectoryError> {
        let directory = Self { store, second_factor, pages: RwLock::default() };
        directory.catch_up_organisation().await?;
        for id in &directory.organisation().staff {
            directory.catch_up(id).await?;
        }
        Ok(directory)
    }

    /// Takes in a fact of the log; facts of other streams pass by. Facts may come again or with gaps: the stream is then
    /// read from where the directory stands.
    ///
    /// # Errors
    /// When the log cannot be read; the fact is taken in when it comes again, or with the stream's next one.
    pub async fn take_in(&self, fact: &Fact) -> Result<(), DirectoryError> {
        match &*fact.event {
            Event::Organisation(event) => {
                if self.read(|pages| pages.organisation_version) + 1 < fact.version {
                    self.catch_up_organisation().await?;
                } else {
                    self.fold_organisation(std::slice::from_ref(fact));
                }
                match event {
                    OrganisationEvent::StaffListed(it) => self.catch_up(&it.staff).await,
                    _ => Ok(()),
                }
            }
            Event::Staff(_) => match staff::of_stream(&fact.stream) {
                Some(id) if self.version(&id) + 1 < fact.version => self.catch_up(&id).await,
                Some(id) => {
                    self.fold(&id, std::slice::from_ref(fact));
                    Ok(())
                }
                None => Ok(()),
            },
            Event::Customer(CustomerEvent::SessionRevoked(it)) => {
                self.end_session(&it.session, fact.recorded_at);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Reads what the organisation decided since the directory last looked.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn catch_up_organisation(&self) -> Result<(), DirectoryError> {
        let known = self.read(|pages| pages.organisation_version);
        let facts = self.history(&organisation::stream(), known).await?;
        self.fold_organisation(&facts);
        Ok(())
    }

    /// Reads what happened to a person since the directory last looked.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn catch_up(&self, id: &OperatorId) -> Result<(), DirectoryError> {
        let facts = self.history(&staff::stream(id), self.version(id)).await?;
        self.fold(id, &facts);
        Ok(())
    }

    #[must_use]
    pub fn member(&self, id: &OperatorId) -> Option<Arc<Member>> {
        self.read(|pages| pages.people.get(id).cloned())
    }

    /// Everybody who is or was on the staff.
    #[must_use]
    pub fn everybody(&self) -> Vec<(OperatorId, Arc<Member>)> {
        self.read(|pages| pages.people.iter().map(|(id, member)| (id.clone(), member.clone())).collect())
    }

    /// Whether somebody can administer this installation.
    #[must_use]
    pub fn has_administrator(&self) -> bool {
        self.read(|pages| pages.people.values().any(|member| member.is_administrator()))
    }

    /// Branches, regions, positions and roles of its own, as of now.
    #[must_use]
    pub fn organisation(&self) -> Arc<Organisation> {
        self.read(|pages| pages.organisation.clone())
    }

    /// Every branch where days are opened.
    #[must_use]
    pub fn branches(&self) -> Vec<BranchId> {
        let organisation = self.organisation();
        let living = organisation.branches.iter().filter(|(_, it)| !it.imported);
        living.map(|(branch, _)| branch.clone()).collect()
    }

    /// The bearer of a good token with the roles of this moment; nobody when dismissed or signed out.
    #[must_use]
    pub(super) fn principal(&self, staff: &OperatorId, token: &Verified) -> Option<Principal> {
        self.read(|pages| {
            let member = pages.people.get(staff).filter(|member| member.is_active())?;
            if !pages.ended.is_empty() && pages.ended.contains_key(&*token.session) {
                return None;
            }
            let session = token.session.clone();
            let must_set_up_second_factor = member.lacks_second_factor(&session);
            let grants = member.grants_in(&session).clone();
            let principal = Principal::staff(staff.clone(), session, token.until, grants);
            Some(Principal { must_set_up_second_factor, ..principal })
        })
    }

    /// Another service stands for this session from now on, which the log need not know.
    pub(super) fn vouch(&self, staff: &OperatorId, session: &str) {
        let lacks = |pages: &Pages| pages.people.get(staff).is_some_and(|it| it.lacks_second_factor(session));
        if self.read(lacks) {
            let mut pages = self.pages.write().unwrap_or_else(PoisonError::into_inner);
            if let Some(member) = pages.people.get_mut(staff) {
                Arc::make_mut(member).vouch(session);
            }
        }
    }

    /// Whether this person is still on the staff, may do what they might before, and this session was not ended.
    pub(super) fn session_stands(&self, id: &OperatorId, session: &str, grants: &Arc<[Grant]>) -> bool {
        let same = |now: &Arc<[Grant]>| Arc::ptr_eq(now, grants) || **now == **grants;
        self.read(|pages| {
            let member = pages.people.get(id).filter(|member| member.is_active());
            member.is_some_and(|member| same(member.grants_in(session))) && !pages.ended.contains_key(session)
        })
    }

    /// Whether a session ended within the life of a token, as far as this process was told.
    pub(super) fn session_ended(&self, session: &str) -> bool {
        self.read(|pages| pages.ended.contains_key(session))
    }

    /// Tokens of this session are void from now on.
    pub(super) fn end_session(&self, session: &str, at: DateTime<Utc>) {
        let mut pages = self.pages.write().unwrap_or_else(PoisonError::into_inner);
        pages.end(session, at);
    }

    fn fold_organisation(&self, facts: &[Fact]) {
        let mut pages = self.pages.write().unwrap_or_else(PoisonError::into_inner);
        let known = pages.organisation_version;
        let news: Vec<&Fact> = facts.iter().filter(|fact| fact.version > known).collect();
        let Some(last) = news.last() else { return };
        pages.organisation_version = last.version;
        let mut organisation = Organisation::clone(&pages.organisation);
        news.iter().for_each(|fact| organisation.evolve(Happened::from(*fact)));
        pages.organisation = Arc::new(organisation);
        if news.iter().any(|fact| moves_grants(&fact.event)) {
            pages.look_up_grants(self.second_factor);
        }
    }

    fn fold(&self, id: &OperatorId, facts: &[Fact]) {
        let mut pages = self.pages.write().unwrap_or_else(PoisonError::into_inner);
        let mut member = pages.people.get(id).map(|known| Member::clone(known)).unwrap_or_default();
        for fact in facts {
            let Event::Staff(event) = &*fact.event else { continue };
            if fact.version <= member.version {
                continue;
            }
            member.fold(fact, event);
            if let StaffEvent::SessionRevoked(it) = event {
                pages.end(&it.session, fact.recorded_at);
            }
        }
        member.look_up_grants(&pages.organisation, self.second_factor);
        pages.people.insert(id.clone(), Arc::new(member));
    }

    fn version(&self, id: &OperatorId) -> Version {
        self.read(|pages| pages.people.get(id).map_or(0, |member| member.version))
    }

    async fn history(&self, stream: &StreamId, after: Version) -> Result<Vec<Fact>, DirectoryError> {
        let mut facts = Vec::new();
        let mut after = after;
        loop {
            let page = self.store.read_stream(stream, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(facts) };
            after = last.version;
            for raw in &page {
                facts.push(Fact::decode(raw).map_err(Box::new)?);
            }
        }
    }

    fn read<T>(&self, view: impl FnOnce(&Pages) -> T) -> T {
        view(&self.pages.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether somebody may do more or less after this fact without one of their own.
fn moves_grants(event: &Event) -> bool {
    matches!(
        event,
        Event::Organisation(
            OrganisationEvent::BranchRegistered(_)
                | OrganisationEvent::BranchMoved(_)
                | OrganisationEvent::RoleDefined(_)
                | OrganisationEvent::RoleChanged(_)
                | OrganisationEvent::RoleArchived(_)
        )
    )
}

impl Pages {
    fn look_up_grants(&mut self, wanted: SecondFactor) {
        for member in self.people.values_mut() {
            Arc::make_mut(member).look_up_grants(&self.organisation, wanted);
        }
    }

    fn end(&mut self, session: &str, at: DateTime<Utc>) {
        // Tokens of sessions that ended longer ago have run out by themselves.
        let newest = self.ended.values().copied().max().unwrap_or(at).max(at);
        self.ended.retain(|_, ended| newest - *ended <= LONGEST);
        if newest - at <= LONGEST {
            self.ended.insert(session.to_owned(), at);
        }
    }
}
