//! Followers see everything once, in order, soon, and wait without spinning when there is nothing.

mod support;

use std::{sync::Arc, time::Duration};

use support::{Home, homes, master};
use talon_core::testing::conformance::{events, written};
use talon_storage::{Access, Storage};
use tokio::{task::JoinSet, time::timeout};

const SOON: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn followers_beside_writers_skip_nothing_and_repeat_nothing() {
    for home in homes().await {
        let storage = Arc::new(home.open().await);
        let mut tasks = JoinSet::new();
        for limit in [1, 7, 2_000] {
            let storage = storage.clone();
            tasks.spawn(async move {
                let mut after = 0;
                while after < 600 {
                    let batch = storage.tail.next_batch(after, limit).await.unwrap();
                    assert!(!batch.is_empty() && batch.len() <= limit as usize);
                    for event in batch {
                        assert_eq!(event.position, after + 1);
                        after += 1;
                    }
                }
            });
        }
        for writer in 0..6_u128 {
            let storage = storage.clone();
            tasks.spawn(async move {
                for version in 0..50_u64 {
                    let id = writer * 1_000 + u128::from(version) * 2 + 1;
                    written(&storage.events, &format!("s-{writer}"), version * 2, events([id, id + 1])).await;
                }
            });
        }
        timeout(Duration::from_secs(60), tasks.join_all()).await.unwrap();
        assert_eq!(storage.tail.head(), 600);
        storage.close().await;
    }
}

#[tokio::test]
async fn a_follower_waits_until_there_is_something() {
    for home in homes().await {
        let storage = home.open().await;
        let tail = storage.tail.clone();
        let waiting = tokio::spawn(async move { tail.next_batch(0, 10).await });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        written(&storage.events, "s", 0, events([1])).await;
        let batch = timeout(SOON, waiting).await.unwrap().unwrap().unwrap();
        assert_eq!(batch[0].position, 1);
        storage.close().await;
    }
}

#[tokio::test]
async fn a_wait_given_up_loses_nothing() {
    for home in homes().await {
        let storage = home.open().await;
        let given_up = timeout(Duration::from_millis(20), storage.tail.next_batch(0, 10)).await;
        assert!(given_up.is_err());
        written(&storage.events, "s", 0, events([1])).await;
        assert_eq!(timeout(SOON, storage.tail.next_batch(0, 10)).await.unwrap().unwrap().len(), 1);
        storage.close().await;
    }
}

#[tokio::test]
async fn a_follower_far_behind_catches_up_from_the_store() {
    for home in homes().await.into_iter().filter(Home::is_durable) {
        let storage = home.open().await;
        for stream in 0..10_u128 {
            let ids = stream * 10_000 + 1..stream * 10_000 + 1_001;
            written(&storage.events, &format!("s-{stream}"), 0, events(ids)).await;
        }
        storage.close().await;
        drop(storage);
        let storage = home.open().await;
        assert_eq!(storage.tail.head(), 10_000);
        written(&storage.events, "later", 0, events([900_001])).await;
        let mut after = 0;
        while after < 10_001 {
            for event in storage.tail.next_batch(after, 2_000).await.unwrap() {
                assert_eq!(event.position, after + 1);
                after += 1;
            }
        }
        storage.close().await;
    }
}

#[tokio::test]
async fn what_is_handed_over_is_what_the_store_holds() {
    for home in homes().await {
        let storage = home.open().await;
        written(&storage.events, "queue-центр~2026-11-20", 0, events([1, 2, 3])).await;
        let followed = storage.tail.next_batch(0, 10).await.unwrap();
        let read = storage.events.read_all(0, 10).await.unwrap();
        assert_eq!(followed.iter().map(|it| (**it).clone()).collect::<Vec<_>>(), read);
        storage.close().await;
    }
}

#[tokio::test]
async fn a_reader_of_an_embedded_store_follows_its_owner() {
    let home = Home::sqlite();
    let owner = home.open().await;
    written(&owner.events, "s", 0, events([1])).await;
    let reader = Storage::open(&home.url(), Access::ReadOnly, Some(master())).await.unwrap();
    assert_eq!(reader.tail.head(), 1);
    written(&owner.events, "s", 1, events([2])).await;
    let batch = timeout(SOON, reader.tail.next_batch(1, 10)).await.unwrap().unwrap();
    assert_eq!(batch[0].position, 2);
    owner.close().await;
}
