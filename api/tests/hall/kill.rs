//! kill −9 in the middle of work, again and again: whatever was answered is there, once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::body::Body;
use serde_json::Value;
use talon_api::{clock::SystemClock, compose::Talon, config::Config, http};
use talon_projections::{projector::ALL, rebuild::rebuild, runner::Surroundings};
use tempfile::TempDir;
use tokio::{sync::watch, task::JoinSet};
use tower::ServiceExt;

use crate::{
    house::{PATIENCE, Pass, SERVICE, request},
    node::{self, Node},
    observer::Observer,
    postgres::Database,
    record,
    rows::Tables,
    work::{Answered, Shift, board_of, count, essence, number_of},
};

/// Operators whose windows give the service everybody comes for.
const OPERATORS: [u32; 4] = [1, 2, 3, 5];
const KIOSKS: usize = 4;
/// Commands answered between a start and a kill.
const BETWEEN: usize = 12;
const A_ROUND: Duration = Duration::from_secs(120);

async fn survives(store: &str, rounds: usize) {
    node::install(store).await;
    let (addresses, known) = watch::channel(Vec::new());
    let mut running = Node::start(store);
    addresses.send_replace(vec![running.address.clone()]);
    let shift = Shift::at(known);
    let stop = Arc::new(AtomicBool::new(false));
    let goes_on = || {
        let stop = stop.clone();
        move || !stop.load(Ordering::Relaxed)
    };
    let mut workers = JoinSet::new();
    shift.administrator().await.open_day().await;
    for _ in 0..KIOSKS {
        workers.spawn(shift.administrator().await.give_tickets(goes_on()));
    }
    for number in OPERATORS {
        let (operator, goes_on) = (shift.operator(number).await, goes_on());
        workers.spawn(async move { operator.serve(&format!("w{number}"), goes_on).await });
    }
    for round in 0..rounds {
        // Each time at another moment of the work.
        shift.reaches(shift.answered() + BETWEEN + round * 7 % 23, A_ROUND).await;
        running.kill();
        running = Node::start(store);
        addresses.send_replace(vec![running.address.clone()]);
    }
    shift.reaches(shift.answered() + BETWEEN, A_ROUND).await;
    stop.store(true, Ordering::Relaxed);
    let answered: Vec<Answered> = workers.join_all().await.into_iter().flatten().collect();
    let repeated = answered.iter().filter(|it| it.tries > 1).count();
    eprintln!("{rounds} kills, {} commands answered, {repeated} of them repeated", answered.len());
    assert!(repeated >= rounds / 2, "kills met nobody at work");

    let last = answered.iter().filter_map(|it| it.position.as_deref()).max_by_key(|it| number_of(it));
    let shown = shift.board_at(&running.address, last.unwrap()).await;
    running.stop();
    let storage = node::open(store).await;
    record::audit(&storage.events, &answered).await;
    let folded = Talon::over(storage, Config::default(), Arc::new(SystemClock), None).await.unwrap();
    let board = board_of("");
    let answer = http::router(folded.app.clone())
        .oneshot(request("GET", &board, &Pass::Nobody, &[], Body::empty()))
        .await
        .unwrap();
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    let folded_board: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(essence(&folded_board), essence(&shown), "the live hall is the folded one");
    let head = folded.app.head();
    for projection in ALL {
        assert!(folded.app.freshness.reached(projection.name, head, PATIENCE).await, "{}", projection.name);
    }
    folded.stop().await;

    // Tables that followed through all those deaths are those that are made anew.
    let storage = node::open(store).await;
    assert_eq!(storage.tail.head(), head, "nobody wrote since");
    let followed = Tables::of(&storage).await;
    assert!(followed.tickets.len() > rounds, "too small a sample");
    rebuild(&Surroundings::new(&storage, Arc::new(SystemClock)), &ALL).await.unwrap();
    followed.assert_same(&Tables::of(&storage).await, "followed through kills and rebuilt");
    storage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_survives_kills() {
    let folder = TempDir::with_prefix("talon-hall-").unwrap();
    let store = format!("sqlite:{}", folder.path().display());
    survives(&store, count("TALON_KILL_ROUNDS", 50)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_survives_kills_on_postgresql() {
    let Some(database) = Database::create().await else { return };
    survives(&database.url, count("TALON_KILL_ROUNDS", 50)).await;
}

/// Somebody's skills change while no server runs: the window where they sit learns of it at the next start, also where
/// the reactor had not had anything to do before the kill.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_fact_asks_for_is_done_after_a_kill() {
    let folder = TempDir::with_prefix("talon-hall-").unwrap();
    let store = format!("sqlite:{}", folder.path().display());
    node::install(&store).await;
    let running = Node::start(&store);
    let (_addresses, known) = watch::channel(vec![running.address.clone()]);
    let shift = Shift::at(known);
    shift.administrator().await.open_day().await;
    let operator = shift.operator(OPERATORS[0]).await;
    let (id, sat_down) =
        (operator.id_at(&running.address).await, operator.answered[0].position.clone().unwrap());
    running.kill();

    let alone = Observer::of(node::open(&store).await, &sat_down);
    let taught = alone.teaches(&id, &[SERVICE]).await;
    alone.storage.close().await;
    drop(alone);
    let again = Node::start(&store);
    let mut beside = Observer::of(node::open_beside(&store).await, &sat_down);
    beside.sees_reaction(taught, PATIENCE).await;
    beside.storage.close().await;
    again.stop();
}
