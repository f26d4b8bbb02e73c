//! One member of staff, in `staff-{id}`: who they are (sealed), what they may do and can do, when they signed in.

pub mod event;
pub(crate) mod role;

use std::collections::BTreeMap;

use self::event::{
    AccountLinked, FormerDetails, PasswordChange, PasswordChanged, PersonalDataRevealed, PositionsAssigned,
    RecoveryCodeUsed, Role, RoleGranted, RoleWithdrawn, Scope, SecondFactorAdded, SecondFactorRemoved,
    SessionRevoked, SessionStarted, SkillsSet, StaffAdded, StaffChanged, StaffDismissed, StaffInvited,
};
use crate::{
    access::event::Way,
    aggregate::{Aggregate, Happened, Request},
    customer::event::{PersonalField, RevealReason},
    event_store::StreamId,
    ids::{OperatorId, ServiceId},
    queue_event::{Event, StaffEvent},
    refusal::Refusal,
    sealed::Sealed,
};

/// What can be asked of a member of staff's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Add {
        name: Sealed,
        email: Sealed,
    },
    Change(StaffChange),
    Invite,
    GrantRole {
        role: Role,
        scope: Scope,
    },
    WithdrawRole {
        role: Role,
    },
    SetSkills {
        skills: Vec<ServiceId>,
    },
    AssignPositions {
        positions: Vec<String>,
    },
    ChangePassword {
        how: Option<PasswordChange>,
    },
    StartSession {
        session: String,
        way: Way,
    },
    RevokeSession {
        session: String,
        reason: String,
    },
    /// Whoever was dismissed can still be asked for.
    Reveal {
        fields: Vec<PersonalField>,
        reason: RevealReason,
    },
    Dismiss {
        reason: Option<Sealed>,
    },
    AddSecondFactor,
    RemoveSecondFactor,
    UseRecoveryCode {
        left: u32,
    },
    LinkAccount {
        issuer: String,
    },
}

/// Another name or address; what is absent stays. What was is sealed anew by whoever asks, since only they can open it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StaffChange {
    pub name: Option<Sealed>,
    pub email: Option<Sealed>,
    pub was: FormerDetails,
}

/// What is known of one member of staff; the default is nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StaffMember {
    employed: bool,
    dismissed: bool,
    roles: BTreeMap<Role, Scope>,
    skills: Vec<ServiceId>,
    positions: Vec<String>,
    second_factor: bool,
}

/// The stream of a member of staff.
#[must_use]
pub fn stream(id: &OperatorId) -> StreamId {
    StreamId::new(&format!("staff-{id}"))
}

/// Whose stream this is.
#[must_use]
pub fn of_stream(stream: &StreamId) -> Option<OperatorId> {
    stream.as_str().strip_prefix("staff-").map(OperatorId::trusted)
}

impl StaffMember {
    /// Employed and not dismissed.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.employed && !self.dismissed
    }

    #[must_use]
    pub fn is_dismissed(&self) -> bool {
        self.dismissed
    }

    /// Added once, whatever became of them since.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.employed
    }

    #[must_use]
    pub fn has_second_factor(&self) -> bool {
        self.second_factor
    }

    #[must_use]
    pub fn roles(&self) -> &BTreeMap<Role, Scope> {
        &self.roles
    }

    /// What was set for this person alone.
    #[must_use]
    pub fn skills(&self) -> &[ServiceId] {
        &self.skills
    }

    #[must_use]
    pub fn positions(&self) -> &[String] {
        &self.positions
    }
}

impl Aggregate for StaffMember {
    type Action = Action;

    fn decide(&self, request: &Request<Action>) -> Result<Vec<Event>, Refusal> {
        let unknown = Err(Refusal::UnknownThing { what: "staff" });
        let one = |event: StaffEvent| Ok(vec![Event::Staff(event)]);
        match &request.action {
            Action::Add { .. } if self.employed => Err(Refusal::AlreadyExists { what: "staff" }),
            Action::Add { name, email } => {
                one(StaffAdded { name: name.clone(), email: email.clone() }.into())
            }
            // Whoever was dismissed may still have a session open somewhere.
            Action::RevokeSession { session, reason } if self.employed => {
                one(SessionRevoked { session: session.clone(), reason: reason.clone() }.into())
            }
            Action::Reveal { fields, .. } if fields.is_empty() => Err(Refusal::Malformed { what: "fields" }),
            Action::Reveal { fields, reason } if self.employed => {
                one(PersonalDataRevealed { fields: fields.clone(), reason: *reason }.into())
            }
            Action::Dismiss { .. } if self.dismissed => Ok(Vec::new()),
            _ if !self.is_active() => unknown,
            Action::RevokeSession { .. } | Action::Reveal { .. } => unknown,
            Action::Change(StaffChange { name: None, email: None, .. }) => Ok(Vec::new()),
            Action::Change(StaffChange { name, email, was }) => {
                one(StaffChanged { name: name.clone(), email: email.clone(), was: was.clone() }.into())
            }
            Action::Invite => one(StaffInvited {}.into()),
            Action::GrantRole { role, scope } => {
                let was = self.roles.get(role);
                if was == Some(scope) {
                    return Ok(Vec::new());
                }
                one(RoleGranted { role: role.clone(), scope: scope.clone(), was: was.cloned() }.into())
            }
            Action::WithdrawRole { role } => match self.roles.get(role) {
                None => Ok(Vec::new()),
                was => one(RoleWithdrawn { role: role.clone(), was: was.cloned() }.into()),
            },
            Action::SetSkills { skills } if *skills == self.skills => Ok(Vec::new()),
            Action::SetSkills { skills } => {
                one(SkillsSet { skills: skills.clone(), was: self.skills.clone() }.into())
            }
            Action::AssignPositions { positions } if *positions == self.positions => Ok(Vec::new()),
            Action::AssignPositions { positions } => {
                one(PositionsAssigned { positions: positions.clone(), was: self.positions.clone() }.into())
            }
            Action::ChangePassword { how } => one(PasswordChanged { how: *how }.into()),
            Action::StartSession { session, way } => {
                one(SessionStarted { session: session.clone(), way: Some(*way) }.into())
            }
            Action::AddSecondFactor if self.second_factor => {
                Err(Refusal::AlreadyExists { what: "secondFactor" })
            }
            Action::AddSecondFactor => one(SecondFactorAdded {}.into()),
            Action::RemoveSecondFactor if !self.second_factor => Ok(Vec::new()),
            Action::RemoveSecondFactor => one(SecondFactorRemoved {}.into()),
            Action::UseRecoveryCode { left } => one(RecoveryCodeUsed { left: *left }.into()),
            Action::LinkAccount { issuer } => one(AccountLinked { issuer: issuer.clone() }.into()),
            Action::Dismiss { reason } => one(StaffDismissed { reason: reason.clone() }.into()),
        }
    }

    fn evolve(&mut self, happened: Happened<'_>) {
        let Event::Staff(event) = happened.event else { return };
        match event {
            StaffEvent::StaffAdded(_) => self.employed = true,
            StaffEvent::RoleGranted(it) => {
                self.roles.insert(it.role.clone(), it.scope.clone());
            }
            StaffEvent::RoleWithdrawn(it) => {
                self.roles.remove(&it.role);
            }
            StaffEvent::SkillsSet(it) => self.skills.clone_from(&it.skills),
            StaffEvent::PositionsAssigned(it) => self.positions.clone_from(&it.positions),
            StaffEvent::StaffDismissed(_) => self.dismissed = true,
            StaffEvent::SecondFactorAdded(_) => self.second_factor = true,
            StaffEvent::SecondFactorRemoved(_) => self.second_factor = false,
            StaffEvent::PasswordChanged(_)
            | StaffEvent::StaffChanged(_)
            | StaffEvent::StaffInvited(_)
            | StaffEvent::RecoveryCodeUsed(_)
            | StaffEvent::AccountLinked(_)
            | StaffEvent::SessionStarted(_)
            | StaffEvent::SessionRevoked(_)
            | StaffEvent::PersonalDataRevealed(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{
        fact::Actor,
        ids::{BranchId, CommandId, EventId},
    };

    fn sealed() -> Sealed {
        Sealed { key: "k".into(), value: "v".into() }
    }

    const DISMISS: Action = Action::Dismiss { reason: None };

    fn add() -> Action {
        Action::Add { name: sealed(), email: sealed() }
    }

    fn asked(state: &StaffMember, action: Action) -> Result<Vec<Event>, Refusal> {
        state.decide(&Request {
            id: CommandId(uuid::Uuid::nil()),
            stream: stream(&OperatorId::trusted("anna")),
            at: DateTime::default(),
            actor: Actor::system(),
            action,
        })
    }

    #[track_caller]
    fn after(actions: &[Action]) -> StaffMember {
        let mut state = StaffMember::default();
        for action in actions {
            for event in asked(&state, action.clone()).expect("allowed") {
                state.evolve(Happened {
                    event_id: EventId(uuid::Uuid::nil()),
                    at: DateTime::default(),
                    command_id: CommandId(uuid::Uuid::nil()),
                    actor: &Actor::system(),
                    imported: false,
                    event: &event,
                });
            }
        }
        state
    }

    fn head_of(branch: &str) -> Action {
        let branches = vec![BranchId::trusted(branch)];
        Action::GrantRole { role: Role::Head, scope: Scope::Branches { branches } }
    }

    #[test]
    fn a_person_is_added_once() {
        assert_eq!(asked(&after(&[add()]), add()), Err(Refusal::AlreadyExists { what: "staff" }));
    }

    #[test]
    fn nothing_is_granted_to_a_stranger_or_after_dismissal() {
        let unknown = Err(Refusal::UnknownThing { what: "staff" });
        let session = Action::StartSession { session: "s1".into(), way: Way::Password };
        for state in [StaffMember::default(), after(&[add(), DISMISS])] {
            assert_eq!(asked(&state, head_of("centre")), unknown);
            assert_eq!(asked(&state, session.clone()), unknown);
            assert_eq!(asked(&state, Action::ChangePassword { how: None }), unknown);
        }
    }

    #[test]
    fn a_session_can_be_ended_after_dismissal() {
        let end = Action::RevokeSession { session: "s1".into(), reason: "dismissed".into() };
        assert_eq!(asked(&after(&[add(), DISMISS]), end.clone()).map(|it| it.len()), Ok(1));
        assert!(asked(&StaffMember::default(), end).is_err());
    }

    #[test]
    fn what_is_so_already_writes_nothing() {
        let skills = Action::SetSkills { skills: vec![ServiceId::trusted("letters")] };
        let state = after(&[add(), head_of("centre"), skills.clone()]);
        let withdraw = Action::WithdrawRole { role: Role::Admin };
        for action in [head_of("centre"), skills, withdraw] {
            assert_eq!(asked(&state, action), Ok(Vec::new()));
        }
        assert_eq!(asked(&state, head_of("north")).map(|it| it.len()), Ok(1));
        assert_eq!(asked(&after(&[add(), DISMISS]), DISMISS), Ok(Vec::new()));
    }

    #[test]
    fn every_change_tells_what_was_so_before() {
        let state =
            after(&[add(), head_of("centre"), Action::AssignPositions { positions: vec!["a".into()] }]);
        let centre = Scope::Branches { branches: vec![BranchId::trusted("centre")] };
        let north = Scope::Branches { branches: vec![BranchId::trusted("north")] };
        let granted = RoleGranted { role: Role::Head, scope: north, was: Some(centre.clone()) };
        assert_eq!(asked(&state, head_of("north")), Ok(vec![Event::Staff(granted.into())]));
        let withdrawn = RoleWithdrawn { role: Role::Head, was: Some(centre) };
        let withdraw = Action::WithdrawRole { role: Role::Head };
        assert_eq!(asked(&state, withdraw), Ok(vec![Event::Staff(withdrawn.into())]));
        let assigned = PositionsAssigned { positions: Vec::new(), was: vec!["a".into()] };
        let assign = Action::AssignPositions { positions: Vec::new() };
        assert_eq!(asked(&state, assign), Ok(vec![Event::Staff(assigned.into())]));
    }

    #[test]
    fn a_role_is_known_by_its_code_alone() {
        let codes = ["operator", "head", "admin", "analyst", "auditor", "duty-manager"];
        for code in codes {
            let role: Role = serde_json::from_str(&format!("\"{code}\"")).expect("a role");
            assert_eq!((role.code(), matches!(role, Role::Own(_))), (code, code == "duty-manager"));
            assert_eq!(serde_json::to_string(&role).expect("JSON"), format!("\"{code}\""));
        }
    }

    #[test]
    fn facts_from_before_old_values_were_kept_are_read() {
        let granted: RoleGranted =
            serde_json::from_str(r#"{"role":"head","scope":{"of":"organisation"}}"#).expect("a grant");
        let expected = RoleGranted { role: Role::Head, scope: Scope::Organisation, was: None };
        assert_eq!(granted, expected);
        let skills: SkillsSet = serde_json::from_str(r#"{"skills":["letters"]}"#).expect("skills");
        assert_eq!(skills.was, []);
        assert_eq!(serde_json::from_str::<StaffDismissed>("{}").expect("an end").reason, None);
    }

    #[test]
    fn a_second_factor_is_added_once_and_removed_once() {
        let with = after(&[add(), Action::AddSecondFactor]);
        let twice = Err(Refusal::AlreadyExists { what: "secondFactor" });
        assert_eq!(asked(&with, Action::AddSecondFactor), twice);
        let without = after(&[add(), Action::AddSecondFactor, Action::RemoveSecondFactor]);
        assert_eq!(asked(&without, Action::RemoveSecondFactor), Ok(Vec::new()));
        assert_eq!(asked(&without, Action::AddSecondFactor).map(|it| it.len()), Ok(1));
    }

    #[test]
    fn a_new_scope_takes_the_place_of_the_old_one() {
        let state = after(&[add(), head_of("centre"), head_of("north")]);
        let north = Scope::Branches { branches: vec![BranchId::trusted("north")] };
        assert_eq!(state.roles().get(&Role::Head), Some(&north));
        let without = after(&[add(), head_of("centre"), Action::WithdrawRole { role: Role::Head }]);
        assert!(without.roles().is_empty() && without.is_active());
    }
}
