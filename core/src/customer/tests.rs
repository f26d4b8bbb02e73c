use super::*;
use crate::{fact::Actor, ids::EventId, testing::samples::NINE_OCLOCK};

fn sealed(value: &str) -> Sealed {
    Sealed { key: "k".into(), value: value.into() }
}

fn register() -> Action {
    Action::Register { contact: "c1".into(), kind: ContactKind::Phone, value: sealed("phone") }
}

fn add(contact: &str) -> Action {
    Action::AddContact { contact: contact.into(), kind: ContactKind::Email, value: sealed("email") }
}

fn remove(contact: &str) -> Action {
    Action::RemoveContact { contact: contact.into() }
}

fn erase() -> Action {
    Action::Erase { by: ErasedBy::Customer, reason: EraseReason::Request }
}

fn purpose() -> PurposeId {
    PurposeId::trusted("marketing")
}

fn agree(text_version: u32) -> Action {
    Action::GiveConsent { purpose: purpose(), text_version }
}

fn withdraw() -> Action {
    Action::WithdrawConsent { purpose: purpose() }
}

fn reveal() -> Action {
    Action::Reveal { fields: vec![PersonalField::Name], reason: RevealReason::Complaint, ticket: None }
}

fn asked(state: &Customer, action: Action) -> Result<Vec<Event>, Refusal> {
    state.decide(&Request {
        id: CommandId(uuid::Uuid::nil()),
        stream: stream(&CustomerId::trusted("c-1")),
        at: NINE_OCLOCK,
        actor: Actor::system(),
        action,
    })
}

#[track_caller]
fn after(actions: &[Action]) -> Customer {
    let mut state = Customer::default();
    for action in actions {
        for event in asked(&state, action.clone()).expect("allowed") {
            state.evolve(Happened {
                event_id: EventId(uuid::Uuid::nil()),
                at: NINE_OCLOCK,
                command_id: CommandId(uuid::Uuid::nil()),
                actor: &Actor::system(),
                imported: false,
                event: &event,
            });
        }
    }
    state
}

fn count(state: &Customer, action: Action) -> Result<usize, Refusal> {
    asked(state, action).map(|events| events.len())
}

#[test]
fn a_customer_becomes_known_with_a_first_contact_and_once() {
    assert_eq!(count(&Customer::default(), register()), Ok(2));
    let known = after(&[register()]);
    assert!(known.is_known() && known.contacts().contains_key("c1"));
    assert_eq!(count(&known, register()), Ok(0));
}

#[test]
fn a_stranger_can_do_nothing_but_register() {
    let unknown = Err(Refusal::UnknownThing { what: "customer" });
    let session = Action::StartSession { session: "s".into() };
    for action in [add("c2"), remove("c1"), agree(1), withdraw(), session, reveal(), Action::Export, erase()]
    {
        assert_eq!(asked(&Customer::default(), action), unknown);
    }
}

#[test]
fn nothing_follows_an_erasure_and_nothing_personal_is_kept() {
    let erased = after(&[register(), agree(1), erase()]);
    assert!(erased.is_erased() && !erased.is_known());
    assert!(erased.contacts().is_empty() && erased.consents().is_empty() && erased.name().is_none());
    let unknown = Err(Refusal::UnknownThing { what: "customer" });
    for action in [register(), add("c2"), agree(1), reveal(), Action::Export] {
        assert_eq!(asked(&erased, action), unknown);
    }
    let end = Action::RevokeSession { session: "s".into(), reason: "signed_out".into() };
    assert_eq!(count(&erased, end), Ok(0));
    assert_eq!(count(&erased, erase()), Ok(0));
}

#[test]
fn the_last_contact_stays() {
    assert_eq!(asked(&after(&[register()]), remove("c1")), Err(Refusal::LastContact));
    let two = after(&[register(), add("c2")]);
    assert_eq!(count(&two, add("c2")), Ok(0));
    assert_eq!(count(&two, remove("c1")), Ok(1));
    assert_eq!(asked(&two, remove("c9")), Err(Refusal::UnknownThing { what: "contact" }));
    let one = after(&[register(), add("c2"), remove("c1")]);
    assert_eq!(asked(&one, remove("c2")), Err(Refusal::LastContact));
    assert_eq!(asked(&one, add("c1")), Err(Refusal::UnknownThing { what: "contact" }));
}

#[test]
fn contacts_are_not_collected_without_end() {
    let many: Vec<Action> = (2..=10).map(|number| add(&format!("c{number}"))).collect();
    let full = after(&[&[register()], many.as_slice()].concat());
    assert_eq!(asked(&full, add("c11")), Err(Refusal::TooManyContacts { max: MOST_CONTACTS }));
}

#[test]
fn a_consent_is_given_to_a_text_and_can_be_withdrawn() {
    let known = after(&[register()]);
    assert_eq!(asked(&known, withdraw()), Err(Refusal::UnknownThing { what: "consent" }));
    let agreed = after(&[register(), agree(1)]);
    assert_eq!(count(&agreed, agree(1)), Ok(0));
    assert_eq!(count(&agreed, agree(2)), Ok(1));
    let withdrawn = after(&[register(), agree(1), withdraw()]);
    assert!(!withdrawn.consents()[&purpose()].stands());
    assert_eq!(withdrawn.consents()[&purpose()].text_version, 1);
    assert_eq!(count(&withdrawn, withdraw()), Ok(0));
    assert_eq!(count(&withdrawn, agree(1)), Ok(1));
}

#[test]
fn a_reveal_says_what_was_shown() {
    let nothing = Action::Reveal { fields: Vec::new(), reason: RevealReason::Legal, ticket: None };
    assert_eq!(asked(&after(&[register()]), nothing), Err(Refusal::Malformed { what: "fields" }));
    assert_eq!(count(&after(&[register()]), reveal()), Ok(1));
}

#[test]
fn a_profile_that_says_nothing_new_writes_nothing() {
    let nameless = Action::ChangeProfile { name: Some(Naming::Nameless), language: None };
    assert_eq!(count(&after(&[register()]), nameless.clone()), Ok(0));
    assert_eq!(count(&after(&[register()]), Action::ChangeProfile { name: None, language: None }), Ok(0));
    let named =
        Action::ChangeProfile { name: Some(Naming::Called(sealed("name"))), language: Some("en".into()) };
    let state = after(&[register(), named]);
    assert_eq!(state.name().map(|it| it.sealed.clone()), Some(sealed("name")));
    assert_eq!((state.language(), count(&state, nameless)), (Some("en"), Ok(1)));
}

#[test]
fn changes_of_different_things_both_count() {
    let called = Action::ChangeProfile { name: Some(Naming::Called(sealed("name"))), language: None };
    let reads = Action::ChangeProfile { name: None, language: Some("en".into()) };
    for both in [[called.clone(), reads.clone()], [reads, called]] {
        let state = after(&[&[register()], &both[..]].concat());
        assert_eq!(state.name().map(|it| it.sealed.clone()), Some(sealed("name")));
        assert_eq!(state.language(), Some("en"));
    }
}
