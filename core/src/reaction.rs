//! What a fact in one stream asks of another. Pure: where the command needs the state of other streams, the desk
//! finds it; ids derive from the fact, so that a reaction may run twice and acts once.

use crate::{
    branch, customer,
    event_store::StreamId,
    fact::Fact,
    ids::{BranchId, CommandId, CustomerId, OperatorId},
    queue_event::{BranchEvent, CustomerEvent, Event, OrganisationEvent, StaffEvent},
    staff,
};

/// A command that follows from a fact, as an intent that the desk turns into requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FollowUp {
    /// The branch's open business day copies the settings in force.
    AdoptSettings { id: CommandId, branch: BranchId },
    /// Every open business day copies the catalogue as it is now, and every open window learns what its operator can do of
    /// it.
    AdoptCatalogue { id: CommandId },
    /// Wherever this operator sits at a window now, the window learns what they can do.
    AdoptSkills { id: CommandId, operator: OperatorId },
    /// Every open window learns what its operator can do: a position has changed, whoever works in it.
    AdoptPositions { id: CommandId },
    /// Wherever this operator sits at a window now, the window closes.
    SendAway { id: CommandId, operator: OperatorId },
    /// Nothing in the vault may know this customer any more.
    ForgetCustomer { customer: CustomerId },
    /// Nobody is found by this contact any more.
    ForgetContact { customer: CustomerId, contact: String },
}

/// Whether something may follow from a fact of this stream. Nothing does from a day of the hall, and nearly all facts are
/// such: who follows the log need not read them.
#[must_use]
pub fn may_follow(stream: &StreamId) -> bool {
    stream.category() != "queue"
}

/// What follows from this fact. Imported history is never followed up.
///
/// Settings that take effect later are not adopted here but when their time comes (`Branch::due`).
#[must_use]
pub fn follow_ups(fact: &Fact) -> Vec<FollowUp> {
    if fact.is_imported() {
        return Vec::new();
    }
    let id = |kind| CommandId::derived(&[&fact.event_id.to_string(), kind]);
    let adopt = || {
        let branch = branch::of_stream(&fact.stream)?;
        Some(FollowUp::AdoptSettings { id: id("adopt_settings"), branch })
    };
    match &*fact.event {
        Event::Branch(BranchEvent::SettingsPublished(it)) if it.effective_from > fact.recorded_at => None,
        Event::Branch(BranchEvent::SettingsPublished(_) | BranchEvent::ServiceTimesLearnt(_)) => adopt(),
        Event::Staff(StaffEvent::SkillsSet(_)) => staff::of_stream(&fact.stream)
            .map(|operator| FollowUp::AdoptSkills { id: id("adopt_skills"), operator }),
        Event::Staff(StaffEvent::PositionsAssigned(_)) => staff::of_stream(&fact.stream)
            .map(|operator| FollowUp::AdoptSkills { id: id("adopt_skills"), operator }),
        Event::Organisation(
            OrganisationEvent::JobPositionDefined(_)
            | OrganisationEvent::JobPositionChanged(_)
            | OrganisationEvent::JobPositionArchived(_),
        ) => Some(FollowUp::AdoptPositions { id: id("adopt_positions") }),
        Event::Organisation(it) if it.is_of_the_catalogue() => {
            Some(FollowUp::AdoptCatalogue { id: id("adopt_catalogue") })
        }
        Event::Customer(CustomerEvent::CustomerErased(_)) => {
            customer::of_stream(&fact.stream).map(|customer| FollowUp::ForgetCustomer { customer })
        }
        Event::Customer(CustomerEvent::ContactRemoved(it)) => customer::of_stream(&fact.stream)
            .map(|customer| FollowUp::ForgetContact { customer, contact: it.contact.clone() }),
        Event::Staff(StaffEvent::StaffDismissed(_)) => staff::of_stream(&fact.stream)
            .map(|operator| FollowUp::SendAway { id: id("send_away"), operator }),
        Event::Staff(
            StaffEvent::StaffAdded(_)
            | StaffEvent::StaffChanged(_)
            | StaffEvent::StaffInvited(_)
            | StaffEvent::RoleGranted(_)
            | StaffEvent::RoleWithdrawn(_)
            | StaffEvent::PasswordChanged(_)
            | StaffEvent::SessionStarted(_)
            | StaffEvent::SessionRevoked(_)
            | StaffEvent::PersonalDataRevealed(_)
            | StaffEvent::SecondFactorAdded(_)
            | StaffEvent::SecondFactorRemoved(_)
            | StaffEvent::RecoveryCodeUsed(_)
            | StaffEvent::AccountLinked(_),
        )
        | Event::Queue(_)
        | Event::Organisation(
            OrganisationEvent::OrganisationNamed(_)
            | OrganisationEvent::RegionDefined(_)
            | OrganisationEvent::RegionArchived(_)
            | OrganisationEvent::BranchRegistered(_)
            | OrganisationEvent::BranchMoved(_)
            | OrganisationEvent::ServiceGroupDefined(_)
            | OrganisationEvent::ServiceDefined(_)
            | OrganisationEvent::ServiceChanged(_)
            | OrganisationEvent::ServiceArchived(_)
            | OrganisationEvent::ClassDefined(_)
            | OrganisationEvent::TargetSet(_)
            | OrganisationEvent::TargetRemoved(_)
            | OrganisationEvent::ReasonsDefined(_)
            | OrganisationEvent::StaffListed(_)
            | OrganisationEvent::ConsentTextPublished(_)
            | OrganisationEvent::RoleDefined(_)
            | OrganisationEvent::RoleChanged(_)
            | OrganisationEvent::RoleArchived(_)
            | OrganisationEvent::AdministratorNamed(_)
            | OrganisationEvent::AdministratorRelieved(_)
            | OrganisationEvent::WebhookAdded(_)
            | OrganisationEvent::WebhookChanged(_)
            | OrganisationEvent::WebhookRemoved(_),
        )
        | Event::Customer(
            CustomerEvent::CustomerRegistered(_)
            | CustomerEvent::ContactAdded(_)
            | CustomerEvent::ProfileChanged(_)
            | CustomerEvent::ConsentGiven(_)
            | CustomerEvent::ConsentWithdrawn(_)
            | CustomerEvent::SessionStarted(_)
            | CustomerEvent::SessionRevoked(_)
            | CustomerEvent::PersonalDataRevealed(_)
            | CustomerEvent::DataExported(_),
        )
        | Event::Device(_)
        | Event::Access(_)
        | Event::Unknown { .. } => None,
    }
    .into_iter()
    .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::{DateTime, TimeDelta, Utc};
    use uuid::Uuid;

    use super::*;
    use crate::{
        branch::event::ServiceTimesLearnt,
        customer::event::{ContactKind, ContactRemoved, CustomerErased, EraseReason, ErasedBy},
        fact::{Actor, Meta, Source},
        ids::EventId,
        organisation::{
            self,
            event::{JobPositionArchived, PositionShape},
        },
        staff::event::{PositionsAssigned, SkillsSet, StaffDismissed},
        testing::samples::{NINE_OCLOCK, branch_settings, service},
        text::LocalText,
    };

    fn fact(stream: &str, event: Event) -> Fact {
        Fact {
            position: 1,
            stream: StreamId::new(stream),
            version: 1,
            event_id: EventId(Uuid::from_u128(7)),
            occurred_at: NINE_OCLOCK,
            recorded_at: NINE_OCLOCK,
            meta: Arc::new(Meta {
                command_id: CommandId(Uuid::nil()),
                command_hash: String::new(),
                correlation_id: Uuid::nil(),
                causation_id: None,
                actor: Actor::system(),
                device: None,
                branch: None,
                business_day: None,
                time_zone: None,
                source: None,
                key_id: None,
            }),
            event: Arc::new(event),
        }
    }

    fn published(effective_from: DateTime<Utc>) -> Fact {
        let settings = branch_settings();
        let event = branch::event::SettingsPublished { version: 1, effective_from, settings };
        fact("branch-centre", Event::Branch(event.into()))
    }

    #[test]
    fn settings_in_force_are_adopted_by_the_open_day_under_an_id_of_the_fact() {
        let once = follow_ups(&published(NINE_OCLOCK));
        assert!(may_follow(&published(NINE_OCLOCK).stream));
        let [FollowUp::AdoptSettings { branch, .. }] = once.as_slice() else { panic!("{once:?}") };
        assert_eq!(*branch, BranchId::trusted("centre"));
        assert_eq!(once, follow_ups(&published(NINE_OCLOCK)));
    }

    #[test]
    fn settings_of_tomorrow_wait_for_their_time() {
        assert_eq!(follow_ups(&published(NINE_OCLOCK + TimeDelta::days(1))), []);
    }

    #[test]
    fn learnt_service_times_are_adopted_at_once() {
        let event = ServiceTimesLearnt { times: Vec::new() };
        assert_eq!(follow_ups(&fact("branch-centre", Event::Branch(event.into()))).len(), 1);
    }

    #[test]
    fn new_skills_reach_the_window_of_their_owner() {
        let skills = SkillsSet { skills: vec![service("letters")], was: Vec::new() };
        let positions = PositionsAssigned { positions: vec!["clerk".into()], was: Vec::new() };
        for event in [StaffEvent::from(skills), positions.into()] {
            let found = follow_ups(&fact("staff-anna", Event::Staff(event)));
            let [FollowUp::AdoptSkills { operator, .. }] = found.as_slice() else { panic!("{found:?}") };
            assert_eq!(operator.as_str(), "anna");
        }
    }

    #[test]
    fn a_changed_position_reaches_every_open_window() {
        let was = PositionShape { name: LocalText::new("а", "a"), skills: Vec::new() };
        let event = JobPositionArchived { position: "clerk".into(), was };
        let fact = fact("organisation", Event::Organisation(event.into()));
        let [FollowUp::AdoptPositions { .. }] = follow_ups(&fact)[..] else { panic!("nothing follows") };
        assert!(may_follow(&fact.stream));
    }

    #[test]
    fn a_changed_catalogue_reaches_every_open_day_and_a_new_name_none() {
        let event = organisation::event::ServiceArchived { service: service("letters"), was: None };
        let archived = fact("organisation", Event::Organisation(event.into()));
        let [FollowUp::AdoptCatalogue { .. }] = follow_ups(&archived)[..] else { panic!("nothing follows") };
        let name = LocalText::new("а", "a");
        let event = organisation::event::OrganisationNamed { name, was: None };
        assert_eq!(follow_ups(&fact("organisation", Event::Organisation(event.into()))), []);
    }

    #[test]
    fn whoever_was_dismissed_leaves_their_window() {
        let once = follow_ups(&fact("staff-anna", Event::Staff(StaffDismissed { reason: None }.into())));
        let [FollowUp::SendAway { operator, .. }] = once.as_slice() else { panic!("{once:?}") };
        assert_eq!(operator.as_str(), "anna");
        assert_eq!(
            once,
            follow_ups(&fact("staff-anna", Event::Staff(StaffDismissed { reason: None }.into())))
        );
    }

    #[test]
    fn whoever_was_erased_is_forgotten_in_the_vault() {
        let erased = CustomerErased { by: ErasedBy::Customer, reason: EraseReason::Request };
        let found = follow_ups(&fact("customer-c-1", Event::Customer(erased.into())));
        assert_eq!(found, [FollowUp::ForgetCustomer { customer: CustomerId::trusted("c-1") }]);
        let removed = ContactRemoved { contact: "k1".into(), kind: ContactKind::Phone };
        let found = follow_ups(&fact("customer-c-1", Event::Customer(removed.into())));
        let [FollowUp::ForgetContact { contact, .. }] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(contact, "k1");
    }

    #[test]
    fn imported_history_is_never_followed_up() {
        let mut fact = published(NINE_OCLOCK);
        Arc::make_mut(&mut fact.meta).source = Some(Source {
            data_set: "d".into(),
            external_id: "1".into(),
            branch: "b".into(),
            service: "s".into(),
            operator: None,
            queue: "q".into(),
            priority: "0".into(),
        });
        assert_eq!(follow_ups(&fact), []);
    }
}
