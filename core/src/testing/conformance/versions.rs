//! A stream moves on only from where its writer believed it to be.

use std::collections::BTreeSet;

use tokio::task::JoinSet;

use super::{Store, events, is_conflict, stream, whole, written};
use crate::event_store::{Appended, StoreError};

pub async fn a_stale_version_conflicts(store: &Store) {
    written(store, "s", 0, events([1, 2])).await;
    assert!(is_conflict(&store.append(&stream("s"), 1, events([3])).await));
}

pub async fn a_version_of_the_future_conflicts(store: &Store) {
    written(store, "s", 0, events([1])).await;
    assert!(is_conflict(&store.append(&stream("s"), 2, events([2])).await));
    assert!(is_conflict(&store.append(&stream("s"), u64::MAX, events([2])).await));
}

pub async fn events_expected_of_an_absent_stream_conflict(store: &Store) {
    assert!(is_conflict(&store.append(&stream("s"), 1, events([1])).await));
    assert_eq!(store.head(&stream("s")).await.unwrap().version, 0);
}

pub async fn an_existing_stream_expected_absent_conflicts(store: &Store) {
    written(store, "s", 0, events([1])).await;
    assert!(is_conflict(&store.append(&stream("s"), 0, events([2])).await));
}

pub async fn a_conflict_writes_nothing(store: &Store) {
    let (_, head) = written(store, "s", 0, events([1])).await;
    assert!(is_conflict(&store.append(&stream("s"), 0, events([2, 3])).await));
    assert_eq!(store.head(&stream("s")).await.unwrap(), head);
    assert_eq!(whole(store).await.len(), 1);
}

pub async fn the_ids_of_a_conflict_stay_free(store: &Store) {
    written(store, "s", 0, events([1])).await;
    assert!(is_conflict(&store.append(&stream("s"), 0, events([2])).await));
    let (_, head) = written(store, "s", 1, events([2])).await;
    assert_eq!(head.version, 2);
}

pub async fn streams_count_their_own_versions(store: &Store) {
    written(store, "a", 0, events([1, 2])).await;
    written(store, "b", 0, events([3])).await;
    let (_, a) = written(store, "a", 2, events([4])).await;
    let (_, b) = written(store, "b", 1, events([5])).await;
    assert_eq!((a.version, b.version), (3, 2));
}

/// Sends single-event appends to one stream at once, all expecting `expected`; gives the outcomes.
async fn race(store: &Store, expected: u64, ids: std::ops::Range<u128>) -> Vec<Result<Appended, StoreError>> {
    let mut writers = JoinSet::new();
    for id in ids {
        let store = store.clone();
        writers.spawn(async move { store.append(&stream("s"), expected, events([id])).await });
    }
    writers.join_all().await
}

pub async fn of_racing_writers_one_wins(store: &Store) {
    written(store, "s", 0, events([1])).await;
    let outcomes = race(store, 1, 10..42).await;
    assert_eq!(outcomes.iter().filter(|it| it.is_ok()).count(), 1);
    assert_eq!(outcomes.iter().filter(|it| is_conflict(it)).count(), 31);
    assert_eq!(store.head(&stream("s")).await.unwrap().version, 2);
}

pub async fn of_racing_founders_one_wins(store: &Store) {
    let outcomes = race(store, 0, 10..42).await;
    assert_eq!(outcomes.iter().filter(|it| it.is_ok()).count(), 1);
    assert_eq!(outcomes.iter().filter(|it| is_conflict(it)).count(), 31);
}

pub async fn racing_writers_that_try_again_all_get_through(store: &Store) {
    let mut writers = JoinSet::new();
    for writer in 0..8 {
        let store = store.clone();
        writers.spawn(async move {
            for id in (1..=20).map(|number| writer * 100 + number) {
                loop {
                    let version = store.head(&stream("s")).await.unwrap().version;
                    match store.append(&stream("s"), version, events([id])).await {
                        Ok(_) => break,
                        Err(StoreError::Conflict) => {}
                        Err(error) => panic!("{error:?}"),
                    }
                }
            }
        });
    }
    writers.join_all().await;
    let log = whole(store).await;
    assert_eq!(log.len(), 160);
    assert_eq!(log.iter().map(|it| it.event_id).collect::<BTreeSet<_>>().len(), 160);
}
