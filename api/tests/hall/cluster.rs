//! Two processes on one PostgreSQL: one queue, one board, and one of them is enough.

use std::{
    cmp::Ordering,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use talon_core::ids::TicketId;
use tokio::{sync::watch, task::JoinSet};

use crate::{
    house::SERVICE,
    node::{self, Node},
    observer::{HURRIED, Observer, impatient},
    postgres::Database,
    record,
    work::{Answered, Shift, Worker, board_of, count, essence, insist, number_of},
};

/// How soon two boards show the same once nobody presses anything.
const AGREE: Duration = Duration::from_secs(1);
/// How soon what a dead node did is done by the other.
const TAKEN_OVER: Duration = Duration::from_secs(5);
const OPERATORS: [u32; 4] = [1, 2, 3, 5];
const IDLE: u32 = 4;
const KIOSKS: usize = 3;

/// `count` tickets given and `count` calls made by all hands, through whatever nodes there are.
async fn work(shift: &Shift, count: usize) -> Vec<Answered> {
    let mut hands = JoinSet::new();
    let (given, called) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    for _ in 0..KIOSKS {
        let (kiosk, given) = (shift.administrator().await, given.clone());
        hands.spawn(kiosk.give_tickets(move || given.fetch_add(1, Relaxed) < count));
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
    while called.load(Relaxed) < count {
        let somebody = operator.serve_one(&window).await;
        called.fetch_add(usize::from(somebody), Relaxed);
    }
    operator.answered
}

/// How long it took both boards to show the same: whichever is behind is waited for.
async fn agreement(shift: &Shift, nodes: [&str; 2]) -> Duration {
    let started = Instant::now();
    let agreed = async {
        loop {
            let boards =
                [shift.get(board_of(nodes[0])).await.unwrap(), shift.get(board_of(nodes[1])).await.unwrap()];
            let at = [0, 1].map(|it| boards[it]["position"].as_str().unwrap().to_owned());
            match number_of(&at[0]).cmp(&number_of(&at[1])) {
                Ordering::Less => drop(shift.board_at(nodes[0], &at[1]).await),
                Ordering::Greater => drop(shift.board_at(nodes[1], &at[0]).await),
                Ordering::Equal => return assert_eq!(essence(&boards[0]), essence(&boards[1])),
            }
        }
    };
    tokio::time::timeout(AGREE, agreed).await.unwrap_or_else(|_| panic!("two boards: not within {AGREE:?}"));
    started.elapsed()
}

/// Everything that follows the log does so at the node that is left: the reactor, the alarm clock and the projections,
/// all within the time that is allowed since the other one died. How long each of them took.
async fn taken_over(
    observer: &mut Observer,
    admin: &mut Worker,
    (operator, skills): (&str, &[&str]),
    address: &str,
    died: Instant,
) -> [Duration; 3] {
    let left = || TAKEN_OVER.saturating_sub(died.elapsed());
    let hurried = admin.press("issueTicket", json!({ "services": [HURRIED] })).await;
    let taught = observer.teaches(operator, skills).await;
    let (number, position) = (hurried.number.unwrap(), hurried.position.unwrap());
    let query = format!(
        r#"{{ tickets(filter: {{ branch: "centre", number: "{number}" }}, minPosition: "{position}") {{ edges {{ node {{ number }} }} }} }}"#
    );
    let ((), tables) = tokio::join!(
        async {
            observer.sees_reaction(taught, left()).await;
        },
        async {
            // A node waits half a second for its tables before it says that they are behind.
            insist("read models follow", left(), async || {
                let found: Value = admin.ask(address, &query).await?;
                let there = json!([{ "node": { "number": number } }]);
                (found["extensions"]["stale"] != true && found["data"]["tickets"]["edges"] == there)
                    .then_some(())
            })
            .await;
            died.elapsed()
        },
    );
    let reactor = died.elapsed();
    observer.sees_long_wait(TicketId(hurried.ticket.unwrap()), left()).await;
    [reactor, tables, died.elapsed()]
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_are_one_queue_and_one_of_them_is_enough() {
    let Some(database) = Database::create().await else { return };
    node::install_with(&database.url, impatient).await;
    // Whoever is alone leads everything.
    let first = Node::start(&database.url);
    let (addresses, known) = watch::channel(vec![first.address.clone()]);
    let shift = Shift::at(known);
    let mut admin = shift.administrator().await;
    admin.open_day().await;
    let mut answered = Vec::new();
    for number in OPERATORS {
        answered.extend(shift.operator(number).await.answered);
    }
    let mut observer = Observer::of(node::open(&database.url).await, answered[0].position.as_ref().unwrap());
    // Sits at a window and serves nobody.
    let idle = shift.operator(IDLE).await.id_at(&first.address).await;
    taken_over(&mut observer, &mut admin, (&idle, &[SERVICE]), &first.address, Instant::now()).await;
    let second = Node::start(&database.url);
    addresses.send_replace(vec![first.address.clone(), second.address.clone()]);

    let half = count("TALON_CLUSTER_COUNT", 500).div_ceil(2);
    let started = Instant::now();
    answered.extend(work(&shift, half).await);
    let agreed = agreement(&shift, [&first.address, &second.address]).await;

    // In long runs by hand a token grows old.
    answered.extend(std::mem::replace(&mut admin, shift.administrator().await).answered);
    // The other goes on in the middle of the work; nobody is told before.
    let other_half = work(&shift, half);
    let killed = async {
        shift.reaches(shift.answered() + half, Duration::from_secs(300)).await;
        first.kill();
        let died = Instant::now();
        addresses.send_replace(vec![second.address.clone()]);
        taken_over(&mut observer, &mut admin, (&idle, &[SERVICE, HURRIED]), &second.address, died).await
    };
    let (rest, [reactor, tables, timers]) = tokio::join!(other_half, killed);
    answered.extend(rest);
    let took = started.elapsed();
    answered.extend(admin.answered);

    let refused = |code: &str| answered.iter().filter(|it| it.code.as_deref() == Some(code)).count();
    let (contended, nobody) = (refused("CONTENDED"), refused("NOBODY_WAITING"));
    let commands = answered.len();
    #[expect(clippy::cast_precision_loss, reason = "a share to be read")]
    let share = contended as f64 * 100.0 / commands as f64;
    eprintln!(
        "{commands} commands in {took:?}, {contended} contended ({share:.3} %), {nobody} found nobody waiting, {} repeated; boards agreed in \
         {agreed:?}; after the kill the reactor acted in {reactor:?}, tables in {tables:?}, the alarm clock in {timers:?}",
        answered.iter().filter(|it| it.tries > 1).count()
    );
    assert!(contended * 1_000 < commands.max(1_000), "{contended} of {commands} lost every race");
    observer.storage.close().await;
    second.stop();
    let storage = node::open(&database.url).await;
    record::audit(&storage.events, &answered).await;
    storage.close().await;
}
