//! Readers see everything once, in order, as soon as it was answered.

use tokio::task::JoinSet;

use super::{Store, event, events, stream, whole, written};
use crate::event_store::Head;

pub async fn an_absent_stream_is_empty(store: &Store) {
    assert_eq!(store.head(&stream("nobody")).await.unwrap(), Head::default());
    assert!(store.read_stream(&stream("nobody"), 0, 10).await.unwrap().is_empty());
}

pub async fn a_stream_is_read_in_order(store: &Store) {
    written(store, "s", 0, events([3, 1])).await;
    written(store, "s", 2, events([2])).await;
    let read = store.read_stream(&stream("s"), 0, 10).await.unwrap();
    assert_eq!(read.iter().map(|it| it.version).collect::<Vec<_>>(), [1, 2, 3]);
    let ids: Vec<_> = read.iter().map(|it| it.event_id).collect();
    assert_eq!(ids, [event(3).event_id, event(1).event_id, event(2).event_id]);
}

pub async fn a_stream_is_read_in_pages(store: &Store) {
    written(store, "s", 0, events(1..=25)).await;
    let mut versions = Vec::new();
    loop {
        let after = versions.last().copied().unwrap_or(0);
        let page = store.read_stream(&stream("s"), after, 10).await.unwrap();
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 10);
        versions.extend(page.iter().map(|it| it.version));
    }
    assert_eq!(versions, (1..=25).collect::<Vec<_>>());
}

pub async fn nothing_comes_after_the_end_of_a_stream(store: &Store) {
    written(store, "s", 0, events([1, 2])).await;
    for after in [2, 3, u64::MAX] {
        assert!(store.read_stream(&stream("s"), after, 10).await.unwrap().is_empty(), "after {after}");
    }
}

pub async fn streams_with_names_alike_are_read_apart(store: &Store) {
    for (name, id) in [("queue-a", 1), ("queue-a~1", 2), ("queue-a%", 3), ("queue-_", 4), ("QUEUE-A", 5)] {
        written(store, name, 0, events([id])).await;
        let read = store.read_stream(&stream(name), 0, 10).await.unwrap();
        assert_eq!((read.len(), read[0].event_id), (1, event(id).event_id), "{name}");
    }
}

pub async fn the_log_is_read_in_pages(store: &Store) {
    for (name, first) in [("a", 1), ("b", 11), ("c", 21)] {
        written(store, name, 0, events(first..first + 10)).await;
    }
    for limit in [1, 7, 30, 31] {
        let mut seen = Vec::new();
        let mut after = 0;
        loop {
            let page = store.read_all(after, limit).await.unwrap();
            let Some(last) = page.last() else { break };
            assert!(page.len() <= limit as usize);
            after = last.position;
            seen.extend(page.iter().map(|it| it.event_id));
        }
        assert_eq!(seen, events(1..=30).iter().map(|it| it.event_id).collect::<Vec<_>>(), "by {limit}");
    }
}

pub async fn nothing_comes_after_the_end_of_the_log(store: &Store) {
    assert!(store.read_all(0, 10).await.unwrap().is_empty());
    let (end, _) = written(store, "s", 0, events([1, 2])).await;
    for after in [end, end + 1, u64::MAX] {
        assert!(store.read_all(after, 10).await.unwrap().is_empty(), "after {after}");
    }
}

pub async fn a_limit_of_nothing_gives_nothing(store: &Store) {
    written(store, "s", 0, events([1])).await;
    assert!(store.read_all(0, 0).await.unwrap().is_empty());
    assert!(store.read_stream(&stream("s"), 0, 0).await.unwrap().is_empty());
}

pub async fn the_log_holds_streams_in_the_order_of_their_appends(store: &Store) {
    written(store, "b", 0, events([1])).await;
    written(store, "a", 0, events([2])).await;
    written(store, "b", 1, events([3])).await;
    let log = whole(store).await;
    assert_eq!(log.iter().map(|it| it.stream.as_str()).collect::<Vec<_>>(), ["b", "a", "b"]);
    assert_eq!(log.iter().map(|it| it.version).collect::<Vec<_>>(), [1, 1, 2]);
}

pub async fn a_stream_and_the_log_tell_the_same(store: &Store) {
    written(store, "a", 0, events([1, 2])).await;
    written(store, "b", 0, events([3])).await;
    written(store, "a", 2, events([4])).await;
    let from_log: Vec<_> = whole(store).await.into_iter().filter(|it| it.stream == stream("a")).collect();
    assert_eq!(store.read_stream(&stream("a"), 0, 10).await.unwrap(), from_log);
}

pub async fn an_answered_append_is_visible_at_once(store: &Store) {
    for version in 0..50 {
        let (position, head) = written(store, "s", version, events([u128::from(version) + 1])).await;
        assert_eq!(store.head(&stream("s")).await.unwrap(), head);
        assert_eq!(store.read_stream(&stream("s"), version, 10).await.unwrap().len(), 1);
        let log = store.read_all(position - 1, 10).await.unwrap();
        assert_eq!((log.len(), log[0].position), (1, position));
    }
}

pub async fn a_reader_beside_writers_skips_nothing(store: &Store) {
    let mut writers = JoinSet::new();
    for writer in 0..8_u128 {
        let store = store.clone();
        writers.spawn(async move {
            for number in 0..40 {
                let id = writer * 1_000 + u128::from(number) + 1;
                written(&store, &format!("s-{writer}"), number, events([id])).await;
            }
        });
    }
    let reader = tokio::spawn({
        let store = store.clone();
        async move {
            let mut seen = Vec::new();
            while seen.len() < 320 {
                let after = seen.last().copied().unwrap_or(0);
                let page = store.read_all(after, 13).await.unwrap();
                seen.extend(page.iter().map(|it| it.position));
                tokio::task::yield_now().await;
            }
            seen
        }
    });
    writers.join_all().await;
    let seen = reader.await.unwrap();
    assert_eq!(seen, whole(store).await.iter().map(|it| it.position).collect::<Vec<_>>());
}

pub async fn the_log_has_an_id_of_its_own(store: &Store) {
    assert!(!store.log_id().is_nil());
    assert_eq!(store.log_id(), store.log_id());
}
