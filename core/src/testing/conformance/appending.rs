//! What goes in comes out, and what cannot go in leaves nothing behind.

use bytes::Bytes;

use super::{Store, event, events, is_foreign, is_malformed, stream, whole, written};
use crate::event_store::{Appended, NewEvent};

pub async fn the_first_append_begins_the_stream(store: &Store) {
    let (position, head) = written(store, "queue-a~2026-11-20", 0, events([1])).await;
    assert!(position > 0);
    assert_eq!(head.version, 1);
    let read = store.read_stream(&stream("queue-a~2026-11-20"), 0, 10).await.unwrap();
    assert_eq!((read.len(), read[0].version, read[0].position), (1, 1, position));
}

pub async fn an_append_answers_with_its_last_position_and_the_new_head(store: &Store) {
    let (position, head) = written(store, "s", 0, events([1, 2, 3])).await;
    let read = store.read_stream(&stream("s"), 0, 10).await.unwrap();
    assert_eq!(position, read[2].position);
    assert_eq!((head.version, head.hash, head.recorded_at), (3, read[2].hash, read[2].recorded_at));
    assert_eq!(store.head(&stream("s")).await.unwrap(), head);
}

pub async fn an_append_follows_the_one_before(store: &Store) {
    let (first, _) = written(store, "s", 0, events([1, 2])).await;
    let (second, head) = written(store, "s", 2, events([3])).await;
    assert!(second > first);
    assert_eq!(head.version, 3);
}

pub async fn a_thousand_events_go_in_at_once(store: &Store) {
    let (_, head) = written(store, "s", 0, events(1..=1_000)).await;
    assert_eq!(head.version, 1_000);
    let ids: Vec<_> = whole(store).await.iter().map(|it| it.event_id).collect();
    assert_eq!(ids, events(1..=1_000).iter().map(|it| it.event_id).collect::<Vec<_>>());
}

pub async fn nothing_of_a_refused_append_is_written(store: &Store) {
    written(store, "other", 0, events([2])).await;
    assert!(is_foreign(&store.append(&stream("s"), 0, events([1, 2, 3])).await));
    assert_eq!(whole(store).await.len(), 1);
    assert_eq!(store.head(&stream("s")).await.unwrap().version, 0);
}

pub async fn an_empty_append_is_refused(store: &Store) {
    assert!(is_malformed(&store.append(&stream("s"), 0, Vec::new()).await));
    assert!(whole(store).await.is_empty());
}

pub async fn an_id_twice_in_one_append_is_refused(store: &Store) {
    assert!(is_malformed(&store.append(&stream("s"), 0, events([1, 2, 1])).await));
    assert!(whole(store).await.is_empty());
}

pub async fn a_stream_without_a_name_is_refused(store: &Store) {
    assert!(is_malformed(&store.append(&stream(""), 0, events([1])).await));
}

pub async fn a_name_too_long_is_refused(store: &Store) {
    assert!(is_malformed(&store.append(&stream(&"я".repeat(201)), 0, events([1])).await));
}

pub async fn a_name_with_nul_is_refused(store: &Store) {
    assert!(is_malformed(&store.append(&stream("queue\0a"), 0, events([1])).await));
}

pub async fn the_longest_name_is_taken(store: &Store) {
    let name = "я".repeat(200);
    written(store, &name, 0, events([1])).await;
    assert_eq!(whole(store).await[0].stream, stream(&name));
}

/// Appends one event as changed by `change` and gives what comes back.
async fn there_and_back(store: &Store, change: impl FnOnce(&mut NewEvent)) -> NewEvent {
    let mut sent = event(1);
    change(&mut sent);
    written(store, "s", 0, vec![sent.clone()]).await;
    let read = store.read_stream(&stream("s"), 0, 1).await.unwrap().remove(0);
    assert_eq!(&*read.kind, sent.kind);
    let back = NewEvent {
        event_id: read.event_id,
        kind: sent.kind,
        schema_version: read.schema_version,
        occurred_at: read.occurred_at,
        recorded_at: read.recorded_at,
        data: read.data,
        meta: read.meta,
    };
    assert_eq!(back, sent);
    back
}

pub async fn bytes_come_back_as_given(store: &Store) {
    there_and_back(store, |event| {
        event.data = Bytes::from_static(b" { \"b\" : 1.0,\n \"a\": \"\\u0416\" } ");
        event.meta = Bytes::from_static(b"{\"z\":1,\"z\":2}");
    })
    .await;
}

pub async fn every_byte_comes_back_as_given(store: &Store) {
    let back = there_and_back(store, |event| event.data = (0..=255).collect()).await;
    assert_eq!(back.data.len(), 256);
}

pub async fn empty_bodies_come_back(store: &Store) {
    there_and_back(store, |event| (event.data, event.meta) = (Bytes::new(), Bytes::new())).await;
}

pub async fn unicode_names_come_back(store: &Store) {
    let name = "queue-почта-№1~2026-11-20 🎫";
    let mut sent = event(1);
    sent.kind = "талон.выдан";
    written(store, name, 0, vec![sent]).await;
    let read = store.read_stream(&stream(name), 0, 1).await.unwrap();
    assert_eq!((read[0].stream.as_str(), &*read[0].kind), (name, "талон.выдан"));
}

pub async fn names_that_only_look_alike_are_different(store: &Store) {
    let names = ["caf\u{e9}", "cafe\u{301}", "CAF\u{c9}", "caf\u{e9} ", " caf\u{e9}"];
    for (name, id) in names.iter().zip(1..) {
        let (_, head) = written(store, name, 0, events([id])).await;
        assert_eq!(head.version, 1, "{name:?}");
    }
    for name in names {
        assert_eq!(store.read_stream(&stream(name), 0, 10).await.unwrap().len(), 1, "{name:?}");
    }
}

pub async fn a_mebibyte_comes_back(store: &Store) {
    let back = there_and_back(store, |event| event.data = vec![b'x'; 1 << 20].into()).await;
    assert_eq!(back.data.len(), 1 << 20);
}

pub async fn an_append_larger_than_any_group_goes_in(store: &Store) {
    let mut large = events(1..=5);
    for event in &mut large {
        event.data = vec![b'x'; 1 << 20].into();
    }
    let outcome = store.append(&stream("s"), 0, large).await.unwrap();
    assert!(matches!(outcome, Appended::At(_, head) if head.version == 5));
}

pub async fn both_times_are_kept(store: &Store) {
    there_and_back(store, |event| {
        event.occurred_at = -62_135_596_800_000_001;
        event.recorded_at = 253_402_300_799_999_999;
    })
    .await;
    assert_eq!(store.head(&stream("s")).await.unwrap().recorded_at, 253_402_300_799_999_999);
}

pub async fn the_schema_version_is_kept(store: &Store) {
    there_and_back(store, |event| event.schema_version = u16::MAX).await;
}
