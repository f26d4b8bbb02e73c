//! Random appends and readings against a plain vector: whatever the vector says, every store says.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::atomic::{AtomicU64, Ordering};

use proptest::{
    collection::vec,
    prelude::{Strategy, any, prop_oneof},
    test_runner::{Config, TestCaseError, TestRunner},
};
use support::Home;
use talon_core::{
    event_store::{Appended, Head, NewEvent, StoreError, StreamId},
    seal,
    testing::conformance::{Store, audit, events},
};
use talon_storage::Storage;
use uuid::Uuid;

/// One thing a caller does. Streams and ids come from small ranges, so that they meet.
#[derive(Debug, Clone)]
enum Step {
    /// Appends these ids to a stream, expecting its version plus `off`.
    Append {
        stream: u8,
        off: i8,
        ids: Vec<u8>,
    },
    ReadStream {
        stream: u8,
        after: u8,
        limit: u8,
    },
    ReadAll {
        after: u8,
        limit: u8,
    },
    Head {
        stream: u8,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let append = (0..4_u8, prop_oneof![8 => 0..=0_i8, 1 => -1..=-1_i8, 1 => 1..=1_i8], vec(0..60_u8, 0..4))
        .prop_map(|(stream, off, ids)| Step::Append { stream, off, ids });
    let read_stream = (0..5_u8, any::<u8>(), 0..20_u8).prop_map(|(stream, after, limit)| Step::ReadStream {
        stream,
        after: after % 20,
        limit,
    });
    let read_all =
        (any::<u8>(), 0..20_u8).prop_map(|(after, limit)| Step::ReadAll { after: after % 60, limit });
    prop_oneof![6 => append, 1 => read_stream, 1 => read_all, 1 => (0..5_u8).prop_map(|stream| Step::Head { stream })]
}

/// The plain vector.
#[derive(Debug, Default)]
struct Model {
    log: Vec<(StreamId, Uuid)>,
}

#[derive(Debug, PartialEq, Eq)]
enum Expected {
    At { position: u64, version: u64 },
    Duplicate(u64),
    Conflict,
    Foreign,
    Malformed,
}

impl Model {
    fn version(&self, stream: &StreamId) -> u64 {
        self.log.iter().filter(|(it, _)| it == stream).count() as u64
    }

    fn append(&mut self, stream: &StreamId, expected: u64, ids: &[Uuid]) -> Expected {
        if ids.is_empty() || ids.iter().enumerate().any(|(at, id)| ids[..at].contains(id)) {
            return Expected::Malformed;
        }
        let known: Vec<_> = (1..).zip(&self.log).filter(|(_, (_, id))| ids.contains(id)).collect();
        if let Some((position, _)) = known.last() {
            let whole = known.len() == ids.len() && known.iter().all(|(_, (it, _))| it == stream);
            return if whole { Expected::Duplicate(*position) } else { Expected::Foreign };
        }
        if self.version(stream) != expected {
            return Expected::Conflict;
        }
        self.log.extend(ids.iter().map(|id| (stream.clone(), *id)));
        Expected::At { position: self.log.len() as u64, version: self.version(stream) }
    }
}

/// Runs one sequence in a corner of the store of its own: names, ids and positions start where the last case ended.
async fn run(store: &Store, case: u64, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let base = talon_core::testing::conformance::whole(store).await.len() as u64;
    let name = |stream: u8| StreamId::new(&format!("case-{case}-{stream}"));
    let given = |ids: &[u8]| -> Vec<NewEvent> {
        events(ids.iter().map(|id| u128::from(case) * 1_000 + u128::from(*id) + 1))
    };
    let mut model = Model::default();
    for step in steps {
        let told = format!("{step:?}");
        match step {
            Step::Append { stream, off, ids } => {
                let stream = name(stream);
                let events = given(&ids);
                let ids: Vec<Uuid> = events.iter().map(|it| it.event_id).collect();
                let expected = model.version(&stream).saturating_add_signed(off.into());
                let outcome = match store.append(&stream, expected, events).await {
                    Ok(Appended::At(position, head)) => {
                        Expected::At { position: position - base, version: head.version }
                    }
                    Ok(Appended::Duplicate(position)) => Expected::Duplicate(position - base),
                    Err(StoreError::Conflict) => Expected::Conflict,
                    Err(StoreError::ForeignDuplicate) => Expected::Foreign,
                    Err(StoreError::Malformed(_)) => Expected::Malformed,
                    Err(error) => return Err(TestCaseError::fail(format!("{told}: {error:?}"))),
                };
                proptest::prop_assert_eq!(outcome, model.append(&stream, expected, &ids), "{}", told);
            }
            Step::ReadStream { stream, after, limit } => {
                let stream = name(stream);
                let read = store.read_stream(&stream, after.into(), limit.into()).await.unwrap();
                let ids: Vec<_> = read.iter().map(|it| it.event_id).collect();
                let of_stream = model.log.iter().filter(|(it, _)| *it == stream).map(|(_, id)| *id);
                let expected: Vec<_> = of_stream.skip(after.into()).take(limit.into()).collect();
                proptest::prop_assert_eq!(ids, expected, "{}", told);
            }
            Step::ReadAll { after, limit } => {
                let read = store.read_all(base + u64::from(after), limit.into()).await.unwrap();
                let read: Vec<_> = read.into_iter().map(|it| (it.stream, it.event_id)).collect();
                let expected: Vec<_> =
                    model.log.iter().skip(after.into()).take(limit.into()).cloned().collect();
                proptest::prop_assert_eq!(read, expected, "{}", told);
            }
            Step::Head { stream } => {
                let stream = name(stream);
                let head: Head = store.head(&stream).await.unwrap();
                proptest::prop_assert_eq!(head.version, model.version(&stream), "{}", told);
            }
        }
    }
    let log = store.read_all(base, 1_000).await.unwrap();
    proptest::prop_assert!(log.iter().all(seal::holds));
    let log: Vec<_> = log.into_iter().map(|it| (it.stream, it.event_id)).collect();
    proptest::prop_assert_eq!(log, model.log);
    Ok(())
}

fn against_the_model(home: impl AsyncFnOnce() -> Option<Home>, cases: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let Some(home) = runtime.block_on(home()) else { return };
    let storage: Storage = runtime.block_on(home.open());
    let case = AtomicU64::new(0);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&vec(step(), 1..60), |steps| {
        runtime.block_on(run(&storage.events, case.fetch_add(1, Ordering::Relaxed), steps))
    });
    outcome.unwrap();
    runtime.block_on(async {
        audit(&storage.events).await;
        storage.close().await;
    });
}

#[test]
fn memory_behaves_like_a_vector() {
    against_the_model(async || Some(Home::Memory), 200);
}

#[test]
fn sqlite_behaves_like_a_vector() {
    against_the_model(async || Some(Home::sqlite()), 60);
}

#[test]
fn postgres_behaves_like_a_vector() {
    against_the_model(async || Home::postgres().await, 30);
}
