//! Positions without gaps, for the stores that promise them.

use tokio::task::JoinSet;

use super::{Store, events, is_conflict, is_foreign, stream, whole, written};

async fn assert_dense(store: &Store, count: u64) {
    let positions: Vec<_> = whole(store).await.iter().map(|it| it.position).collect();
    assert_eq!(positions, (1..=count).collect::<Vec<_>>());
}

pub async fn positions_count_from_one(store: &Store) {
    let (first, _) = written(store, "a", 0, events([1, 2])).await;
    let (second, _) = written(store, "b", 0, events([3])).await;
    assert_eq!((first, second), (2, 3));
    assert_dense(store, 3).await;
}

pub async fn what_is_refused_leaves_no_gap(store: &Store) {
    written(store, "a", 0, events([1])).await;
    assert!(is_conflict(&store.append(&stream("a"), 0, events([2])).await));
    assert!(is_foreign(&store.append(&stream("b"), 0, events([3, 1])).await));
    assert!(store.append(&stream("a"), 0, events([1])).await.is_ok());
    let (position, _) = written(store, "a", 1, events([4])).await;
    assert_eq!(position, 2);
    assert_dense(store, 2).await;
}

pub async fn writers_at_once_leave_no_gap(store: &Store) {
    let mut writers = JoinSet::new();
    for writer in 0..16_u128 {
        let store = store.clone();
        writers.spawn(async move {
            for number in 0..20 {
                let id = writer * 1_000 + u128::from(number) + 1;
                let name = format!("s-{writer}");
                written(&store, &name, number, events([id])).await;
                assert!(is_conflict(&store.append(&stream(&name), number, events([id + 500])).await));
            }
        });
    }
    writers.join_all().await;
    assert_dense(store, 320).await;
}
