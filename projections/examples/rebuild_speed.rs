//! How fast the tables are built anew: fills a log with live days of made-up tickets, rebuilds every projection, and
//! says how long the rows behind one more batch take. `cargo run --release --example rebuild_speed -- 1000000`

use std::{sync::Arc, time::Instant};

use anyhow::Context;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use talon_core::{
    event_store::{NewEvent, StreamId},
    fact::{Actor, Meta},
    ids::{BranchId, ClassId, CommandId, OperatorId, ServiceId, TicketId, WindowId},
    queue_day::event::{
        CallMode, Channel, Place, ServiceCompleted, ServiceStarted, TicketCalled, TicketIssued, WindowOpened,
    },
    queue_event::QueueEvent,
    time::Clock,
};
use talon_projections::{ledger, projector::ALL, rebuild::rebuild, runner::Surroundings};
use talon_storage::{Access, Storage, StoreUrl};
use uuid::Uuid;

const BRANCHES: usize = 200;
const WINDOWS: usize = 6;
const TICKETS_A_DAY: usize = 250;
const SERVICES: [&str; 6] = ["letters", "parcels", "stamps", "pensions", "transfers", "legal"];

struct Wall;

#[async_trait]
impl Clock for Wall {
    #[expect(clippy::disallowed_methods, reason = "the clock of a measurement")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    async fn sleep_until(&self, until: DateTime<Utc>) {
        let span = (until - self.now()).to_std().unwrap_or_default();
        let _ = tokio::time::timeout(span, std::future::pending::<()>()).await;
    }

    #[expect(clippy::disallowed_methods, reason = "the clock of a measurement")]
    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let wanted: usize = std::env::args().nth(1).map_or(Ok(200_000), |text| text.parse())?;
    let directory = tempfile::TempDir::with_prefix("talon-rebuild-")?;
    let storage = Storage::open(&StoreUrl::Sqlite(directory.path().into()), Access::Owner, None).await?;
    let began = Instant::now();
    let events = fill(&storage, wanted).await?;
    println!("{events} events written in {:.1} s", began.elapsed().as_secs_f64());
    let around = Surroundings::new(&storage, Arc::new(Wall));
    for projections in [&ALL[..1], &ALL[1..], &ALL[..]] {
        let names: Vec<_> = projections.iter().map(|it| it.name).collect();
        let began = Instant::now();
        rebuild(&around, projections).await?;
        let took = began.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        let rate = events as f64 / took;
        println!("{}: {took:.1} s, {rate:.0} events/s", names.join(" + "));
    }
    let current = ledger::current(&storage.read, "tickets").await?.context("nothing was built")?;
    println!("tickets are at {} of {}", current.position, storage.tail.head());
    storage.close().await;
    Ok(())
}

async fn fill(storage: &Storage, wanted: usize) -> anyhow::Result<usize> {
    let mut written = 0;
    let mut date = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap_or_default();
    while written < wanted {
        for branch in 0..BRANCHES {
            let id = BranchId::trusted(&format!("branch-{branch}"));
            let stream = StreamId::new(&format!("queue-{id}~{date}"));
            let events = day(&id, date);
            written += events.len();
            storage.events.append(&stream, 0, events).await?;
            if written >= wanted {
                break;
            }
        }
        date = date.succ_opt().unwrap_or(date);
    }
    Ok(written)
}

/// A day of one branch: windows open, then customers one after the other.
fn day(branch: &BranchId, date: NaiveDate) -> Vec<NewEvent> {
    let mut at = date.and_hms_opt(6, 0, 0).unwrap_or_default().and_utc();
    let mut events = Vec::with_capacity(TICKETS_A_DAY * 4 + WINDOWS);
    let mut add = |at: DateTime<Utc>, thread: Uuid, event: QueueEvent| {
        let actor = Actor {
            kind: talon_core::fact::ActorKind::Staff,
            id: "op-1".into(),
            role: "operator".into(),
            session: None,
            window: None,
        };
        let meta = Meta {
            command_id: CommandId(Wall.new_id()),
            command_hash: "0".repeat(64),
            correlation_id: thread,
            causation_id: None,
            actor,
            device: None,
            branch: Some(branch.clone()),
            business_day: Some(date),
            time_zone: Some("Europe/Moscow".into()),
            source: None,
            key_id: None,
        };
        let (kind, schema_version) = event.wire();
        let micros = at.timestamp_micros();
        events.push(NewEvent {
            event_id: Wall.new_id(),
            kind,
            schema_version,
            occurred_at: micros,
            recorded_at: micros,
            data: event.data(),
            meta: serde_json::to_vec(&meta).unwrap_or_default().into(),
        });
    };
    let all: Vec<_> = SERVICES.map(ServiceId::trusted).to_vec();
    for n in 0..WINDOWS {
        let opened = WindowOpened {
            window: window(n),
            operator: operator(n),
            skills: all.clone(),
            services: all.clone(),
        };
        add(at, Wall.new_id(), opened.into());
    }
    for n in 0..TICKETS_A_DAY {
        let ticket = TicketId(Wall.new_id());
        let service = all[n % all.len()].clone();
        let (window, operator) = (Some(window(n % WINDOWS)), Some(operator(n % WINDOWS)));
        let place = Place { reference: at, due_at: at + TimeDelta::minutes(15) };
        let issued = TicketIssued {
            ticket,
            number: Some(format!("А{n:03}")),
            letter: Some('А'),
            seq: u32::try_from(n).ok(),
            services: vec![service.clone()],
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
            place,
            quote: None,
        };
        add(at, ticket.0, issued.into());
        let called = TicketCalled {
            ticket,
            window: window.clone(),
            operator: operator.clone(),
            attempt: 1,
            mode: CallMode::Next,
            decision: None,
        };
        add(at + TimeDelta::seconds(30), ticket.0, called.into());
        let started = ServiceStarted {
            ticket,
            service: service.clone(),
            window: window.clone(),
            operator: operator.clone(),
        };
        add(at + TimeDelta::seconds(45), ticket.0, started.into());
        let completed = ServiceCompleted {
            ticket,
            service,
            quantity: 1,
            outcome_code: None,
            next: None,
            window,
            operator,
        };
        add(at + TimeDelta::seconds(90), ticket.0, completed.into());
        at += TimeDelta::seconds(100);
    }
    events
}

fn window(n: usize) -> WindowId {
    WindowId::trusted(&format!("w{n}"))
}

fn operator(n: usize) -> OperatorId {
    OperatorId::trusted(&format!("op-{n}"))
}
