//! kill −9 in the middle of appends, again and again: every answered append is in the log, the chain is whole, and the
//! next start works. The test runs itself as the child that is killed.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use support::{Home, master};
use talon_core::{
    event_store::{Appended, StoreError},
    testing::conformance::{audit, event, events, stream, whole},
};
use talon_storage::{Access, Storage, StoreUrl, backup::verify};
use tokio::task::JoinSet;

const ADDRESS: &str = "TALON_TEST_KILL_STORE";
const ROUND: &str = "TALON_TEST_KILL_ROUND";

#[expect(clippy::disallowed_methods, reason = "how the child learns what to do")]
fn told(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Not a test of its own: the process that is killed. Appends from 16 callers and tells each answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the tests below as their child"]
async fn child_that_appends_until_killed() {
    let (Some(address), Some(round)) = (told(ADDRESS), told(ROUND)) else { return };
    let round: u128 = round.parse().unwrap();
    let url = StoreUrl::parse(&address).unwrap();
    let storage = Storage::open(&url, Access::Owner, Some(master())).await.unwrap();
    let mut callers = JoinSet::new();
    for caller in 0..16_u128 {
        let store = storage.events.clone();
        callers.spawn(async move {
            let name = format!("s-{caller}");
            let mut version = store.head(&stream(&name)).await.unwrap().version;
            for number in 0.. {
                let first = (round * 16 + caller) * 100_000 + number * 3 + 1;
                let ids = first..first + 1 + number % 3;
                match store.append(&stream(&name), version, events(ids.clone())).await {
                    Ok(Appended::At(_, head)) => version = head.version,
                    other => panic!("{other:?}"),
                }
                let line: String = ids.map(|id| format!("{id}\n")).collect();
                std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
            }
        });
    }
    callers.join_all().await;
}

/// Runs the child until `answers` lines have come, kills it, and gives every id it told.
fn killed_after(address: &str, round: u32, answers: usize) -> BTreeSet<u128> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_that_appends_until_killed", "--ignored", "--nocapture", "--test-threads=1"])
        .env(ADDRESS, address)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut told = BTreeSet::new();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut take = |told: &mut BTreeSet<u128>| match lines.next() {
        // A line cut by the kill is not an answer.
        Some(Ok(line)) => {
            told.extend(line.parse::<u128>().ok().filter(|id| *id > 100_000 * u128::from(round)));
            true
        }
        _ => false,
    };
    while told.len() < answers {
        assert!(take(&mut told), "the child of round {round} ended by itself after {} answers", told.len());
    }
    child.kill().unwrap();
    while take(&mut told) {}
    child.wait().unwrap();
    told
}

async fn every_answer_survives(home: &Home, address: &str, rounds: u32) {
    let mut answered = BTreeSet::new();
    for round in 0..rounds {
        // Different moments: in the first group, in the middle of many, across a checkpoint of the WAL.
        let answers = 1 + (round as usize * 379) % 2_000;
        answered.extend(killed_after(address, round, answers));
        let storage = home.open().await;
        let log = whole(&storage.events).await;
        let written: BTreeSet<_> = log.iter().map(|it| it.event_id).collect();
        let lost: Vec<_> = answered.iter().filter(|id| !written.contains(&event(**id).event_id)).collect();
        assert!(lost.is_empty(), "round {round}: answered and lost: {lost:?}");
        assert_eq!(written.len(), log.len(), "round {round}");
        verify(&*storage.events, storage.tail.head(), &|_, _| {}).await.unwrap();
        assert_eq!(storage.tail.head(), log.len() as u64, "round {round}");
        storage.close().await;
    }
    let storage = home.open().await;
    audit(&storage.events).await;
    let first = *answered.iter().next().unwrap();
    // What survived is known: sent again, it is a repeat.
    let again =
        whole(&storage.events).await.into_iter().find(|it| it.event_id == event(first).event_id).unwrap();
    let repeat = storage.events.append(&again.stream, 0, events([first])).await;
    assert!(matches!(repeat, Ok(Appended::Duplicate(_)) | Err(StoreError::ForeignDuplicate)), "{repeat:?}");
    storage.close().await;
}

#[tokio::test]
async fn every_answered_append_survives_kill_nine_on_sqlite() {
    let home = Home::sqlite();
    let Home::Directory(folder) = &home else { unreachable!() };
    let address = format!("sqlite:{}", folder.path().display());
    every_answer_survives(&home, &address, 25).await;
}

#[tokio::test]
async fn every_answered_append_survives_kill_nine_on_postgres() {
    let Some(home) = Home::postgres().await else { return };
    let Home::Database(database) = &home else { unreachable!() };
    every_answer_survives(&home, &database.url.clone(), 10).await;
}
