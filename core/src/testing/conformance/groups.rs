//! Appends that arrive together may be written together, but each stands or falls alone.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use super::{Store, event, events, is_conflict, is_foreign, is_malformed, stream, whole, written};
use crate::event_store::{Appended, NewEvent, StoreError, Version};

type Outcome = Result<Appended, StoreError>;

/// Sends every append at once; gives the outcomes by the appends' numbers.
async fn at_once(store: &Store, appends: Vec<(String, Version, Vec<NewEvent>)>) -> Vec<Outcome> {
    let mut callers = JoinSet::new();
    for (number, (name, expected, events)) in appends.into_iter().enumerate() {
        let store = store.clone();
        callers.spawn(async move { (number, store.append(&stream(&name), expected, events).await) });
    }
    let outcomes: BTreeMap<usize, Outcome> = callers.join_all().await.into_iter().collect();
    outcomes.into_values().collect()
}

fn is_written(outcome: &Outcome) -> bool {
    matches!(outcome, Ok(Appended::At(..)))
}

/// A hundred good appends; every tenth is replaced by `bad`. Gives the outcomes of the good and of the bad.
async fn among_neighbours(
    store: &Store,
    bad: impl Fn(u128) -> (String, Version, Vec<NewEvent>),
) -> (Vec<Outcome>, Vec<Outcome>) {
    let good = |number: u128| (format!("good-{number}"), 0, events([10_000 + number, 20_000 + number]));
    let appends = (0..100).map(|number| if number % 10 == 5 { bad(number) } else { good(number) }).collect();
    let mut outcomes = (Vec::new(), Vec::new());
    for (number, outcome) in at_once(store, appends).await.into_iter().enumerate() {
        if number % 10 == 5 { outcomes.1.push(outcome) } else { outcomes.0.push(outcome) }
    }
    assert_eq!((outcomes.0.len(), outcomes.1.len()), (90, 10));
    outcomes
}

pub async fn many_streams_at_once_all_get_through(store: &Store) {
    let appends = (0..700).map(|number| (format!("s-{number}"), 0, events([number + 1]))).collect();
    assert!(at_once(store, appends).await.iter().all(is_written));
    assert_eq!(whole(store).await.len(), 700);
}

pub async fn appends_that_follow_each_other_at_once_all_get_through(store: &Store) {
    let s = stream("s");
    let append = |version: u64| store.append(&s, version, events([u128::from(version) + 1]));
    // Polled in this order, so queued in this order, long before the first is answered.
    let outcomes = tokio::join!(append(0), append(1), append(2), append(3), append(4), append(5));
    let versions =
        [outcomes.0, outcomes.1, outcomes.2, outcomes.3, outcomes.4, outcomes.5].map(|it| match it {
            Ok(Appended::At(_, head)) => head.version,
            other => panic!("{other:?}"),
        });
    assert_eq!(versions, [1, 2, 3, 4, 5, 6]);
}

pub async fn a_conflict_harms_no_neighbour(store: &Store) {
    written(store, "moved", 0, events([1, 2])).await;
    let (good, bad) = among_neighbours(store, |number| ("moved".into(), 1, events([100 + number]))).await;
    assert!(good.iter().all(is_written));
    assert!(bad.iter().all(is_conflict), "{bad:?}");
}

pub async fn a_repeat_harms_no_neighbour(store: &Store) {
    let (position, _) = written(store, "known", 0, events([1, 2])).await;
    let (good, bad) = among_neighbours(store, |number| {
        // Some repeats look stale, some look as if they were to follow.
        ("known".into(), if number < 50 { 0 } else { 2 }, events([1, 2]))
    })
    .await;
    assert!(good.iter().all(is_written));
    assert!(bad.iter().all(|it| matches!(it, Ok(Appended::Duplicate(at)) if *at == position)), "{bad:?}");
}

pub async fn a_foreign_id_harms_no_neighbour(store: &Store) {
    written(store, "owner", 0, events([1])).await;
    let (good, bad) =
        among_neighbours(store, |number| (format!("thief-{number}"), 0, events([500 + number, 1]))).await;
    assert!(good.iter().all(is_written));
    assert!(bad.iter().all(is_foreign), "{bad:?}");
    assert_eq!(whole(store).await.len(), 181);
}

pub async fn a_malformed_append_harms_no_neighbour(store: &Store) {
    let (good, bad) = among_neighbours(store, |number| (format!("empty-{number}"), 0, Vec::new())).await;
    assert!(good.iter().all(is_written));
    assert!(bad.iter().all(is_malformed), "{bad:?}");
}

pub async fn large_and_small_go_in_together(store: &Store) {
    let large = |number: u128| {
        let mut event = event(500 + number);
        event.data = vec![b'x'; 700_000].into();
        (format!("large-{number}"), 0, vec![event])
    };
    let (good, bad) = among_neighbours(store, large).await;
    assert!(good.iter().chain(&bad).all(is_written));
}

pub async fn a_caller_that_goes_away_harms_nobody(store: &Store) {
    let mut staying = JoinSet::new();
    let mut leaving = Vec::new();
    for number in 0..200_u128 {
        let store = store.clone();
        let append =
            async move { store.append(&stream(&format!("s-{number}")), 0, events([number + 1])).await };
        if number % 2 == 0 {
            staying.spawn(append);
        } else {
            leaving.push(tokio::spawn(append));
        }
        if number % 7 == 0 {
            tokio::task::yield_now().await;
        }
    }
    leaving.iter().for_each(tokio::task::JoinHandle::abort);
    assert!(staying.join_all().await.iter().all(is_written));
    // Whoever comes later is served as well, in the streams of those who left too.
    for number in (1..200_u64).step_by(2) {
        let name = format!("s-{number}");
        let outcome = store.append(&stream(&name), 0, events([u128::from(number) + 1])).await.unwrap();
        assert!(matches!(outcome, Appended::At(..) | Appended::Duplicate(_)));
    }
    assert_eq!(whole(store).await.len(), 200);
}

pub async fn an_append_whose_caller_went_away_is_whole_or_absent(store: &Store) {
    for round in 0..40_u128 {
        let append = tokio::spawn({
            let store = store.clone();
            let ids = round * 10 + 1..round * 10 + 6;
            async move { store.append(&stream(&format!("s-{round}")), 0, events(ids)).await }
        });
        for _ in 0..round % 8 {
            tokio::task::yield_now().await;
        }
        append.abort();
    }
    // Queued behind all of them, and answered after them.
    written(store, "last", 0, events([9_999])).await;
    for round in 0..40 {
        let found = store.read_stream(&stream(&format!("s-{round}")), 0, 10).await.unwrap().len();
        assert!(found == 0 || found == 5, "{found} of 5 events");
    }
}
