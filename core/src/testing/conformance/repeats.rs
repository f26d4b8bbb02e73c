//! The same event sent again is the same event.

use tokio::task::JoinSet;

use super::{Store, events, is_foreign, stream, whole, written};
use crate::event_store::{Appended, StoreError};

pub async fn a_repeat_is_recognised_and_writes_nothing(store: &Store) {
    let (position, head) = written(store, "s", 0, events([1])).await;
    let repeat = store.append(&stream("s"), 0, events([1])).await.unwrap();
    assert_eq!(repeat, Appended::Duplicate(position));
    assert_eq!(store.head(&stream("s")).await.unwrap(), head);
    assert_eq!(whole(store).await.len(), 1);
}

pub async fn a_repeat_is_recognised_whatever_version_it_expects(store: &Store) {
    let (position, _) = written(store, "s", 0, events([1])).await;
    for expected in [1, 0, 7] {
        let repeat = store.append(&stream("s"), expected, events([1])).await.unwrap();
        assert_eq!(repeat, Appended::Duplicate(position), "expecting {expected}");
    }
}

pub async fn a_repeat_of_many_answers_with_the_last_position(store: &Store) {
    let (position, _) = written(store, "s", 0, events([1, 2, 3])).await;
    let repeat = store.append(&stream("s"), 0, events([1, 2, 3])).await.unwrap();
    assert_eq!(repeat, Appended::Duplicate(position));
    let turned = store.append(&stream("s"), 3, events([3, 2, 1])).await.unwrap();
    assert_eq!(turned, Appended::Duplicate(position));
}

pub async fn a_repeat_is_recognised_after_others_followed(store: &Store) {
    let (position, _) = written(store, "s", 0, events([1, 2])).await;
    written(store, "other", 0, events([3])).await;
    written(store, "s", 2, events([4])).await;
    let repeat = store.append(&stream("s"), 0, events([1, 2])).await.unwrap();
    assert_eq!(repeat, Appended::Duplicate(position));
}

pub async fn a_repeat_of_a_part_is_recognised(store: &Store) {
    written(store, "s", 0, events([1, 2, 3])).await;
    let second = store.read_stream(&stream("s"), 1, 1).await.unwrap()[0].position;
    let repeat = store.append(&stream("s"), 0, events([1, 2])).await.unwrap();
    assert_eq!(repeat, Appended::Duplicate(second));
}

pub async fn ids_of_two_appends_are_a_repeat(store: &Store) {
    written(store, "s", 0, events([1])).await;
    let (position, _) = written(store, "s", 1, events([2])).await;
    let repeat = store.append(&stream("s"), 0, events([1, 2])).await.unwrap();
    assert_eq!(repeat, Appended::Duplicate(position));
}

pub async fn a_repeat_with_something_new_is_refused(store: &Store) {
    written(store, "s", 0, events([1])).await;
    assert!(is_foreign(&store.append(&stream("s"), 1, events([1, 2])).await));
    assert!(is_foreign(&store.append(&stream("s"), 0, events([1, 2])).await));
    assert_eq!(whole(store).await.len(), 1);
}

pub async fn an_id_of_another_stream_is_refused(store: &Store) {
    written(store, "a", 0, events([1])).await;
    assert!(is_foreign(&store.append(&stream("b"), 0, events([1])).await));
    assert_eq!(store.head(&stream("b")).await.unwrap().version, 0);
}

pub async fn ids_of_two_streams_are_refused(store: &Store) {
    written(store, "a", 0, events([1])).await;
    written(store, "b", 0, events([2])).await;
    assert!(is_foreign(&store.append(&stream("a"), 1, events([1, 2])).await));
    assert!(is_foreign(&store.append(&stream("c"), 0, events([1, 2])).await));
}

pub async fn a_stale_append_with_a_foreign_id_is_refused(store: &Store) {
    written(store, "a", 0, events([1])).await;
    written(store, "b", 0, events([2])).await;
    assert!(is_foreign(&store.append(&stream("b"), 0, events([1])).await));
}

pub async fn the_new_ids_of_a_refused_repeat_stay_free(store: &Store) {
    written(store, "a", 0, events([1])).await;
    assert!(is_foreign(&store.append(&stream("b"), 0, events([1, 2])).await));
    let (_, head) = written(store, "b", 0, events([2])).await;
    assert_eq!(head.version, 1);
}

pub async fn one_append_sent_many_times_at_once_is_written_once(store: &Store) {
    let mut callers = JoinSet::new();
    for _ in 0..32 {
        let store = store.clone();
        callers.spawn(async move { store.append(&stream("s"), 0, events([1, 2])).await.unwrap() });
    }
    let outcomes = callers.join_all().await;
    let end = store.read_stream(&stream("s"), 1, 1).await.unwrap()[0].position;
    let written = outcomes.iter().filter(|it| matches!(it, Appended::At(position, _) if *position == end));
    assert_eq!(written.count(), 1, "{outcomes:?}");
    let repeats = outcomes.iter().filter(|it| **it == Appended::Duplicate(end)).count();
    assert_eq!(repeats, 31, "{outcomes:?}");
}

pub async fn one_id_sent_to_two_streams_at_once_is_written_once(store: &Store) {
    for round in 0..20 {
        let id = round + 1;
        let (a, b) = (stream(&format!("a-{round}")), stream(&format!("b-{round}")));
        let (to_a, to_b) = tokio::join!(store.append(&a, 0, events([id])), store.append(&b, 0, events([id])));
        let outcomes = [to_a, to_b];
        assert_eq!(
            outcomes.iter().filter(|it| matches!(it, Ok(Appended::At(..)))).count(),
            1,
            "{outcomes:?}"
        );
        let refused = outcomes.iter().filter(|it| matches!(it, Err(StoreError::ForeignDuplicate)));
        assert_eq!(refused.count(), 1, "{outcomes:?}");
    }
    assert_eq!(whole(store).await.len(), 20);
}
