//! A sender that dies between sending and marking, in one process and in a cluster.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use talon_api::outbox::sender::{Outcome, Road};
use talon_storage::vault::{Claimed, NewMessage};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::support::{Database, Node, config, new_id, now, open, until};

/// A road on which everything is seen and counts as sent once it is let through.
struct Seen {
    ids: Mutex<Vec<Uuid>>,
    gate: Semaphore,
}

impl Seen {
    fn new(open: usize) -> Arc<Self> {
        Arc::new(Self { ids: Mutex::default(), gate: Semaphore::new(open) })
    }

    fn ids(&self) -> Vec<Uuid> {
        let mut ids = self.ids.lock().unwrap().clone();
        ids.sort();
        ids
    }
}

#[async_trait]
impl Road for Seen {
    async fn send(&self, message: &Claimed, _: &[u8]) -> Outcome {
        self.ids.lock().unwrap().push(message.id);
        self.gate.acquire().await.unwrap().forget();
        Outcome::Sent
    }
}

const ON: (&str, &str) = ("TALON_MAIL__SERVER", "log:");
const MANY: usize = 1 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_code_goes_again_when_nobody_knows_whether_it_went_and_an_offer_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(&format!("sqlite:{}", folder.path().display())).await;
    let never = Seen::new(0);
    let dying = Node::start(&storage, &config(&[ON]), &[("mail", never.clone())]);
    dying.code("anna@example.org", "123456").await;
    let id = new_id();
    let offer = NewMessage {
        id,
        cause: new_id(),
        channel: "mail",
        recipient: storage.vault.blind_index("mail", "boris@example.org"),
        target: None,
        person: None,
        sealed: storage.vault.seal_message(id, None, b"{}").await.unwrap(),
        again: false,
        not_before: now(),
        not_after: now() + chrono::TimeDelta::minutes(5),
        now: now(),
    };
    assert!(storage.vault.put_message(&offer).await.unwrap());
    dying.until_count("sending", 2).await;
    until("both on their way", async || (never.ids().len() == 2).then_some(())).await;
    dying.kill().await;
    // Whoever comes next finds both claimed by somebody who is no more.
    let seen = Seen::new(MANY);
    let node = Node::start(&storage, &config(&[ON]), &[("mail", seen.clone())]);
    node.until_count("sent", 1).await;
    node.until_count("dead", 1).await;
    let again = seen.ids();
    assert_eq!(again.len(), 1);
    assert!(again[0] != id && never.ids().contains(&again[0]), "the same message under the same id");
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_send_everything_once_and_the_second_takes_over() {
    let Some(database) = Database::create().await else { return };
    let seen = Seen::new(MANY);
    let road: [(&'static str, Arc<dyn Road>); 1] = [("mail", seen.clone())];
    let first = Node::start(&open(&database.url).await, &config(&[ON]), &road);
    let second = Node::start(&open(&database.url).await, &config(&[ON]), &road);
    for number in 0..40 {
        let node = if number % 2 == 0 { &first } else { &second };
        node.code(&format!("person-{number}@example.org"), "123456").await;
    }
    first.until_count("sent", 40).await;
    // Whichever of them led: the other one goes on.
    first.stop.cancel();
    second.code("one-more@example.org", "123456").await;
    second.until_count("sent", 41).await;
    second.stop.cancel();
    let ids = seen.ids();
    assert_eq!(ids.len(), 41);
    assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "nothing went twice");
    for node in [first, second] {
        let storage = node.storage.clone();
        node.kill().await;
        storage.close().await;
    }
    database.drop().await;
}

/// Two senders that both believe that they lead: claims keep them apart, leadership or not.
#[tokio::test(flavor = "multi_thread")]
async fn claims_keep_two_senders_apart_even_when_both_lead() {
    let storage = open("memory").await;
    let seen = Seen::new(MANY);
    let road: [(&'static str, Arc<dyn Road>); 1] = [("mail", seen.clone())];
    // A store of one process lets everybody lead.
    let first = Node::start_as(&storage, &config(&[ON]), &road, false);
    let second = Node::start_as(&storage, &config(&[ON]), &road, false);
    for number in 0..120 {
        let node = if number % 2 == 0 { &first } else { &second };
        node.code(&format!("person-{number}@example.org"), "123456").await;
    }
    first.until_count("sent", 120).await;
    let ids = seen.ids();
    assert_eq!(ids.len(), 120);
    assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "nothing went twice");
}

/// A road on which one subscriber answers only when it is let through, and every other at once.
struct Uneven {
    slow: Seen,
    most: Mutex<(usize, usize)>,
}

#[async_trait]
impl Road for Uneven {
    async fn send(&self, message: &Claimed, what: &[u8]) -> Outcome {
        if message.target.as_deref() != Some("hook-slow") {
            return Outcome::Sent;
        }
        {
            let mut most = self.most.lock().unwrap();
            most.0 += 1;
            most.1 = most.1.max(most.0);
        }
        let outcome = self.slow.send(message, what).await;
        self.most.lock().unwrap().0 -= 1;
        outcome
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_that_answers_late_keeps_no_other_waiting() {
    let storage = open("memory").await;
    let road = Arc::new(Uneven {
        slow: Seen { ids: Mutex::default(), gate: Semaphore::new(0) },
        most: Mutex::default(),
    });
    // Everything to the slow one is older, and more than a node sends at once.
    for number in 0..50 {
        let id = new_id();
        let target = if number < 40 { "hook-slow" } else { "hook-fast" };
        let new = NewMessage {
            id,
            cause: id,
            channel: "webhook",
            recipient: storage.vault.blind_index("webhook", target),
            target: Some(target.into()),
            person: None,
            sealed: storage.vault.seal_message(id, None, b"{}").await.unwrap(),
            again: true,
            not_before: now(),
            not_after: now() + chrono::TimeDelta::minutes(5),
            now: now(),
        };
        assert!(storage.vault.put_message(&new).await.unwrap());
    }
    let node = Node::start(&storage, &config(&[ON]), &[("webhook", road.clone())]);
    node.until_count("sent", 10).await;
    assert_eq!(node.count("sending").await, 2, "the slow one has answered nothing yet");
    road.slow.gate.add_permits(MANY);
    node.until_count("sent", 50).await;
    assert_eq!(road.most.lock().unwrap().1, 2, "and never had more than its two places");
    node.kill().await;
}
