//! Two processes on one PostgreSQL: one queue, one board, and one of them is enough.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinSet};

use crate::{
    house::until,
    node::{self, Node},
    postgres::Database,
    record,
    work::{Answered, Shift, Worker, board_of, count, essence},
};

/// How soon two boards show the same once nobody presses anything.
const AGREE: Duration = Duration::from_secs(1);
/// How soon what a dead node did is done by the other.
const TAKEN_OVER: Duration = Duration::from_secs(5);
const OPERATORS: [u32; 4] = [1, 2, 3, 5];
const KIOSKS: usize = 3;

/// `count` tickets given and `count` calls made by all hands, through whatever nodes there are.
async fn work(shift: &Shift, count: usize) -> Vec<Answered> {
    let mut hands = JoinSet::new();
    let (given, called) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    for _ in 0..KIOSKS {
        let (kiosk, given) = (shift.administrator().await, given.clone());
        hands.spawn(kiosk.give_tickets(move || given.fetch_add(1, Ordering::Relaxed) < count));
    }
    for number in OPERATORS {
        let (operator, called) =
            (shift.sign_in(&format!("op{number}@demo.talon"), "demo-operator").await, called.clone());
        hands.spawn(serve(operator, number, called, count));
    }
    hands.join_all().await.into_iter().flatten().collect()
}

/// Calls and serves until all hands together have made enough calls.
async fn serve(mut operator: Worker, number: u32, called: Arc<AtomicUsize>, count: usize) -> Vec<Answered> {
    let window = format!("w{number}");
    while called.load(Ordering::Relaxed) < count {
        let somebody = operator.serve_one(&window).await;
        called.fetch_add(usize::from(somebody), Ordering::Relaxed);
    }
    operator.answered
}

/// How long it took both boards to show the same.
async fn agreement(shift: &Shift, nodes: [&Node; 2]) -> Duration {
    let started = Instant::now();
    until("two boards are one", AGREE, async || {
        let first = shift.get(board_of(&nodes[0].address)).await?;
        let second = shift.get(board_of(&nodes[1].address)).await?;
        (essence(&first) == essence(&second)).then_some(())
    })
    .await;
    started.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_are_one_queue_and_one_of_them_is_enough() {
    let Some(database) = Database::create().await else { return };
    node::install(&database.url).await;
    let (first, second) = (Node::start(&database.url), Node::start(&database.url));
    let (addresses, known) = watch::channel(vec![first.address.clone(), second.address.clone()]);
    let shift = Shift::at(known);
    let mut admin = shift.administrator().await;
    admin.open_day().await;
    let mut answered = Vec::new();
    for number in OPERATORS {
        answered.extend(shift.operator(number).await.answered);
    }
    let half = count("TALON_CLUSTER_COUNT", 500).div_ceil(2);
    let started = Instant::now();
    answered.extend(work(&shift, half).await);
    let agreed = agreement(&shift, [&first, &second]).await;

    // The other goes on in the middle of the work; nobody is told before.
    let other_half = work(&shift, half);
    let killed = async {
        let enough = shift.done.load(Ordering::Relaxed) + half;
        until("the work goes on", Duration::from_secs(300), async || {
            (shift.done.load(Ordering::Relaxed) >= enough).then_some(())
        })
        .await;
        first.kill();
        addresses.send_replace(vec![second.address.clone()]);
        Instant::now()
    };
    let (rest, died) = tokio::join!(other_half, killed);
    answered.extend(rest);
    let took = started.elapsed();

    // What the dead node may have led is led by the other: the read models follow to the end of the log.
    let left = TAKEN_OVER.saturating_sub(died.elapsed()).max(Duration::from_secs(1));
    let last = answered.iter().rev().find(|it| it.mutation == "issueTicket" && it.code.is_none()).unwrap();
    let number = last.number.clone().unwrap();
    until("read models follow", left, async || {
        let ready = shift.get(format!("{}/readyz", second.address)).await?;
        ready["projections"].as_array()?.iter().all(|it| it["behind"] == 0).then_some(())
    })
    .await;
    let query = format!(
        "{{ tickets(filter: {{ branch: \"centre\", number: \"{number}\" }}) {{ edges {{ node {{ number }} }} }} }}"
    );
    let found: Value = admin.ask(&second.address, &query).await.unwrap();
    assert_eq!(found["data"]["tickets"]["edges"], json!([{ "node": { "number": number } }]));

    let contended = answered.iter().filter(|it| it.code.as_deref() == Some("CONTENDED")).count();
    eprintln!(
        "{} commands in {took:?}, {contended} contended, {} repeated, boards agreed in {agreed:?}",
        answered.len(),
        answered.iter().filter(|it| it.tries > 1).count()
    );
    assert!(
        contended * 1_000 < answered.len().max(1_000),
        "{contended} of {} lost every race",
        answered.len()
    );
    second.stop();
    let storage = node::open(&database.url).await;
    record::audit(&storage.events, &answered).await;
    storage.close().await;
}
