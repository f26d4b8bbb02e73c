//! Names, clocks, seals and refusals: what everything else stands on.

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use talon_core::{
    event_store::{NewEvent, Recorded, StreamId},
    fact::{Actor, ActorKind, Fact},
    ids::{BranchId, ClassId, CommandId, EventId, OperatorId, ReasonCode, ServiceId, TicketId, WindowId},
    queue_event::Event,
    refusal::Refusal,
    seal,
    testing::samples::NINE_OCLOCK,
    text::LocalText,
    time::{Clock, ManualClock, from_micros, millis_between, to_micros},
};
use uuid::Uuid;

#[test]
fn names_from_outside_are_checked() {
    assert!(BranchId::parse("centre-1").is_ok());
    for odd in ["", "Centre", "центр", "a b", "a~b", &"a".repeat(41)] {
        assert_eq!(BranchId::parse(odd).unwrap_err().what, "branch", "{odd}");
    }
    assert!(ClassId::parse("privileged").is_ok() && ClassId::parse("Privileged").is_err());
    assert!(ReasonCode::parse("no_document").is_ok() && ReasonCode::parse("no document").is_err());
    assert!(WindowId::parse("w-1.a_B").is_ok() && WindowId::parse("w/1").is_err());
}

#[test]
fn derived_ids_are_the_same_for_ever() {
    // A literal: commands derived last year must still be recognised.
    let id = CommandId::derived(&["ticket", "no_show", "1"]);
    assert_eq!(id.to_string(), "0955dcdc-2e5d-5fa6-9a6f-4f77ee78fec8");
    assert_ne!(id, CommandId::derived(&["ticketno_show", "1"]), "parts do not run together");
}

#[test]
fn a_manual_clock_moves_only_when_told_and_its_ids_are_in_order() {
    let clock = ManualClock::at(NINE_OCLOCK);
    let first = clock.new_id();
    clock.advance(TimeDelta::seconds(1));
    let second = clock.new_id();
    assert!(first < second);
    assert_eq!((first.get_version_num(), clock.now()), (7, NINE_OCLOCK + TimeDelta::seconds(1)));
    clock.set(NINE_OCLOCK);
    assert_eq!(clock.now(), NINE_OCLOCK);
}

#[test]
fn instants_are_whole_microseconds_and_durations_whole_milliseconds() {
    let at = NINE_OCLOCK + TimeDelta::nanoseconds(1_999);
    assert_eq!(to_micros(at), NINE_OCLOCK + TimeDelta::microseconds(1));
    assert_eq!(from_micros(NINE_OCLOCK.timestamp_micros()), NINE_OCLOCK);
    assert_eq!(from_micros(i64::MAX), chrono::DateTime::<Utc>::UNIX_EPOCH);
    assert_eq!(millis_between(NINE_OCLOCK, NINE_OCLOCK + TimeDelta::microseconds(2_900)), 2);
    assert_eq!(millis_between(NINE_OCLOCK + TimeDelta::seconds(1), NINE_OCLOCK), -1_000);
}

#[test]
fn text_is_russian_unless_english_is_asked_for() {
    let text = LocalText::new("да", "yes");
    assert_eq!(
        (text.in_language("en-GB"), text.in_language("ru"), text.in_language("fr")),
        ("yes", "да", "да")
    );
}

#[test]
fn somebody_is_who_they_are_in_every_session() {
    let actor = |kind, id: &str, session: Option<&str>| Actor {
        kind,
        id: id.into(),
        role: "operator".into(),
        session: session.map(Into::into),
        window: None,
    };
    let anna = actor(ActorKind::Staff, "anna", None);
    assert!(anna.is(&actor(ActorKind::Staff, "anna", Some("s-2"))));
    assert!(!anna.is(&actor(ActorKind::Device, "anna", None)));
    assert!(!anna.is(&actor(ActorKind::Staff, "boris", None)));
}

fn new_event() -> NewEvent {
    NewEvent {
        event_id: Uuid::from_u128(1),
        kind: "ticket.expired",
        schema_version: 1,
        occurred_at: 1_700_000_000_000_000,
        recorded_at: 1_700_000_000_000_001,
        data: Bytes::from_static(b"{\"a\":1}"),
        meta: Bytes::from_static(b"{}"),
    }
}

fn recorded() -> Recorded {
    let (stream, event) = (StreamId::new("queue-centre~2026-11-20"), new_event());
    Recorded {
        position: 10,
        version: 3,
        event_id: event.event_id,
        kind: Arc::from(event.kind),
        schema_version: event.schema_version,
        occurred_at: event.occurred_at,
        recorded_at: event.recorded_at,
        data: event.data.clone(),
        meta: event.meta.clone(),
        prev_hash: [7; 32],
        hash: seal::seal(&[7; 32], &stream, 3, &event),
        stream,
    }
}

#[test]
fn the_seal_is_the_one_that_auditors_compute() {
    let parts: [&[u8]; 9] = [
        b"queue-centre~2026-11-20",
        &3_u64.to_be_bytes(),
        &1_u128.to_be_bytes(),
        b"ticket.expired",
        &1_u16.to_be_bytes(),
        &1_700_000_000_000_000_i64.to_be_bytes(),
        &1_700_000_000_000_001_i64.to_be_bytes(),
        b"{}",
        b"{\"a\":1}",
    ];
    let mut bytes = vec![7; 32];
    for part in parts {
        bytes.extend(u32::try_from(part.len()).expect("short").to_be_bytes());
        bytes.extend(part);
    }
    use sha2::Digest;
    assert_eq!(recorded().hash.as_slice(), sha2::Sha256::digest(&bytes).as_slice());
}

#[test]
fn a_change_of_any_sealed_column_breaks_the_seal_and_a_move_of_the_log_does_not() {
    assert!(seal::holds(&recorded()));
    assert!(seal::holds(&Recorded { position: 99, ..recorded() }));
    let changed = [
        Recorded { stream: StreamId::new("queue-north~2026-11-20"), ..recorded() },
        Recorded { version: 4, ..recorded() },
        Recorded { event_id: Uuid::from_u128(2), ..recorded() },
        Recorded { kind: Arc::from("ticket.called"), ..recorded() },
        Recorded { schema_version: 2, ..recorded() },
        Recorded { occurred_at: 0, ..recorded() },
        Recorded { recorded_at: 0, ..recorded() },
        Recorded { data: Bytes::from_static(b"{\"a\":2}"), ..recorded() },
        Recorded { meta: Bytes::from_static(b"{ }"), ..recorded() },
        Recorded { prev_hash: [8; 32], ..recorded() },
    ];
    for event in changed {
        assert!(!seal::holds(&event), "{event:?}");
    }
}

#[test]
fn a_fact_of_a_newer_build_is_carried_as_it_is_and_a_broken_one_is_named() {
    let meta = Bytes::from(
        serde_json::json!({
            "command_id": Uuid::nil(), "command_hash": "", "correlation_id": Uuid::nil(),
            "actor": { "kind": "staff", "id": "anna", "role": "operator" }
        })
        .to_string(),
    );
    let newer = Recorded { kind: Arc::from("ticket.teleported"), meta: meta.clone(), ..recorded() };
    let fact = Fact::decode(&newer).expect("carried");
    let Event::Unknown { kind, schema_version, data } = &*fact.event else {
        panic!("read as something else")
    };
    assert_eq!((kind.as_str(), *schema_version, data), ("ticket.teleported", 1, &newer.data));
    assert!(fact.meta.source.is_none());
    let broken = Fact::decode(&Recorded { meta, ..recorded() }).expect_err("an expiry needs its ticket");
    assert_eq!((broken.position, broken.event_id), (10, EventId(Uuid::from_u128(1))));
    assert!(Fact::decode(&recorded()).is_err(), "who did it is never absent");
}

/// One of each refusal.
fn refusals() -> Vec<Refusal> {
    let (window, service) = (WindowId::trusted("w1"), ServiceId::trusted("letters"));
    let (operator, ticket) = (OperatorId::trusted("anna"), TicketId(Uuid::nil()));
    let (class, reason) = (ClassId::trusted("royal"), ReasonCode::trusted("x"));
    let number = || String::from("А001");
    vec![
        Refusal::DayNotOpen,
        Refusal::DayAlreadyOpen,
        Refusal::DayClosed,
        Refusal::DayStillBusy { busy: window.clone() },
        Refusal::IntakePaused,
        Refusal::IntakeNotPaused,
        Refusal::QuotaReached { service: None },
        Refusal::NoService,
        Refusal::UnknownService { service: service.clone() },
        Refusal::UnknownClass { class: class.clone() },
        Refusal::ClassNotOffered { class },
        Refusal::UnknownReason { reason },
        Refusal::ReasonRequired,
        Refusal::BookingHasTicket { ticket },
        Refusal::UnknownTicket { ticket },
        Refusal::WrongState { number: number(), state: "WAITING" },
        Refusal::AlreadyCalled { number: number(), window: window.clone() },
        Refusal::TicketClosed { number: number() },
        Refusal::UnknownWindow { window: window.clone() },
        Refusal::WindowNotOpen { window: window.clone() },
        Refusal::WindowTaken { window: window.clone(), operator: operator.clone() },
        Refusal::WindowPaused { window: window.clone() },
        Refusal::WindowNotPaused { window: window.clone() },
        Refusal::WindowBusy { window: window.clone(), number: number() },
        Refusal::NotYourWindow { window: window.clone() },
        Refusal::OperatorElsewhere { window: window.clone() },
        Refusal::OperatorAbsent { operator },
        Refusal::ServiceNotGiven { service, window },
        Refusal::NobodyWaiting,
        Refusal::ReservedForBooking,
        Refusal::PinnedElsewhere { number: number() },
        Refusal::RecallTooEarly { wait_s: 1 },
        Refusal::TooManyCalls { max: 3 },
        Refusal::NoShowTooEarly { calls_missing: 1, wait_s: 1 },
        Refusal::GraceOver { number: number() },
        Refusal::TransferNowhere,
        Refusal::NothingToUndo,
        Refusal::UndoTooLate,
        Refusal::UndoOvertaken,
        Refusal::UndoNotYours,
        Refusal::NoSuchAlert,
        Refusal::Malformed { what: "n" },
        Refusal::AlreadyExists { what: "n" },
        Refusal::UnknownThing { what: "n" },
        Refusal::SettingsMoved { version: 1 },
        Refusal::DayIsLive,
        Refusal::CommandIdReused,
        Refusal::Contended,
    ]
}

#[test]
fn each_refusal_has_a_code_of_its_own_and_says_something() {
    let all = refusals();
    let codes: BTreeSet<&str> = all.iter().map(Refusal::code).collect();
    assert_eq!(codes.len(), all.len());
    for refusal in &all {
        assert!(refusal.code().chars().all(|c| c.is_ascii_uppercase() || c == '_'));
        let said = refusal.to_string();
        assert!(!said.is_empty() && !said.ends_with('.'), "{said}");
    }
    let fields: BTreeSet<&str> = all.iter().filter_map(Refusal::field).collect();
    assert!(fields.is_superset(&["services", "class", "reasonCode", "ticketId", "window"].into()));
}
