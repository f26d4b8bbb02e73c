//! Everybody on the staff, in memory, folded from the log: roles and skills as they are now, names as sealed values
//! that are opened when somebody who may see them asks. What an access token may do is looked up here at each use, so a
//! dismissal or a withdrawn role takes effect as soon as its fact arrives.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError, RwLock},
};

use chrono::{DateTime, Utc};
use talon_core::{
    event_store::{EventStore, StoreError, StreamId, Version},
    fact::{Fact, Unreadable},
    ids::{BranchId, CommandId, OperatorId, ServiceId},
    queue_event::{Event, OrganisationEvent, StaffEvent},
    sealed::Sealed,
    staff,
    staff::event::{Role as StaffRole, Scope},
};

use super::{
    permissions::Role,
    principal::{Grant, Principal},
    token::{LONGEST, Verified},
};

const PAGE: u32 = 1_000;
const ORGANISATION: &str = "organisation";

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
    pub skills: Vec<ServiceId>,
    pub dismissed: bool,
    grants: Arc<[Grant]>,
    version: Version,
}

impl Member {
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.name.is_some() && !self.dismissed
    }

    #[must_use]
    pub fn grants(&self) -> &Arc<[Grant]> {
        &self.grants
    }

    fn fold(&mut self, fact: &Fact, event: &StaffEvent) {
        let personal =
            |sealed: &Sealed| Some(Personal { sealed: sealed.clone(), command: fact.meta.command_id });
        match event {
            StaffEvent::StaffAdded(it) => {
                self.name = personal(&it.name);
                self.email = personal(&it.email);
            }
            StaffEvent::RoleGranted(it) => {
                self.roles.insert(it.role, it.scope.clone());
            }
            StaffEvent::RoleWithdrawn(it) => {
                self.roles.remove(&it.role);
            }
            StaffEvent::SkillsSet(it) => self.skills.clone_from(&it.skills),
            StaffEvent::StaffDismissed(_) => self.dismissed = true,
            StaffEvent::PasswordChanged(_)
            | StaffEvent::SessionStarted(_)
            | StaffEvent::SessionRevoked(_) => {}
        }
        self.version = fact.version;
        let grant =
            |(role, scope): (&StaffRole, &Scope)| Grant { role: Role::from(*role), scope: scope.clone() };
        self.grants = self.roles.iter().map(grant).collect();
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
    branches: BTreeSet<BranchId>,
    /// Sessions that ended while a token of theirs may still be good, and when.
    ended: BTreeMap<String, DateTime<Utc>>,
}

/// The staff of the organisation. Readers never wait for the log.
pub struct Directory {
    store: Arc<dyn EventStore>,
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
    pub async fn open(store: Arc<dyn EventStore>) -> Result<Self, DirectoryError> {
        let directory = Self { store, pages: RwLock::default() };
        let mut listed = Vec::new();
        for fact in directory.history(&StreamId::new(ORGANISATION), 0).await? {
            if let Event::Organisation(OrganisationEvent::StaffListed(it)) = &*fact.event {
                listed.push(it.staff.clone());
            }
            directory.take_in_organisation(&fact);
        }
        for id in listed {
            directory.catch_up(&id).await?;
        }
        Ok(directory)
    }

    /// Takes in a fact of the log; facts of other streams pass by. Facts may come again or with gaps: a person's
    /// stream is then read from where the directory stands.
    ///
    /// # Errors
    /// When the log cannot be read; the fact is taken in when it comes again, or with the person's next one.
    pub async fn take_in(&self, fact: &Fact) -> Result<(), DirectoryError> {
        match &*fact.event {
            Event::Organisation(OrganisationEvent::StaffListed(it)) => self.catch_up(&it.staff).await,
            Event::Organisation(_) => {
                self.take_in_organisation(fact);
                Ok(())
            }
            Event::Staff(_) => match staff::of_stream(&fact.stream) {
                Some(id) if self.version(&id) + 1 < fact.version => self.catch_up(&id).await,
                Some(id) => {
                    self.fold(&id, std::slice::from_ref(fact));
                    Ok(())
                }
                None => Ok(()),
            },
            _ => Ok(()),
        }
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
        let is_one = |member: &Arc<Member>| {
            member.is_active() && member.roles.get(&StaffRole::Admin) == Some(&Scope::Organisation)
        };
        self.read(|pages| pages.people.values().any(is_one))
    }

    /// Every branch where days are opened.
    #[must_use]
    pub fn branches(&self) -> Vec<BranchId> {
        self.read(|pages| pages.branches.iter().cloned().collect())
    }

    /// The bearer of a good token with the roles of this moment; nobody when dismissed or signed out.
    #[must_use]
    pub(super) fn principal(&self, token: &Verified) -> Option<Principal> {
        self.read(|pages| {
            let member = pages.people.get(&token.staff).filter(|member| member.is_active())?;
            if !pages.ended.is_empty() && pages.ended.contains_key(&*token.session) {
                return None;
            }
            let session = token.session.clone();
            Some(Principal::staff(token.staff.clone(), session, token.until, member.grants.clone()))
        })
    }

    /// Whether this person is still on the staff and this session was not ended.
    pub(super) fn session_stands(&self, id: &OperatorId, session: &str) -> bool {
        self.read(|pages| {
            let active = pages.people.get(id).is_some_and(|member| member.is_active());
            active && !pages.ended.contains_key(session)
        })
    }

    /// Tokens of this session are void from now on.
    pub(super) fn end_session(&self, session: &str, at: DateTime<Utc>) {
        let mut pages = self.pages.write().unwrap_or_else(PoisonError::into_inner);
        pages.end(session, at);
    }

    fn take_in_organisation(&self, fact: &Fact) {
        if let Event::Organisation(OrganisationEvent::BranchRegistered(it)) = &*fact.event
            && !it.imported
        {
            let mut pages = self.pages.write().unwrap_or_else(PoisonError::into_inner);
            pages.branches.insert(it.branch.clone());
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

impl Pages {
    fn end(&mut self, session: &str, at: DateTime<Utc>) {
        // Tokens of sessions that ended longer ago have run out by themselves.
        let newest = self.ended.values().copied().max().unwrap_or(at).max(at);
        self.ended.retain(|_, ended| newest - *ended <= LONGEST);
        if newest - at <= LONGEST {
            self.ended.insert(session.to_owned(), at);
        }
    }
}
