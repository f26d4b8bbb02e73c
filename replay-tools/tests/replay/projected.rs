//! The tables say what the fold of the log says: two roads from the same facts, one by rows and one by memory.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command as Program, Output},
    sync::Arc,
};

use chrono::NaiveDate;
use clap::Parser;
use talon_core::ids::BranchId;
use talon_projections::{
    branch_stats::read::{self as stats, BranchFigures, StatsFilter},
    projector::ALL,
    rebuild::rebuild,
    runner::Surroundings,
    tickets::read::{self as tickets, Measured, TicketFilter},
};
use talon_replay::{
    figures::{Figures, figures},
    history::History,
    import,
    progress::Progress,
    queue_log::QueueLog,
};
use talon_storage::{Access, Storage, StoreUrl};

use crate::{
    hall::{HEADER, args, clock},
    real_logs::{Command, folder},
};

/// What a source calls a service or an operator, by the id it has here.
type Words = BTreeMap<String, String>;

struct Read {
    days: Vec<BranchFigures>,
    services: Words,
    operators: Words,
    branches: Vec<String>,
}

async fn read(storage: &Storage) -> Read {
    let rows = tickets::page(&storage.read, &TicketFilter::default(), None, 1_000_000).await.unwrap();
    let mut read = Read {
        days: stats::days(&storage.read, &StatsFilter::default()).await.unwrap(),
        services: Words::new(),
        operators: Words::new(),
        branches: Vec::new(),
    };
    for row in rows {
        read.services.extend(row.source_service.map(|word| (row.service, word)));
        read.operators.extend(row.operator_id.zip(row.source_operator));
        if !read.branches.contains(&row.branch) {
            read.branches.push(row.branch);
        }
    }
    read
}

/// Adds rows up by whatever they are asked by.
fn summed<K: Ord>(rows: &[BranchFigures], key: impl Fn(&BranchFigures) -> K) -> BTreeMap<K, BranchFigures> {
    let mut sums: BTreeMap<K, BranchFigures> = BTreeMap::new();
    rows.iter().for_each(|row| sums.entry(key(row)).or_default().merge(row));
    sums
}

fn count(number: i64) -> u64 {
    number.try_into().unwrap()
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of some days")]
fn mean_s(ms: i64, count: i64) -> Option<f64> {
    (count > 0).then(|| ms as f64 / 1_000.0 / count as f64)
}

fn near(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => (a - b).abs() <= 0.001,
        _ => false,
    }
}

fn same_days(read: &Read, folded: &Figures) {
    let days = summed(&read.days, |row| row.business_day);
    assert_eq!(days.keys().collect::<Vec<_>>(), folded.days.keys().collect::<Vec<_>>());
    for (day, mine) in &days {
        let other = &folded.days[day];
        let outcomes = [mine.served, mine.abandoned, mine.no_show, mine.refused].map(count);
        let expected = other.outcomes;
        assert_eq!(count(mine.issued), other.issued, "{day}");
        assert_eq!(
            outcomes,
            [expected.served, expected.abandoned, expected.no_show, expected.other],
            "{day}"
        );
    }
}

fn same_services(read: &Read, folded: &Figures) {
    let word = |row: &BranchFigures| read.services.get(&row.service).cloned().unwrap_or_default();
    let services = summed(&read.days, |row| (row.business_day, word(row)));
    let folded_services =
        folded.days.iter().flat_map(|(day, it)| it.by_service.keys().map(|word| (*day, word.clone())));
    assert_eq!(services.keys().cloned().collect::<Vec<_>>(), folded_services.collect::<Vec<_>>());
    for ((day, word), mine) in &services {
        let other = &folded.days[day].by_service[word];
        let of = format!("{day}, {word}: {mine:?}\n{other:?}");
        assert_eq!(
            [mine.issued, mine.called, mine.served].map(count),
            [other.issued, other.called, other.served],
            "{of}"
        );
        assert!(near(mean_s(mine.wait.ms, mine.wait.count), other.mean_wait_called_s), "{of}");
        assert!(near(mean_s(mine.service_time.ms, mine.service_time.count), other.mean_service_s), "{of}");
    }
}

fn same_operators(read: &Read, folded: &Figures) {
    let operators = summed(&read.days, |row| read.operators.get(&row.operator).cloned());
    for (operator, mine) in operators {
        let Some(operator) = operator else { continue };
        let served = folded.served_by_operator.get(&operator).copied().unwrap_or_default();
        assert_eq!(count(mine.served), served, "{operator}");
        assert_eq!(mine.service_time.ms / 1_000, folded.service_total_s_by_operator[&operator], "{operator}");
    }
}

/// Exact quantiles of the first days, where one branch is all there is.
async fn same_quantiles(storage: &Storage, read: &Read, folded: &Figures, days: usize) {
    let [branch] = read.branches.as_slice() else { return };
    for (day, expected) in folded.days.iter().take(days) {
        let found = quantiles(storage, branch, *day, &read.services).await;
        for (word, other) in &expected.by_service {
            let mine = found.get(word).copied();
            assert!(near(mine, other.p90_wait_called_s), "{day}, {word}: {mine:?} for {other:?}");
        }
    }
}

async fn quantiles(storage: &Storage, branch: &str, day: NaiveDate, words: &Words) -> BTreeMap<String, f64> {
    let branch = BranchId::trusted(branch);
    let found = tickets::quantiles(&storage.read, &branch, day, Measured::Wait, 900).await.unwrap();
    found.into_iter().map(|it| (words[&it.service].clone(), it.ms / 1_000.0)).collect()
}

async fn agrees(test: &str, name: &str, zone: &str) {
    let Some(folder) = folder(test) else { return };
    let storage = Storage::open(&StoreUrl::Memory, Access::Owner, None).await.unwrap();
    let file = folder.join(format!("{name}.csv.gz"));
    let given = ["import", file.to_str().unwrap(), "--time-zone", zone];
    let args = Command::parse_from(given).args;
    import::run(&args, Arc::clone(&storage.events), clock(), &Progress::silent()).await.unwrap();
    rebuild(&Surroundings::new(&storage, clock()), &ALL).await.unwrap();
    let history = History::read(&storage.events, name, &Progress::silent()).await.unwrap();
    let folded = figures(&history);
    let read = read(&storage).await;
    assert!(!folded.days.is_empty());
    same_days(&read, &folded);
    same_services(&read, &folded);
    same_operators(&read, &folded);
    same_quantiles(&storage, &read, &folded, 5).await;
    let waits = summed(&read.days, |_| ()).remove(&()).unwrap().wait;
    let overall = folded.overall;
    assert!(near(mean_s(waits.ms, waits.count), overall.mean_wait_called_s));
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a day")]
    let p90 = waits.histogram.quantile(0.9).map(|ms| ms as f64 / 1_000.0).unwrap();
    let exact = overall.p90_wait_called_s.unwrap();
    assert!((p90 - exact).abs() <= exact * 0.01, "{p90} for {exact}");
}

/// The program, beside nobody: it needs an embedded store for itself.
fn program(directory: &Path, arguments: &[&str]) -> Output {
    Program::new(env!("CARGO_BIN_EXE_talon-replay"))
        .arg(format!("--store=sqlite:{}", directory.display()))
        .args(arguments)
        .env_remove("TALON_STORE__URL")
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_rebuilds_and_says_what_it_cannot_do() {
    let directory = tempfile::tempdir().unwrap();
    let url = StoreUrl::Sqlite(directory.path().to_owned());
    let storage = Storage::open(&url, Access::Owner, None).await.unwrap();
    let rows = "s1,b-1,S,1,,2016-08-01T09:00:00,2016-08-01T09:02:00,2016-08-01T09:02:30,2016-08-01T09:10:00,served,ann,,q1\n";
    let log = QueueLog::from_bytes(format!("{HEADER}{rows}").into_bytes()).unwrap();
    let events = Arc::clone(&storage.events);
    import::from_log(&args(&[]), log, 0, events, clock(), &Progress::silent()).await.unwrap();
    let said = |output: Output| {
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let (code, text) = said(program(directory.path(), &["rebuild"]));
    assert!(code == Some(1) && text.contains("another process holds the store"), "{text}");
    storage.close().await;
    drop(storage);
    let (code, text) = said(program(directory.path(), &["rebuild"]));
    assert!(code == Some(0) && text.contains("tickets: built anew"), "{text}");
    let (code, text) =
        said(program(directory.path(), &["retry", "--projection", "tickets", "--branch", "b-1"]));
    assert!(code == Some(1) && text.contains("branch b-1 is not parked"), "{text}");
    let (code, text) = said(program(directory.path(), &["rebuild", "--projection", "nothing"]));
    assert!(code == Some(1) && text.contains("there are tickets, audit_index"), "{text}");
    let storage = Storage::open(&url, Access::Owner, None).await.unwrap();
    let tickets = tickets::page(&storage.read, &TicketFilter::default(), None, 10).await.unwrap();
    assert_eq!(tickets.iter().map(|it| it.outcome.as_deref()).collect::<Vec<_>>(), [Some("served")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_of_a_call_centre_agree_with_the_fold() {
    agrees("tables_of_a_call_centre_agree_with_the_fold", "callcentre", "Asia/Jerusalem").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_of_a_bank_agree_with_the_fold() {
    agrees("tables_of_a_bank_agree_with_the_fold", "bank_branches", "America/Sao_Paulo").await;
}
