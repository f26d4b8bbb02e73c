//! The outbox's rows on every database: once per cause, one claim at a time, nothing left of what is done.

use chrono::TimeDelta;
use talon_storage::vault::{Claim, Claimed, ContactRow, NewMessage, Vault};
use uuid::Uuid;

use crate::{each, minutes, now};

async fn message(vault: &Vault, number: u128, again: bool) -> NewMessage {
    let id = Uuid::from_u128(number);
    let person = format!("person-{number}");
    let sealed = vault.seal_message(id, Some(&person), b"a planted secret").await.unwrap();
    NewMessage {
        id,
        cause: Uuid::from_u128(1_000 + number),
        channel: "mail",
        recipient: vault.blind_index("mail", "anna@example.org"),
        target: None,
        person: Some(person),
        sealed,
        again,
        not_before: now(),
        not_after: now() + minutes(5),
        now: now(),
    }
}

fn claim(number: u128) -> Claim {
    Claim::new(Uuid::from_u128(9_000 + number), now(), minutes(1))
}

async fn claimed(vault: &Vault, by: Claim) -> Vec<Claimed> {
    vault.claim_messages("mail", by, now(), 10).await.unwrap()
}

async fn counted(vault: &Vault) -> Vec<(String, u64)> {
    let mut all: Vec<_> =
        vault.count_messages().await.unwrap().into_iter().map(|(_, state, count)| (state, count)).collect();
    all.sort();
    all
}

#[tokio::test]
async fn the_same_cause_reaches_the_same_recipient_once() {
    each(async |_, vault| {
        let new = message(vault, 1, true).await;
        assert!(vault.put_message(&new).await.unwrap());
        let twice = NewMessage { id: Uuid::from_u128(2), ..new.clone() };
        assert!(!vault.put_message(&twice).await.unwrap());
        let other = vault.blind_index("mail", "boris@example.org");
        let elsewhere = NewMessage { id: Uuid::from_u128(3), recipient: other, ..new.clone() };
        assert!(vault.put_message(&elsewhere).await.unwrap());
        assert_eq!(claimed(vault, claim(1)).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_message_is_claimed_once_and_marked_by_its_claim_only() {
    each(async |_, vault| {
        vault.put_message(&message(vault, 1, true).await).await.unwrap();
        assert!(vault.messages_due("mail", now()).await.unwrap());
        assert!(!vault.messages_due("sms", now()).await.unwrap());
        let [mine] = claimed(vault, claim(1)).await.try_into().unwrap();
        assert_eq!(mine.attempts, 1);
        assert_eq!(vault.open_message(&mine).await.unwrap().unwrap().as_slice(), b"a planted secret");
        assert!(claimed(vault, claim(2)).await.is_empty());
        assert!(!vault.message_sent(mine.id, claim(2), now()).await.unwrap());
        assert!(vault.message_sent(mine.id, claim(1), now()).await.unwrap());
        assert!(!vault.message_sent(mine.id, claim(1), now()).await.unwrap());
        assert_eq!(counted(vault).await, [("sent".to_owned(), 1)]);
        // What was sent is remembered for a while, so that its cause cannot send it again, and then forgotten.
        assert!(!vault.put_message(&message(vault, 1, true).await).await.unwrap());
        assert_eq!(vault.forget_done_messages(now() - minutes(1)).await.unwrap(), 0);
        assert_eq!(vault.forget_done_messages(now()).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_failed_attempt_waits_and_comes_again() {
    each(async |_, vault| {
        vault.put_message(&message(vault, 1, true).await).await.unwrap();
        let [mine] = claimed(vault, claim(1)).await.try_into().unwrap();
        let later = now() + minutes(2);
        assert!(vault.message_again(&mine, claim(1), later, "UNREACHABLE").await.unwrap());
        assert!(claimed(vault, claim(2)).await.is_empty());
        let [again] = vault.claim_messages("mail", claim(3), later, 10).await.unwrap().try_into().unwrap();
        assert_eq!(again.attempts, 2);
        assert!(vault.message_dead(again.id, claim(3), "SMTP_550", later).await.unwrap());
        assert_eq!(counted(vault).await, [("dead".to_owned(), 1)]);
    })
    .await;
}

#[tokio::test]
async fn a_subscriber_that_is_down_keeps_all_its_messages_waiting() {
    each(async |_, vault| {
        for number in 1..=3 {
            let new = message(vault, number, true).await;
            vault.put_message(&NewMessage { target: Some("hook-1".into()), ..new }).await.unwrap();
        }
        let [first] = vault.claim_messages("mail", claim(1), now(), 1).await.unwrap().try_into().unwrap();
        let later = now() + minutes(2);
        vault.message_again(&first, claim(1), later, "HTTP_503").await.unwrap();
        assert!(!vault.messages_due("mail", now() + minutes(1)).await.unwrap());
        // One of them finds out whether it is there again, the one that failed.
        let [probe] = vault.claim_messages("mail", claim(2), later, 10).await.unwrap().try_into().unwrap();
        assert_eq!(probe.id, first.id);
        assert!(vault.claim_messages("mail", claim(3), later, 10).await.unwrap().is_empty());
        assert!(vault.message_sent(probe.id, claim(2), later).await.unwrap());
        assert_eq!(vault.claim_messages("mail", claim(4), later, 10).await.unwrap().len(), 2);
        let listed = vault.messages_for("hook-1", 2).await.unwrap();
        assert_eq!(listed.len(), 2);
        assert!(listed.iter().all(|it| it.state == "sending"), "{listed:?}");
        vault.put_webhook_secret("hook-1", "one").await.unwrap();
        vault.put_webhook_secret("hook-1", "two").await.unwrap();
        assert_eq!(vault.webhook_secret("hook-1").await.unwrap().as_deref(), Some("one"));
        assert!(vault.replace_webhook_secret("hook-1", "three").await.unwrap());
        assert_eq!(vault.webhook_secret("hook-1").await.unwrap().as_deref(), Some("three"));
        vault.forget_webhook("hook-1").await.unwrap();
        assert_eq!(vault.webhook_secret("hook-1").await.unwrap(), None);
        assert!(!vault.replace_webhook_secret("hook-1", "four").await.unwrap());
        assert_eq!(vault.messages_for("hook-1", 9).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn what_a_dead_sender_held_goes_again_only_where_it_may() {
    each(async |_, vault| {
        vault.put_message(&message(vault, 1, true).await).await.unwrap();
        vault.put_message(&message(vault, 2, false).await).await.unwrap();
        assert_eq!(claimed(vault, claim(1)).await.len(), 2);
        // While the claim runs nobody takes anything over.
        assert_eq!(vault.release_messages(now(), now()).await.unwrap(), (0, 0));
        let after = now() + minutes(1);
        assert_eq!(vault.release_messages(after, after).await.unwrap(), (1, 1));
        assert_eq!(counted(vault).await, [("dead".to_owned(), 1), ("waiting".to_owned(), 1)]);
        // The first sender was only slow: it may not mark what is no longer its own.
        assert!(!vault.message_sent(Uuid::from_u128(1), claim(1), after).await.unwrap());
        let again = vault.claim_messages("mail", claim(2), after, 10).await.unwrap();
        assert_eq!(again.iter().map(|it| it.id).collect::<Vec<_>>(), [Uuid::from_u128(1)]);
    })
    .await;
}

#[tokio::test]
async fn undone_and_erased_messages_go() {
    each(async |_, vault| {
        for number in 1..=4 {
            vault.put_message(&message(vault, number, true).await).await.unwrap();
        }
        assert_eq!(vault.withdraw_messages(Uuid::from_u128(1_001)).await.unwrap(), 1);
        let mut tx = vault.db().begin().await.unwrap();
        assert_eq!(Vault::forget_messages_of(&mut tx, "person-2").await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(claimed(vault, claim(1)).await.len(), 2);
        // What is under way cannot be taken back.
        assert_eq!(vault.withdraw_messages(Uuid::from_u128(1_003)).await.unwrap(), 0);
        assert_eq!(counted(vault).await, [("sending".to_owned(), 2)]);
    })
    .await;
}

#[tokio::test]
async fn nothing_due_later_is_claimed_now() {
    each(async |_, vault| {
        let new = message(vault, 1, true).await;
        let not_before = now() + TimeDelta::seconds(10);
        vault.put_message(&NewMessage { not_before, ..new }).await.unwrap();
        assert!(claimed(vault, claim(1)).await.is_empty());
        assert_eq!(vault.claim_messages("mail", claim(2), not_before, 10).await.unwrap().len(), 1);
    })
    .await;
}

async fn recipients(vault: &Vault) -> Vec<(String, Vec<u8>)> {
    let mut found = talon_storage::ask!(
        vault.db(),
        (String, Vec<u8>),
        "select state, recipient from outbox where target is null order by id"
    )
    .unwrap();
    found.sort();
    found
}

#[tokio::test]
async fn a_message_to_nobody_known_says_nothing_of_its_recipient_once_it_is_done() {
    each(async |_, vault| {
        let anna = vault.blind_index("mail", "anna@example.org").0.to_vec();
        for number in 1..=4 {
            // Sent, given up and lost; the fourth goes to somebody known and keeps its cause from going twice.
            let person = (number == 4).then(|| "person-4".to_owned());
            let new = message(vault, number, number != 3).await;
            vault.put_message(&NewMessage { person, ..new }).await.unwrap();
        }
        assert_eq!(claimed(vault, claim(1)).await.len(), 4);
        assert!(recipients(vault).await.iter().all(|(_, it)| *it == anna), "needed while they are under way");
        let id = Uuid::from_u128;
        assert!(vault.message_sent(id(1), claim(1), now()).await.unwrap());
        assert!(vault.message_dead(id(2), claim(1), "SMTP_550", now()).await.unwrap());
        assert!(vault.message_sent(id(4), claim(1), now()).await.unwrap());
        vault.release_messages(now() + minutes(1), now() + minutes(1)).await.unwrap();
        let left: Vec<_> = recipients(vault).await.into_iter().filter(|(_, it)| *it == anna).collect();
        assert_eq!(left, [("sent".to_owned(), anna)], "the one to somebody known");
        assert_eq!(counted(vault).await, [("dead".to_owned(), 2), ("sent".to_owned(), 2)]);
    })
    .await;
}

#[tokio::test]
async fn with_a_contact_goes_what_lies_under_it() {
    each(async |_, vault| {
        for (number, person) in [(1, None), (2, Some("person-1")), (3, Some("staff-9"))] {
            let new = message(vault, number, true).await;
            vault.put_message(&NewMessage { person: person.map(Into::into), ..new }).await.unwrap();
        }
        let row = |person: &str| ContactRow { person: person.into(), contact: "k1".into() };
        vault.put_contact("customer-email", "Anna@example.org", &row("person-1")).await.unwrap();
        vault.remove_contact("person-1", "k1").await.unwrap();
        // A member of staff may have the same address; what they are told is theirs.
        let [left] = claimed(vault, claim(1)).await.try_into().unwrap();
        assert_eq!(left.id, Uuid::from_u128(3));
        let new = message(vault, 4, true).await;
        vault.put_message(&NewMessage { person: None, ..new }).await.unwrap();
        vault.put_contact("customer-email", "Anna@example.org", &row("person-2")).await.unwrap();
        assert!(vault.erase_person("person-2").await.unwrap());
        assert!(
            claimed(vault, claim(2)).await.is_empty(),
            "nobody's contact could be opened, and the code is gone"
        );
    })
    .await;
}

#[tokio::test]
async fn no_subscriber_takes_more_than_its_places() {
    each(async |_, vault| {
        for number in 1..=30 {
            let target = Some(if number <= 20 { "hook-slow" } else { "hook-fast" }.to_owned());
            vault.put_message(&NewMessage { target, ..message(vault, number, true).await }).await.unwrap();
        }
        vault.put_message(&message(vault, 31, true).await).await.unwrap();
        let of = |all: &[Claimed], target: &str| {
            all.iter().filter(|it| it.target.as_deref() == Some(target)).map(|it| it.id).collect::<Vec<_>>()
        };
        let first = vault.claim_messages("mail", claim(1), now(), 16).await.unwrap();
        assert_eq!((of(&first, "hook-slow").len(), of(&first, "hook-fast").len(), first.len()), (2, 2, 5));
        assert!(vault.claim_messages("mail", claim(2), now(), 16).await.unwrap().is_empty());
        // As places come free they are filled, the oldest first.
        for id in of(&first, "hook-fast") {
            assert!(vault.message_sent(id, claim(1), now()).await.unwrap());
        }
        let next = vault.claim_messages("mail", claim(2), now(), 1).await.unwrap();
        assert_eq!(of(&next, "hook-fast"), [Uuid::from_u128(23)]);
    })
    .await;
}
