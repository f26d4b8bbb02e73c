//! Customers: found by what they have proven to be theirs, and nothing is left of whoever was erased.

use talon_core::{
    customer::event::{ContactKind, EraseReason, ErasedBy},
    fact::Actor,
    ids::CustomerId,
    time::Clock,
};

use talon_api::{auth::AccessDenied, customers::Customers};
use talon_core::refusal::Refusal;

use crate::support::{House, house};

const PHONE: &str = "+7 916 123-45-67";
const EMAIL: &str = "Anna@Example.org";

async fn erase(house: &House, customers: &Customers, id: &CustomerId) {
    customers
        .erase(id, ErasedBy::Staff, EraseReason::Request, Actor::system(), house.press())
        .await
        .expect("erased");
}

#[tokio::test]
async fn a_customer_is_registered_once_and_found_however_the_phone_is_written() {
    let house = house().await;
    let customers = house.access.customers();
    assert_eq!(customers.find(ContactKind::Phone, PHONE).await, Ok(None));
    let id = customers.by_contact(ContactKind::Phone, PHONE).await.expect("registered");
    assert_eq!(customers.by_contact(ContactKind::Phone, "89161234567").await, Ok(id.clone()));
    assert_eq!(customers.find(ContactKind::Phone, "8 (916) 123 45 67").await, Ok(Some(id.clone())));
    assert_ne!(customers.by_contact(ContactKind::Email, EMAIL).await.as_ref(), Ok(&id));
    let stream = format!("customer-{id}");
    assert_eq!(house.kinds(&stream).await, ["customer.registered", "customer.contact_added"]);
    let wrong = customers.by_contact(ContactKind::Phone, "phone").await;
    assert_eq!(wrong, Err(AccessDenied::Malformed { field: "phone" }));
}

#[tokio::test]
async fn two_who_register_the_same_phone_at_once_become_one_customer() {
    let house = house().await;
    let other = house.another_node().await;
    let (here, there) = (house.access.customers(), other.customers());
    let all = futures_util::future::join_all(
        (0..8).map(|turn| if turn % 2 == 0 { here } else { there }.by_contact(ContactKind::Phone, PHONE)),
    )
    .await;
    let first = all[0].clone().expect("registered");
    assert!(all.iter().all(|it| it.as_ref() == Ok(&first)), "{all:?}");
    assert_eq!(house.kinds(&format!("customer-{first}")).await.len(), 2);
}

#[tokio::test]
async fn the_log_holds_neither_the_phone_nor_a_hash_that_could_be_tried_out() {
    let house = house().await;
    let customers = house.access.customers();
    let id = customers.by_contact(ContactKind::Phone, PHONE).await.expect("registered");
    customers.add_contact(&id, ContactKind::Email, EMAIL, house.press()).await.expect("added");
    let facts = house.facts(&format!("customer-{id}")).await;
    let before: Vec<_> = facts.iter().map(|it| it.meta.command_hash.clone()).collect();
    for fact in &facts {
        let text = format!("{fact:?}").to_lowercase();
        assert!(!text.contains("9161234567") && !text.contains("example.org"), "{text}");
    }
    // The same values of another person leave other hashes: they are made with the person's own key.
    erase(&house, customers, &id).await;
    let again = customers.by_contact(ContactKind::Phone, PHONE).await.expect("registered");
    customers.add_contact(&again, ContactKind::Email, EMAIL, house.press()).await.expect("added");
    for fact in house.facts(&format!("customer-{again}")).await {
        assert!(!before.contains(&fact.meta.command_hash), "{:?}", fact.event);
    }
}

#[tokio::test]
async fn a_contact_belongs_to_one_customer_and_can_be_given_up() {
    let house = house().await;
    let customers = house.access.customers();
    let anna = customers.by_contact(ContactKind::Phone, PHONE).await.expect("registered");
    let boris = customers.by_contact(ContactKind::Phone, "+79161234568").await.expect("registered");
    let press = house.press();
    customers.add_contact(&anna, ContactKind::Email, EMAIL, press).await.expect("added");
    customers.add_contact(&anna, ContactKind::Email, EMAIL, press).await.expect("a repeat");
    let taken = customers.add_contact(&boris, ContactKind::Email, EMAIL, house.press()).await;
    assert_eq!(taken, Err(AccessDenied::Refused(Refusal::AlreadyExists { what: "contact" })));
    assert_eq!(customers.by_contact(ContactKind::Email, EMAIL).await, Ok(anna.clone()));

    let stream = format!("customer-{anna}");
    let facts = house.facts(&stream).await;
    let name = |index: usize| match &*facts[index].event {
        talon_core::queue_event::Event::Customer(talon_core::queue_event::CustomerEvent::ContactAdded(
            it,
        )) => it.contact.clone(),
        other => panic!("{other:?}"),
    };
    let (phone, email) = (name(1), name(2));
    customers.remove_contact(&anna, &email, Actor::system(), house.press()).await.expect("removed");
    let last = customers.remove_contact(&anna, &phone, Actor::system(), house.press()).await;
    assert_eq!(last, Err(AccessDenied::Refused(Refusal::LastContact)));
    assert_ne!(customers.by_contact(ContactKind::Email, EMAIL).await, Ok(anna.clone()));
    assert_eq!(customers.by_contact(ContactKind::Phone, PHONE).await, Ok(anna));
}

#[tokio::test]
async fn whoever_was_erased_comes_back_as_a_stranger() {
    let house = house().await;
    let customers = house.access.customers();
    let id = customers.by_contact(ContactKind::Phone, PHONE).await.expect("registered");
    assert_eq!(customers.stands(&id).await, Ok(true));
    customers.start_session(&id, uuid::Uuid::from_u128(1)).await.expect("signed in");
    erase(&house, customers, &id).await;
    assert_eq!(customers.stands(&id).await, Ok(false));
    assert!(customers.was_erased(&id));
    assert_eq!(customers.find(ContactKind::Phone, PHONE).await, Ok(None));
    let unknown = Err(AccessDenied::Refused(Refusal::UnknownThing { what: "customer" }));
    assert_eq!(customers.start_session(&id, uuid::Uuid::from_u128(2)).await, unknown);
    assert_ne!(customers.by_contact(ContactKind::Phone, PHONE).await, Ok(id.clone()));
    // Once more is no fact.
    erase(&house, customers, &id).await;
    let kinds = house.kinds(&format!("customer-{id}")).await;
    assert_eq!(kinds.iter().filter(|it| *it == "customer.erased").count(), 1);
}

#[tokio::test]
async fn an_erasure_that_broke_off_is_finished_by_whoever_reads_its_fact() {
    let house = house().await;
    let customers = house.access.customers();
    let id = customers.by_contact(ContactKind::Phone, PHONE).await.expect("registered");
    // The fact is written, and nothing was done about it.
    let action = talon_core::customer::Action::Erase { by: ErasedBy::Customer, reason: EraseReason::Request };
    let about = talon_core::dispatch::Envelope::new(house.press(), Actor::system(), b"");
    let stream = talon_core::customer::stream(&id);
    house.desk.customers.send(&stream, about, action, |_, _| ()).await.expect("a fact");
    assert!(house.storage.vault.customer(id.as_str()).await.expect("asked").is_some());

    let other = house.another_node().await;
    for fact in house.facts(stream.as_str()).await {
        other.take_in(&fact).await.expect("taken in");
    }
    assert!(other.customers().was_erased(&id));
    assert!(house.storage.vault.customer(id.as_str()).await.expect("asked").is_none());
    assert_ne!(customers.by_contact(ContactKind::Phone, PHONE).await, Ok(id));
}

#[tokio::test]
async fn whoever_signs_in_in_the_middle_of_their_erasure_starts_anew() {
    let house = house().await;
    let customers = house.access.customers();
    let id = customers.by_contact(ContactKind::Phone, PHONE).await.expect("registered");
    let action = talon_core::customer::Action::Erase { by: ErasedBy::Customer, reason: EraseReason::Request };
    let about = talon_core::dispatch::Envelope::new(house.press(), Actor::system(), b"");
    house
        .desk
        .customers
        .send(&talon_core::customer::stream(&id), about, action, |_, _| ())
        .await
        .expect("a fact");
    let again = customers.by_contact(ContactKind::Phone, PHONE).await.expect("registered");
    assert_ne!(again, id);
    assert_eq!(customers.stands(&again).await, Ok(true));
    assert_eq!(customers.stands(&id).await, Ok(false));
}

#[tokio::test]
async fn whoever_was_not_seen_for_too_long_is_erased_and_nobody_else() {
    let house = house().await;
    let customers = house.access.customers();
    let vault = &house.storage.vault;
    let gone = customers.by_contact(ContactKind::Phone, PHONE).await.expect("registered");
    let faithful = customers.by_contact(ContactKind::Email, EMAIL).await.expect("registered");
    let old_note = vault.seal_dated("ticket-1", b"note", b"words", house.clock.now()).await.expect("sealed");
    house.pass(chrono::TimeDelta::days(100));
    assert_eq!(customers.seen(&faithful).await, Ok(true));
    let now = house.clock.now();
    assert_eq!(talon_api::retention::keep(customers, vault, 6, now).await, Ok(0));
    house.pass(chrono::TimeDelta::days(100));
    let now = house.clock.now();
    assert_eq!(talon_api::retention::keep(customers, vault, 6, now).await, Ok(1));
    assert_eq!(customers.stands(&gone).await, Ok(false));
    assert_eq!(customers.stands(&faithful).await, Ok(true));
    assert_eq!(vault.open_sealed(&old_note, b"note").await.expect("asked"), None);
    let kinds = house.kinds(&format!("customer-{gone}")).await;
    assert_eq!(kinds.last().map(String::as_str), Some("customer.erased"));
    assert_eq!(talon_api::retention::keep(customers, vault, 6, now).await, Ok(0));
}
