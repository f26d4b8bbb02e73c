//! People: the first administrator by a one-time link, everybody else by an administrator.

use talon_core::{
    access::event::Way,
    dispatch::{DispatchError, Envelope},
    fact::Actor,
    ids::{CommandId, OperatorId, ServiceId},
    refusal::Refusal,
    sealed::bound_to,
    staff,
    staff::event::{Role as StaffRole, Scope},
};
use zeroize::Zeroizing;

use super::{
    Access, AccessDenied, SignedIn, Visitor, failures::counted, lockout, person::Person, secret,
    session::EMAIL, strength,
};

pub(super) const LONGEST_EMAIL: usize = 254;
const LONGEST_NAME: usize = 100;

/// Somebody about to join the staff.
#[derive(Clone)]
pub struct NewStaff {
    pub email: String,
    pub name: String,
    pub password: Zeroizing<String>,
    pub role: StaffRole,
    pub scope: Scope,
    pub skills: Vec<ServiceId>,
}

impl std::fmt::Debug for NewStaff {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("NewStaff")
            .field("role", &self.role)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

impl Access {
    /// The secret of the one-time link that creates the administrator; nothing when there is one. A former link is
    /// void from now on: only the hash is kept, so a lost link cannot be shown again.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn setup_token(&self) -> Result<Option<String>, AccessDenied> {
        if self.inner.directory.has_administrator() {
            return Ok(None);
        }
        let (token, hash) = secret::secret()?;
        self.inner.vault.set_setup_token_hash(&hash).await?;
        Ok(Some(token))
    }

    /// Creates the administrator and signs them in. The link works once; a form filled in wrongly does not use it up.
    ///
    /// # Errors
    /// `SetupDone`, `WeakPassword`, `Malformed`, `TooManyAttempts`, `Unavailable`.
    pub async fn complete_setup(
        &self,
        token: &str,
        email: &str,
        name: &str,
        password: &str,
        from: impl Into<Visitor>,
    ) -> Result<SignedIn, AccessDenied> {
        let inner = &self.inner;
        let visitor = from.into();
        let home = lockout::household(visitor.address);
        let now = inner.clock.now();
        inner.lockout.attempt(lockout::ADDRESS, &home, now).await?;
        let new = NewStaff {
            email: email.to_owned(),
            name: name.to_owned(),
            password: Zeroizing::new(password.to_owned()),
            role: StaffRole::Admin,
            scope: Scope::Organisation,
            skills: Vec::new(),
        };
        let hash = secret::hash(token);
        // Whether the link is good comes first: a stranger learns nothing about the form.
        if inner.vault.setup_token_hash().await? != Some(hash) {
            return Err(AccessDenied::SetupDone);
        }
        check(&new)?;
        inner.passwords.judge(&new.password, vec![new.email.clone(), new.name.clone()]).await?;
        if inner.directory.has_administrator() || !inner.vault.take_setup_token(&hash).await? {
            return Err(AccessDenied::SetupDone);
        }
        let command = CommandId(inner.clock.new_id());
        let added = self.add_staff(new, Actor::system(), command).await;
        let staff = match added {
            Ok(staff) => staff,
            Err(error) => {
                // Otherwise nobody could ever get in.
                inner.vault.set_setup_token_hash(&hash).await?;
                return Err(error);
            }
        };
        inner.lockout.take_back(lockout::ADDRESS, &home, now).await?;
        counted(Way::SetUp, "signed_in");
        self.start_session(&Person::Staff(staff), &visitor, Way::SetUp).await
    }

    /// Adds somebody to the staff, who can sign in at once. Repeating it with the same command id answers with the same
    /// person. Whoever calls this has asked for `MANAGE_STAFF`.
    ///
    /// # Errors
    /// `Refused` when the e-mail belongs to somebody already; `WeakPassword`, `Malformed`, `Unavailable`.
    pub async fn add_staff(
        &self,
        new: NewStaff,
        by: Actor,
        command: CommandId,
    ) -> Result<OperatorId, AccessDenied> {
        check(&new)?;
        let inner = &self.inner;
        let id = self.pseudonym(&new.email, command).await?;
        // What was sent is personal: the log may hold a keyed hash of it and nothing anybody could guess at.
        let sent = inner.vault.blind_index("staff-added", &format!("{new:?} {} {}", new.email, new.name)).0;
        let envelope = |step: &str| {
            // Each stream's step is a press of its own; all of them follow from the one.
            let derived = CommandId::derived(&[&command.to_string(), step]);
            let envelope = Envelope::new(derived, by.clone(), &sent);
            (derived, Envelope { causation_id: Some(command.0), ..envelope })
        };
        let (added, about) = envelope("add");
        let name =
            inner.vault.seal(id.as_str(), &bound_to(added, "name"), new.name.trim().as_bytes()).await?;
        let email =
            inner.vault.seal(id.as_str(), &bound_to(added, "email"), new.email.trim().as_bytes()).await?;
        let about = Envelope { key_id: Some(name.key.clone()), ..about };
        let add = staff::Action::Add { name, email };
        if let Err(error) = inner.people.staff(&id, about, add).await {
            if matches!(error, DispatchError::Refused(_)) {
                self.take_back_address(&id, &new.email).await;
            }
            return Err(error.into());
        }
        let phc = inner.passwords.hash(&new.password).await?;
        inner.vault.set_password(id.as_str(), &phc, inner.clock.now()).await?;
        let is_chief = new.role == StaffRole::Admin && new.scope == Scope::Organisation;
        let granted = staff::Action::GrantRole { role: new.role, scope: new.scope };
        inner.people.staff(&id, envelope("grant").1, granted).await?;
        if is_chief {
            self.name_administrator(&id, envelope("administrator").1).await?;
        }
        if !new.skills.is_empty() {
            let skills = staff::Action::SetSkills { skills: new.skills };
            inner.people.staff(&id, envelope("skills").1, skills).await?;
        }
        inner.people.list(&id, envelope("list").1).await?;
        inner.directory.catch_up(&id).await?;
        Ok(id)
    }

    pub(super) async fn change(
        &self,
        id: &OperatorId,
        action: staff::Action,
        by: Actor,
        command: CommandId,
    ) -> Result<(), AccessDenied> {
        let sent = format!("{id} {action:?}");
        self.inner.people.staff(id, Envelope::new(command, by, sent.as_bytes()), action).await?;
        Ok(self.inner.directory.catch_up(id).await?)
    }

    /// The pseudonym for a new person of this e-mail. A press that was carried out before keeps its person, whatever
    /// address is shown with it now: their stream says whether it is the same press. A try that broke off half-way has
    /// left the e-mail with a pseudonym nobody is known by: it is taken up again.
    pub(super) async fn pseudonym(
        &self,
        email: &str,
        command: CommandId,
    ) -> Result<OperatorId, AccessDenied> {
        let inner = &self.inner;
        let fresh = pseudonym_of(command);
        if inner.people.is_known(&fresh).await?
            || inner.vault.put_identity(EMAIL, email, fresh.as_str()).await?
        {
            return Ok(fresh);
        }
        let taken = Err(AccessDenied::Refused(Refusal::AlreadyExists { what: "email" }));
        match inner.vault.find_identity(EMAIL, email).await?.map(|id| OperatorId::trusted(&id)) {
            Some(id) if !inner.people.is_known(&id).await? => Ok(id),
            _ => taken,
        }
    }

    /// Whether this is the address somebody has now. The vault alone does not say: where a press broke off it may know
    /// one that never became theirs.
    pub(super) async fn has_address(&self, id: &OperatorId, email: &str) -> Result<bool, AccessDenied> {
        let vault = &self.inner.vault;
        let asked = vault.blind_index(EMAIL, email);
        let fits = async || {
            let now = self.email_of(id).await?;
            Ok::<_, AccessDenied>(now.is_some_and(|now| vault.blind_index(EMAIL, &now) == asked))
        };
        if fits().await? {
            return Ok(true);
        }
        // Another node may have changed it a moment ago.
        self.inner.directory.catch_up(id).await?;
        fits().await
    }

    /// Takes an address back that was put aside for somebody, unless it is theirs by now. Where that cannot be told it
    /// stays, and opens nothing: see `has_address`.
    pub(super) async fn take_back_address(&self, id: &OperatorId, email: &str) {
        let taken_back = async {
            self.inner.directory.catch_up(id).await?;
            if !self.has_address(id, email).await? {
                self.inner.vault.remove_identity(EMAIL, email, id.as_str()).await?;
            }
            Ok::<(), AccessDenied>(())
        };
        if let Err(error) = taken_back.await {
            tracing::warn!(%error, staff = %id, "an address stays put aside");
        }
    }
}

/// The pseudonym of whoever a press adds.
pub(super) fn pseudonym_of(command: CommandId) -> OperatorId {
    let derived = CommandId::derived(&[&command.to_string(), "staff"]);
    OperatorId::trusted(&format!("s-{}", hex::encode(&derived.0.as_bytes()[..6])))
}

fn check(new: &NewStaff) -> Result<(), AccessDenied> {
    check_email(&new.email)?;
    check_name(&new.name)?;
    check_length(&new.password)
}

pub(super) fn check_email(email: &str) -> Result<(), AccessDenied> {
    let email = email.trim();
    let halves = email.split_once('@').filter(|(user, host)| !user.is_empty() && !host.is_empty());
    if halves.is_none() || email.len() > LONGEST_EMAIL || email.contains(char::is_whitespace) {
        return Err(AccessDenied::Malformed { field: "email" });
    }
    Ok(())
}

pub(super) fn check_name(name: &str) -> Result<(), AccessDenied> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains(char::is_control) {
        return Err(AccessDenied::Malformed { field: "name" });
    }
    Ok(())
}

/// How strong it is, is asked of whoever chooses it (`judge`).
fn check_length(password: &str) -> Result<(), AccessDenied> {
    strength::length(password).map_err(|hint| AccessDenied::WeakPassword { hint })
}
