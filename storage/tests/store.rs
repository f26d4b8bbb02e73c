//! The stores through their port, and through their tail.

mod support;

use bytes::Bytes;
use support::homes;
use talon_core::{
    event_store::{Appended, NewEvent, StoreError, StreamId},
    seal,
};
use uuid::Uuid;

fn event(id: u128) -> NewEvent {
    NewEvent {
        event_id: Uuid::from_u128(id),
        kind: "ticket.issued",
        schema_version: 1,
        occurred_at: 1,
        recorded_at: 2,
        data: Bytes::from_static(b"{}"),
        meta: Bytes::from_static(b"{}"),
    }
}

#[tokio::test]
async fn what_is_appended_is_read_and_followed() {
    for home in homes().await {
        let storage = home.open().await;
        let stream = StreamId::new("queue-центр~2026-11-20");
        let appended = storage.events.append(&stream, 0, vec![event(1), event(2)]).await.unwrap();
        let Appended::At(2, head) = appended else { panic!("{appended:?}") };
        assert_eq!(storage.events.head(&stream).await.unwrap(), head);
        assert!(matches!(storage.events.append(&stream, 0, vec![event(3)]).await, Err(StoreError::Conflict)));
        let again = storage.events.append(&stream, 0, vec![event(1), event(2)]).await.unwrap();
        assert_eq!(again, Appended::Duplicate(2));
        let elsewhere = storage.events.append(&StreamId::new("x"), 0, vec![event(2)]).await;
        assert!(matches!(elsewhere, Err(StoreError::ForeignDuplicate)), "{elsewhere:?}");
        let read = storage.events.read_stream(&stream, 0, 10).await.unwrap();
        assert_eq!(read.len(), 2);
        assert!(read.iter().all(seal::holds));
        let followed = storage.tail.next_batch(1, 10).await.unwrap();
        assert_eq!(*followed[0], read[1]);
        storage.close().await;
    }
}
