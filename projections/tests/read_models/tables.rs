//! Everything the tables hold, and projections that run or stop when told.

use std::{sync::Arc, time::Duration};

use talon_core::{fact::Source, ids::BranchId, time::ManualClock};
use talon_projections::{
    freshness::Freshness,
    projector::ALL,
    runner::{Runner, Surroundings},
};
use talon_storage::Storage;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    stores::Home,
    support::{append, branch, clock, day, new_event, recorded, register, salt, stream, whole_day},
};

/// Every projection of the house, followed until dropped.
pub(crate) struct Running {
    pub(crate) freshness: Freshness,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    pub(crate) fn start(storage: &Storage, clock: &Arc<ManualClock>) -> Self {
        let freshness = Freshness::new(storage.read.clone(), storage.events.log_id());
        let stop = CancellationToken::new();
        let run = |projection| {
            let runner = Runner::new(projection, surroundings(storage, clock), freshness.clone());
            let (leadership, stop) = (storage.leadership.clone(), stop.clone());
            tokio::spawn(async move { runner.run(&leadership, stop).await })
        };
        Self { tasks: ALL.into_iter().map(run).collect(), freshness, stop }
    }

    pub(crate) async fn reaches(&self, position: u64) {
        for projection in ALL {
            let reached = self.freshness.reached(projection.name, position, Duration::from_secs(60)).await;
            assert!(reached, "{} never reached {position}", projection.name);
        }
    }

    pub(crate) async fn stops(self) {
        self.stop.cancel();
        for task in self.tasks {
            let _ = task.await;
        }
    }

    /// As a crash would: wherever the tasks are.
    pub(crate) async fn dies(self) {
        for task in self.tasks {
            task.abort();
            let _ = task.await;
        }
    }
}

pub(crate) fn surroundings(storage: &Storage, clock: &Arc<ManualClock>) -> Surroundings {
    Surroundings::new(storage, clock.clone())
}

/// Everything projected once, from wherever the checkpoints are.
pub(crate) async fn project(storage: &Storage, clock: &Arc<ManualClock>) {
    let running = Running::start(storage, clock);
    running.reaches(storage.tail.head()).await;
    running.stops().await;
}

/// Places of the tests: SQLite always, PostgreSQL where there is a server.
pub(crate) async fn homes() -> Vec<Home> {
    let mut homes = vec![Home::sqlite()];
    homes.extend(Home::postgres().await);
    homes
}

/// Two live branches with two days each and an imported one, all of chance.
pub(crate) async fn history(storage: &Storage, seed: u64) -> Vec<BranchId> {
    let store = &*storage.events;
    let (mayak, vostok, archive) = (branch("mayak"), branch("vostok"), branch("archive"));
    register(store, &[&mayak, &vostok], false).await;
    register(store, &[&archive], true).await;
    for (n, of) in [&mayak, &vostok].into_iter().enumerate() {
        for (k, date) in [day().pred_opt().unwrap(), day()].into_iter().enumerate() {
            let hall = whole_day(seed + 10 * n as u64 + k as u64, 300);
            let salt = salt(of) + k as u128;
            append(store, &stream(of, date), recorded(&hall.heard, of, date, salt)).await;
        }
    }
    append(store, &stream(&archive, day()), imported(&archive, seed + 99)).await;
    vec![mayak, vostok, archive]
}

/// A day as an import writes it: what happened to the tickets, and nothing of windows or of the day itself.
pub(crate) fn imported(of: &BranchId, seed: u64) -> Vec<talon_core::event_store::NewEvent> {
    let hall = whole_day(seed, 200);
    let source = |n: usize| Source {
        data_set: "sample".into(),
        external_id: format!("row-{n}"),
        branch: "Old Town".into(),
        service: "7".into(),
        operator: Some("op 1".into()),
        queue: "q".into(),
        priority: "0".into(),
    };
    let wanted = |kind: &str| kind.starts_with("ticket.") || kind.starts_with("service.");
    recorded(&hall.heard, of, day(), salt(of))
        .into_iter()
        .zip(&hall.heard)
        .enumerate()
        .filter(|(_, (event, _))| wanted(event.kind))
        .map(|(n, (_, heard))| new_event(heard, Some((of, day())), Some(source(n)), salt(of)))
        .collect()
}

/// A fresh store with its clock.
pub(crate) async fn fresh(home: &Home) -> (Storage, Arc<ManualClock>) {
    (home.open().await, clock())
}
