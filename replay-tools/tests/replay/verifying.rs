//! The chain and whoever breaks it; export and timeline.

use std::sync::Arc;

use chrono::DateTime;
use talon_core::{
    event_store::{EventStore, NewEvent, Recorded, StreamId},
    ids::{BranchId, ClassId, ServiceId, TicketId},
    queue_day::event::{Channel, Place, TicketIssued},
    queue_event::QueueEvent,
};
use talon_replay::{
    export::{Selection, export},
    progress::Progress,
    timeline::{TimelineError, Which, timeline},
    verify::{Flaw, Report, verify},
};
use uuid::Uuid;

use crate::{hall::import, store::Log};

async fn hall() -> Arc<Log> {
    let log = Arc::new(Log::default());
    let rows: String = (0..60)
        .map(|i| {
            format!("t{i},b{},S,0,,2016-08-01T09:00:00,,,,abandoned,,2016-08-01T09:10:{i:02},q\n", i % 3)
        })
        .collect();
    import(&log, &rows, &[]).await.unwrap();
    log
}

async fn report(log: &Arc<Log>) -> Report {
    let store: Arc<dyn EventStore> = Arc::clone(log) as _;
    verify(&store, &Progress::silent()).await.unwrap()
}

#[tokio::test]
async fn an_honest_log_holds() {
    let found = report(&hall().await).await;
    assert_eq!((found.events, found.streams, found.last_position, found.broken), (123, 4, 123, None));
}

#[tokio::test]
async fn whatever_was_changed_is_named_at_its_place() {
    type Change = fn(&mut Vec<Recorded>);
    let changes: [(Change, u64, Flaw); 9] = [
        (|log| log[60].data = log[61].data.clone(), 61, Flaw::Seal),
        (|log| log[60].meta = "{}".into(), 61, Flaw::Seal),
        (|log| log[60].occurred_at += 1, 61, Flaw::Seal),
        (|log| log[60].event_id = log[61].event_id, 61, Flaw::Seal),
        (|log| log[60].hash[0] ^= 1, 61, Flaw::Seal),
        (|log| log[60].prev_hash[31] ^= 1, 61, Flaw::Link),
        (|log| drop(log.remove(60)), 62, Flaw::Position { after: 60 }),
        (
            |log| {
                log.remove(60);
                (60..).zip(&mut log[60..]).for_each(|(at, fact)| fact.position = at + 1);
            },
            0,
            Flaw::Version { after: 0 },
        ),
        (|log| log.truncate(120), 120, Flaw::End { remembered: 40 }),
    ];
    for (change, position, flaw) in changes {
        let log = hall().await;
        log.tamper(change);
        let broken = report(&log).await.broken.expect("a broken log");
        match flaw {
            // Which version is missing depends on the stream; that one is, and where, does not.
            Flaw::Version { .. } => {
                assert!(matches!(broken.flaw, Flaw::Version { after } if broken.version == after + 2));
                assert!(broken.position > 60);
            }
            _ => assert_eq!((broken.position, broken.flaw), (position, flaw)),
        }
    }
}

#[tokio::test]
async fn an_export_holds_what_every_seal_needs() {
    let log = hall().await;
    let store: Arc<dyn EventStore> = Arc::clone(&log) as _;
    let mut lines = Vec::new();
    let all = Selection::default();
    assert_eq!(export(&store, &all, &mut lines, &Progress::silent()).await.unwrap(), 123);
    let facts = log.facts();
    let text = String::from_utf8(lines).unwrap();
    assert_eq!(text.lines().count(), facts.len());
    for (line, fact) in text.lines().zip(&facts) {
        let read: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(read["position"], fact.position);
        assert_eq!(read["hash"], hex::encode(fact.hash));
        assert!(line.contains(std::str::from_utf8(&fact.data).unwrap()), "data byte for byte");
        assert!(line.contains(std::str::from_utf8(&fact.meta).unwrap()), "meta byte for byte");
    }
    let tail = Selection { after: 120, stream: None };
    assert_eq!(export(&store, &tail, &mut Vec::new(), &Progress::silent()).await.unwrap(), 3);
    let day = Selection { after: 0, stream: Some(facts[10].stream.clone()) };
    assert_eq!(export(&store, &day, &mut Vec::new(), &Progress::silent()).await.unwrap(), 40);
}

#[tokio::test]
async fn a_ticket_of_a_living_branch_is_found_by_the_number_it_was_given() {
    let log = Arc::new(Log::default());
    let stream = StreamId::new("queue-centre~2026-03-10");
    let issued = |number: &str, id: u128| {
        let (ticket, at) = (Uuid::from_u128(id), DateTime::from_timestamp(1_773_000_000, 0).unwrap());
        let event = QueueEvent::from(TicketIssued {
            ticket: TicketId(ticket),
            number: Some(number.into()),
            letter: number.chars().next(),
            seq: Some(1),
            services: vec![ServiceId::trusted("s")],
            class: ClassId::trusted("standard"),
            class_reason: None,
            channel: Channel::Kiosk,
            remote: false,
            party_size: 1,
            language: None,
            booking_id: None,
            slot_start: None,
            customer_ref: None,
            kiosk: None,
            not_before: None,
            place: Place { reference: at, due_at: at },
            quote: None,
        });
        let meta = serde_json::json!({
            "command_id": ticket, "command_hash": "", "correlation_id": ticket, "time_zone": "Europe/Moscow",
            "actor": { "kind": "device", "id": "kiosk-1", "role": "device" },
        });
        NewEvent {
            event_id: Uuid::from_u128(id + 100),
            kind: event.wire().0,
            schema_version: 1,
            occurred_at: at.timestamp_micros(),
            recorded_at: at.timestamp_micros() + i64::try_from(id).unwrap(),
            data: event.data(),
            meta: meta.to_string().into(),
        }
    };
    log.append(&stream, 0, vec![issued("А104", 1), issued("А105", 2)]).await.unwrap();
    let store: Arc<dyn EventStore> = Arc::clone(&log) as _;
    let ask = |number: &str| Which::Number {
        number: number.into(),
        branch: BranchId::trusted("centre"),
        date: "2026-03-10".parse().unwrap(),
    };
    let told = timeline(&store, &ask("a 105"), &Progress::silent()).await.unwrap();
    assert_eq!(told.ticket, TicketId(Uuid::from_u128(2)));
    assert_eq!(told.moments.len(), 1);
    assert_eq!(told.moments[0].local_time.unwrap().to_string(), "2026-03-08 23:00:00");
    let unknown = timeline(&store, &ask("А106"), &Progress::silent()).await;
    assert!(matches!(unknown, Err(TimelineError::NoSuchTicket)));
}
