//! Followed, followed again and rebuilt: the same rows. Whatever stops the runner, each event counts once.

use std::sync::Arc;

use talon_core::time::ManualClock;
use talon_projections::{
    filler::Kept,
    ledger,
    projector::ALL,
    rebuild::{Portions, rebuild, rebuild_in},
};
use talon_storage::{Storage, run};
use uuid::Uuid;

use crate::{
    rows::Tables,
    support::{Dice, append, branch, day, recorded, register, salt, stream, whole_day},
    tables::{Running, fresh, history, homes, project, surroundings},
};

/// Runs until this version of each projection's tables is read.
async fn built_anew(storage: &Storage, clock: &Arc<ManualClock>, version: i64) {
    let running = Running::start(storage, clock);
    for projection in ALL {
        while ledger::current(&storage.read, projection.name).await.unwrap().unwrap().version < version {
            tokio::task::yield_now().await;
        }
    }
    running.reaches(storage.tail.head()).await;
    running.stops().await;
}

async fn set_back(storage: &Storage) {
    let mut tx = storage.read.begin().await.unwrap();
    run!(&mut tx, "update projections set position = 0").unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn followed_twice_and_rebuilt_are_the_same_rows() {
    for home in homes().await {
        let (storage, clock) = fresh(&home).await;
        let running = Running::start(&storage, &clock);
        history(&storage, 1).await;
        running.reaches(storage.tail.head()).await;
        running.stops().await;
        let followed = Tables::of(&storage).await;
        assert!(followed.tickets.len() > 150 && followed.windows.len() == 12, "too small a sample");
        assert!(followed.audit.iter().filter(|it| it.kind == "action.undone").count() > 20);
        assert!(followed.tickets.iter().any(|it| it.data_set.is_some()));

        set_back(&storage).await;
        project(&storage, &clock).await;
        followed.assert_same(&Tables::of(&storage).await, "followed twice");

        rebuild(&surroundings(&storage, &clock), &ALL).await.unwrap();
        followed.assert_same(&Tables::of(&storage).await, "rebuilt");
        let current = ledger::current(&storage.read, "tickets").await.unwrap().unwrap();
        assert_eq!((current.version, current.position), (2, storage.tail.head()));
    }
}

/// Pages cut a ticket's life anywhere, and a rebuild that may keep little back meets rows it has written long ago.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rebuilt_in_portions_of_any_size_the_rows_are_the_same() {
    for home in homes().await {
        let (storage, clock) = fresh(&home).await;
        history(&storage, 17).await;
        project(&storage, &clock).await;
        let followed = Tables::of(&storage).await;
        for (page, tickets, figures, halls) in
            [(1_000, 60_000, 150_000, 5_000), (97, 60_000, 150_000, 5_000), (61, 20, 200, 1), (300, 2, 9, 9)]
        {
            let portions = Portions { page, kept: Kept { tickets, figures, halls } };
            rebuild_in(&surroundings(&storage, &clock), &ALL, portions).await.unwrap();
            followed.assert_same(&Tables::of(&storage).await, &format!("{portions:?}"));
        }
    }
}

/// No rule writes such a log; if somebody's does, a rebuild still tells what a runner tells.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_that_the_log_begins_twice_is_the_same_row() {
    for home in homes().await {
        let (storage, clock) = fresh(&home).await;
        let mayak = branch("mayak");
        register(&*storage.events, &[&mayak], false).await;
        let events = recorded(&whole_day(9, 150).heard, &mayak, day(), salt(&mayak));
        let mut again: Vec<_> =
            events.iter().filter(|it| it.kind == "ticket.issued").take(5).cloned().collect();
        let last = events.last().unwrap().recorded_at;
        for event in &mut again {
            event.event_id = Uuid::from_u128(event.event_id.as_u128() ^ (1 << 100));
            event.recorded_at = last;
        }
        append(&*storage.events, &stream(&mayak, day()), events).await;
        append(&*storage.events, &stream(&mayak, day()), again).await;
        project(&storage, &clock).await;
        let followed = Tables::of(&storage).await;
        for page in [20, 5_000] {
            let portions = Portions { page, ..Portions::default() };
            rebuild_in(&surroundings(&storage, &clock), &ALL, portions).await.unwrap();
            followed.assert_same(&Tables::of(&storage).await, &format!("{portions:?}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_databases_hold_the_same_rows() {
    let homes = homes().await;
    let mut all = Vec::new();
    for home in &homes {
        let (storage, clock) = fresh(home).await;
        history(&storage, 31).await;
        project(&storage, &clock).await;
        all.push(Tables::of(&storage).await);
    }
    if let [sqlite, postgres] = all.as_slice() {
        sqlite.assert_same(postgres, "SQLite and PostgreSQL");
    }
    assert_eq!(all.len(), homes.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_runner_killed_anywhere_counts_each_event_once() {
    for home in homes().await {
        let (storage, clock) = fresh(&home).await;
        let mayak = branch("mayak");
        register(&*storage.events, &[&mayak], false).await;
        let mut dice = Dice::new(5);
        let events = recorded(&whole_day(8, 200).heard, &mayak, day(), salt(&mayak));
        for part in events.chunks(23) {
            let last = append(&*storage.events, &stream(&mayak, day()), part.to_vec()).await;
            let running = Running::start(&storage, &clock);
            if dice.below(2) == 0 {
                running.reaches(last).await;
            }
            for _ in 0..dice.below(40) {
                tokio::task::yield_now().await;
            }
            running.dies().await;
        }
        project(&storage, &clock).await;
        let survived = Tables::of(&storage).await;
        rebuild(&surroundings(&storage, &clock), &ALL).await.unwrap();
        survived.assert_same(&Tables::of(&storage).await, "killed and rebuilt");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_runners_of_one_projection_count_each_event_once() {
    let home = crate::stores::Home::sqlite();
    let (storage, clock) = fresh(&home).await;
    let (one, other) = (Running::start(&storage, &clock), Running::start(&storage, &clock));
    history(&storage, 51).await;
    one.reaches(storage.tail.head()).await;
    one.stops().await;
    other.stops().await;
    let raced = Tables::of(&storage).await;
    rebuild(&surroundings(&storage, &clock), &ALL).await.unwrap();
    raced.assert_same(&Tables::of(&storage).await, "raced and rebuilt");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkpoint_of_another_log_or_shape_or_beyond_the_end_is_built_anew() {
    let home = crate::stores::Home::sqlite();
    let (storage, clock) = fresh(&home).await;
    history(&storage, 61).await;
    project(&storage, &clock).await;
    let before = Tables::of(&storage).await;
    let head = i64::try_from(storage.tail.head()).unwrap();
    let spoil = async |sql: &'static str| {
        let mut tx = storage.read.begin().await.unwrap();
        match sql {
            "log" => run!(&mut tx, "update projections set log_id = $1", Uuid::from_u128(7)).unwrap(),
            "shape" => run!(&mut tx, "update projections set shape = 0").unwrap(),
            _ => run!(&mut tx, "update projections set position = $1", head + 1).unwrap(),
        };
        // Rows that only a rebuild can put right.
        run!(&mut tx, "delete from branch_days_v1").unwrap_or_default();
        tx.commit().await.unwrap();
    };
    for (n, what) in ["log", "shape", "beyond"].into_iter().enumerate() {
        spoil(what).await;
        built_anew(&storage, &clock, 2 + n as i64).await;
        before.assert_same(&Tables::of(&storage).await, what);
        for projection in ALL {
            let versions = ledger::versions(&storage.read, projection.name).await.unwrap();
            let current = versions.last().unwrap();
            assert_eq!(current.version, 2 + n as i64, "{what}");
            assert_eq!(current.log_id, storage.events.log_id());
            assert_eq!(current.shape, projection.shape);
            assert!(versions.len() <= 2, "old versions are dropped: {versions:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_see_no_less_while_tables_are_rebuilt_under_writing() {
    for home in homes().await {
        let (storage, clock) = fresh(&home).await;
        history(&storage, 71).await;
        let running = Running::start(&storage, &clock);
        running.reaches(storage.tail.head()).await;
        let least = Tables::of(&storage).await.audit.len();
        let (around, done) = (surroundings(&storage, &clock), std::sync::atomic::AtomicBool::new(false));
        let mayak = branch("mayak-3");
        register(&*storage.events, &[&mayak], false).await;
        let writing = async {
            for part in recorded(&whole_day(77, 120).heard, &mayak, day(), salt(&mayak)).chunks(9) {
                append(&*storage.events, &stream(&mayak, day()), part.to_vec()).await;
            }
        };
        let rebuilding = async {
            for _ in 0..3 {
                while rebuild(&around, &ALL).await.is_err() {
                    // The runner moved the checkpoint in the instant of the swap.
                    tokio::task::yield_now().await;
                }
            }
            done.store(true, std::sync::atomic::Ordering::SeqCst);
        };
        let reading = async {
            let mut seen = least;
            while !done.load(std::sync::atomic::Ordering::SeqCst) {
                let now = Tables::of(&storage).await.audit.len();
                assert!(now >= seen, "{now} rows after {seen}");
                seen = now;
            }
        };
        tokio::join!(writing, rebuilding, reading);
        running.reaches(storage.tail.head()).await;
        running.stops().await;
        let followed = Tables::of(&storage).await;
        assert_eq!(u64::try_from(followed.audit.len()).unwrap(), storage.tail.head());
        rebuild(&around, &ALL).await.unwrap();
        followed.assert_same(&Tables::of(&storage).await, "under writing");
    }
}
