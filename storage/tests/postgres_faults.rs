//! PostgreSQL goes away at the worst moments; no fact is lost, none doubled, and all heals by itself.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::{sync::Arc, time::Duration};

use support::{
    Database, master,
    proxy::{Mood, Proxy},
};
use talon_core::{
    event_store::{Appended, StoreError},
    testing::conformance::{Store, audit, events, stream, whole, written},
};
use talon_storage::{Access, Storage, StoreUrl};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};

/// A store behind a proxy, and a way around the proxy.
struct Hall {
    storage: Storage,
    proxy: Proxy,
    database: Database,
}

async fn open(url: String) -> Storage {
    Storage::open(&StoreUrl::Postgres(url), Access::Owner, Some(master())).await.unwrap()
}

async fn hall() -> Option<Hall> {
    let database = Database::create().await?;
    let proxy = Proxy::before(database.server()).await;
    let storage = open(database.url_through(proxy.port())).await;
    Some(Hall { storage, proxy, database })
}

/// Repeats an append with the same ids until its outcome is known, as a caller does.
async fn until_known(store: &Store, name: &str, expected: u64, id: u128) -> Appended {
    let give_up = Instant::now() + Duration::from_secs(30);
    loop {
        match store.append(&stream(name), expected, events([id])).await {
            Ok(appended) => return appended,
            Err(StoreError::Unknown(_) | StoreError::Unavailable(_)) if Instant::now() < give_up => {
                tokio::task::yield_now().await;
            }
            Err(error) => panic!("{name}: {error:?}"),
        }
    }
}

#[tokio::test]
async fn a_connection_lost_before_the_commit_leaves_nothing_behind() {
    let Some(hall) = hall().await else { return };
    let store = &hall.storage.events;
    written(store, "s", 0, events([1])).await;
    hall.proxy.set(Mood::CutsBeforeCommit);
    let lost = store.append(&stream("s"), 1, events([2])).await;
    assert!(matches!(lost, Err(StoreError::Unknown(_))), "{lost:?}");
    assert_eq!(hall.proxy.cuts(), 1);
    assert_eq!(whole(store).await.len(), 1);
    // The same ids again: now it is written, at the very next position.
    let (position, head) = written(store, "s", 1, events([2])).await;
    assert_eq!((position, head.version), (2, 2));
    audit(store).await;
}

#[tokio::test]
async fn a_connection_lost_after_the_commit_is_recognised_as_a_repeat() {
    let Some(hall) = hall().await else { return };
    let store = &hall.storage.events;
    written(store, "s", 0, events([1])).await;
    hall.proxy.set(Mood::CutsAfterCommit);
    let lost = store.append(&stream("s"), 1, events([2])).await;
    assert!(matches!(lost, Err(StoreError::Unknown(_))), "{lost:?}");
    assert_eq!(hall.proxy.cuts(), 1);
    assert_eq!(until_known(store, "s", 1, 2).await, Appended::Duplicate(2));
    assert_eq!(whole(store).await.len(), 2);
    // A follower sees it although no answer ever told of it.
    let batch = timeout(Duration::from_secs(5), hall.storage.tail.next_batch(1, 10)).await.unwrap().unwrap();
    assert_eq!(batch[0].version, 2);
    audit(store).await;
}

#[tokio::test]
async fn a_connection_lost_in_the_middle_is_not_even_noticed() {
    let Some(hall) = hall().await else { return };
    let store = &hall.storage.events;
    written(store, "s", 0, events([1])).await;
    hall.proxy.set(Mood::CutsAfterBegin);
    written(store, "s", 1, events([2])).await;
    assert_eq!(hall.proxy.cuts(), 1);
    audit(store).await;
}

#[tokio::test]
async fn sessions_ended_while_idle_are_replaced() {
    let Some(hall) = hall().await else { return };
    let store = &hall.storage.events;
    written(store, "s", 0, events([1])).await;
    assert!(hall.database.terminate("true").await > 0);
    written(store, "s", 1, events([2])).await;
    assert_eq!(whole(store).await.len(), 2);
    hall.storage.vault.put_setting("after", "all").await.unwrap();
    audit(store).await;
}

#[tokio::test]
async fn a_server_that_is_down_is_unavailable_and_comes_back() {
    let Some(hall) = hall().await else { return };
    let store = &hall.storage.events;
    written(store, "s", 0, events([1])).await;
    hall.proxy.set(Mood::Down);
    let refused = store.append(&stream("s"), 1, events([2])).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert!(matches!(store.read_all(0, 10).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.head(&stream("s")).await, Err(StoreError::Unavailable(_))));
    let followed = timeout(Duration::from_secs(20), hall.storage.tail.next_batch(1, 10)).await.unwrap();
    assert!(matches!(followed, Err(StoreError::Unavailable(_))));

    hall.proxy.set(Mood::Passes);
    let (position, _) = written(store, "s", 1, events([2])).await;
    assert_eq!(position, 2);
    let batch = timeout(Duration::from_secs(5), hall.storage.tail.next_batch(1, 10)).await.unwrap().unwrap();
    assert_eq!(batch[0].position, 2);
    // And the ear for other nodes is open again.
    let other = open(hall.database.url.clone()).await;
    written(&other.events, "s", 2, events([3])).await;
    let batch = timeout(Duration::from_secs(5), hall.storage.tail.next_batch(2, 10)).await.unwrap().unwrap();
    assert_eq!(batch[0].position, 3);
    audit(store).await;
}

#[tokio::test]
async fn a_lost_listener_is_replaced() {
    let Some(hall) = hall().await else { return };
    let other = open(hall.database.url.clone()).await;
    written(&other.events, "s", 0, events([1])).await;
    let heard = async |after| timeout(Duration::from_secs(5), hall.storage.tail.next_batch(after, 10)).await;
    assert_eq!(heard(0).await.unwrap().unwrap()[0].position, 1);
    for round in 1..=3_u64 {
        assert!(hall.database.terminate("query ilike 'listen%'").await > 0, "round {round}");
        written(&other.events, "s", round, events([u128::from(round) + 1])).await;
        assert_eq!(heard(round).await.unwrap().unwrap()[0].position, round + 1);
    }
}

#[tokio::test]
async fn every_node_hears_what_any_node_writes() {
    let Some(hall) = hall().await else { return };
    let other = open(hall.database.url.clone()).await;
    for round in 0..20_u64 {
        let writer = if round % 3 == 0 { &other } else { &hall.storage };
        written(&writer.events, "s", round, events([u128::from(round) + 1])).await;
        for follower in [&other, &hall.storage] {
            let batch = timeout(Duration::from_secs(5), follower.tail.next_batch(round, 10)).await;
            assert_eq!(batch.unwrap().unwrap()[0].position, round + 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_that_repeat_get_through_however_often_sessions_end() {
    let Some(hall) = hall().await else { return };
    let mut callers = JoinSet::new();
    for caller in 0..24_u128 {
        let store = hall.storage.events.clone();
        callers.spawn(async move {
            for version in 0..40_u64 {
                let name = format!("s-{caller}");
                until_known(&store, &name, version, caller * 1_000 + u128::from(version) + 1).await;
            }
        });
    }
    let mut ended = 0;
    while !callers.is_empty() {
        let cut = [Mood::CutsBeforeCommit, Mood::CutsAfterCommit, Mood::CutsAfterBegin][ended % 3];
        hall.proxy.set(cut);
        ended += 1;
        hall.database.terminate("state <> 'idle'").await;
        while let Some(done) = callers.try_join_next() {
            done.unwrap();
        }
    }
    assert!(hall.proxy.cuts() > 3, "{} cuts", hall.proxy.cuts());
    let log = whole(&hall.storage.events).await;
    assert_eq!(log.len(), 960);
    assert_eq!(log.iter().map(|it| it.position).collect::<Vec<_>>(), (1..=960).collect::<Vec<_>>());
    audit(&hall.storage.events).await;
}

#[tokio::test]
async fn a_node_frozen_in_the_middle_keeps_the_others_waiting_for_seconds_only() {
    let Some(database) = Database::create().await else { return };
    let storage = open(database.url.clone()).await;
    written(&storage.events, "s", 0, events([1])).await;
    // A node that took its locks and then fell silent, as a suspended machine does.
    use talon_storage::sqlx::{self, ConnectOptions, postgres::PgConnectOptions};
    let options: PgConnectOptions = database.url.parse().unwrap();
    let mut frozen = options
        .options([("search_path", "log"), ("idle_in_transaction_session_timeout", "3s")])
        .connect()
        .await
        .unwrap();
    sqlx::raw_sql("begin; update log_head set position = position + 1").execute(&mut frozen).await.unwrap();
    let started = Instant::now();
    let (position, _) = written(&storage.events, "s", 1, events([2])).await;
    assert_eq!(position, 2);
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
}

#[tokio::test]
async fn one_node_leads_and_another_takes_over() {
    let Some(database) = Database::create().await else { return };
    let (first, second) = (open(database.url.clone()).await, open(database.url.clone()).await);
    let term = first.leadership.lead("tickets").await;
    let other_job = timeout(Duration::from_secs(5), second.leadership.lead("reactor")).await.unwrap();
    let waiting = tokio::spawn({
        let leadership = second.leadership.clone();
        async move { leadership.lead("tickets").await }
    });
    assert!(timeout(Duration::from_millis(1_500), term.over()).await.is_err(), "it leads on");
    assert!(!waiting.is_finished());
    // The leader's connection breaks: it learns of it, and the other takes over.
    let started = Instant::now();
    assert!(database.terminate("application_name = 'talon leader'").await >= 1);
    timeout(Duration::from_secs(5), term.over()).await.unwrap();
    let successor = timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap();
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(!successor.is_over());
    drop(other_job);
    // Stepping down frees the job at once, without waiting for a timeout of the database.
    drop(successor);
    let again = timeout(Duration::from_secs(5), first.leadership.lead("tickets")).await.unwrap();
    assert!(!again.is_over());
}

#[tokio::test]
async fn many_nodes_may_start_at_once_on_an_empty_database() {
    let Some(database) = Database::create().await else { return };
    let mut nodes = JoinSet::new();
    for _ in 0..4 {
        nodes.spawn(open(database.url.clone()));
    }
    let nodes = nodes.join_all().await;
    let ids: Vec<_> = nodes.iter().map(|it| it.events.log_id()).collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
    let sealed = nodes[0].vault.seal("staff-7", b"name", b"Anna").await.unwrap();
    for node in &nodes {
        assert_eq!(node.vault.open_text(&sealed, b"name").await.unwrap().as_deref(), Some("Anna"));
        assert_eq!(node.vault.blind_index("email", "a"), nodes[0].vault.blind_index("email", "a"));
    }
}

#[tokio::test]
async fn a_group_in_which_all_fail_and_one_that_succeeds_do_not_meet() {
    let Some(hall) = hall().await else { return };
    let store: Arc<_> = hall.storage.events.clone();
    hall.proxy.set(Mood::Down);
    let mut callers = JoinSet::new();
    for id in 1..=50_u128 {
        let store = store.clone();
        callers.spawn(async move { store.append(&stream(&format!("s-{id}")), 0, events([id])).await });
    }
    for outcome in callers.join_all().await {
        assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    }
    hall.proxy.set(Mood::Passes);
    assert!(whole(&store).await.is_empty());
    written(&store, "s-1", 0, events([1])).await;
}
