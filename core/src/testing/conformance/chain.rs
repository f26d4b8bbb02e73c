//! Each stream is a chain of hashes that anybody can verify from the events alone.

use super::{Store, events, is_conflict, stream, written};
use crate::{event_store::Head, seal};

pub async fn every_event_carries_its_seal(store: &Store) {
    written(store, "s", 0, events([1, 2])).await;
    written(store, "s", 2, events([3])).await;
    let read = store.read_stream(&stream("s"), 0, 10).await.unwrap();
    assert!(read.iter().all(seal::holds));
    let mut forged = read[1].clone();
    forged.data = bytes::Bytes::from_static(b"{}");
    assert!(!seal::holds(&forged));
}

pub async fn a_stream_begins_after_zero_bytes(store: &Store) {
    written(store, "a", 0, events([1])).await;
    written(store, "b", 0, events([2])).await;
    for name in ["a", "b"] {
        assert_eq!(store.read_stream(&stream(name), 0, 1).await.unwrap()[0].prev_hash, [0; 32]);
    }
}

pub async fn each_event_follows_the_one_before(store: &Store) {
    written(store, "s", 0, events([1, 2])).await;
    written(store, "other", 0, events([3])).await;
    written(store, "s", 2, events([4])).await;
    let read = store.read_stream(&stream("s"), 0, 10).await.unwrap();
    assert!(read.windows(2).all(|pair| pair[1].prev_hash == pair[0].hash));
}

pub async fn the_head_is_the_seal_of_the_last_event(store: &Store) {
    let (_, answered) = written(store, "s", 0, events([1, 2])).await;
    let last = store.read_stream(&stream("s"), 1, 1).await.unwrap().remove(0);
    assert_eq!(answered, Head { version: 2, hash: last.hash, recorded_at: last.recorded_at });
    assert_eq!(store.head(&stream("s")).await.unwrap(), answered);
}

pub async fn a_chain_can_be_foretold(store: &Store) {
    let mut hash = [0; 32];
    for (event, version) in events(1..=5).iter().zip(1..) {
        hash = seal::seal(&hash, &stream("s"), version, event);
    }
    written(store, "s", 0, events([1, 2, 3])).await;
    let (_, head) = written(store, "s", 3, events([4, 5])).await;
    assert_eq!(head.hash, hash);
}

pub async fn a_chain_goes_on_through_conflicts_and_repeats(store: &Store) {
    written(store, "s", 0, events([1])).await;
    assert!(is_conflict(&store.append(&stream("s"), 0, events([2])).await));
    assert!(store.append(&stream("s"), 0, events([1])).await.is_ok());
    written(store, "s", 1, events([3])).await;
    let read = store.read_stream(&stream("s"), 0, 10).await.unwrap();
    assert_eq!(read[1].prev_hash, read[0].hash);
}
