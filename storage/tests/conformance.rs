//! Every store keeps every promise of the port.

mod support;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use support::Home;
use talon_core::{
    event_store::{Appended, EventStore, Head, NewEvent, Position, Recorded, StoreError, StreamId, Version},
    testing::conformance::Store,
};
use talon_storage::Storage;
use uuid::Uuid;

/// Ends after the test: first the store, then its home.
struct Guard {
    _storages: Vec<Storage>,
    _home: Home,
}

async fn fresh(home: Home) -> Option<(Store, Guard)> {
    let storage = home.open().await;
    Some((storage.events.clone(), Guard { _storages: vec![storage], _home: home }))
}

mod memory {
    use super::{Home, fresh};
    talon_core::event_store_conformance!(fresh(Home::Memory));
    talon_core::event_store_density!(fresh(Home::Memory));
}

mod sqlite {
    use super::{Home, fresh};
    talon_core::event_store_conformance!(fresh(Home::sqlite()));
    talon_core::event_store_density!(fresh(Home::sqlite()));
}

mod postgres {
    use super::{Guard, Home, Store, fresh};

    async fn database() -> Option<(Store, Guard)> {
        fresh(Home::postgres().await?).await
    }

    talon_core::event_store_conformance!(database());
    talon_core::event_store_density!(database());
}

/// Two nodes on one database; every call goes to the other one than the call before.
struct Cluster {
    nodes: [Store; 2],
    calls: AtomicUsize,
}

impl Cluster {
    fn next(&self) -> &Store {
        &self.nodes[self.calls.fetch_add(1, Ordering::Relaxed) % 2]
    }
}

#[async_trait]
impl EventStore for Cluster {
    async fn append(
        &self,
        stream: &StreamId,
        expected: Version,
        events: Vec<NewEvent>,
    ) -> Result<Appended, StoreError> {
        self.next().append(stream, expected, events).await
    }

    async fn head(&self, stream: &StreamId) -> Result<Head, StoreError> {
        self.next().head(stream).await
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        after: Version,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.next().read_stream(stream, after, limit).await
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, StoreError> {
        self.next().read_all(after, limit).await
    }

    fn sole_writer(&self) -> bool {
        false
    }

    fn log_id(&self) -> Uuid {
        self.nodes[0].log_id()
    }
}

/// What one node promises, two keep together, but for the order in which appends to both were sent.
mod two_postgres_nodes {
    use super::{Arc, AtomicUsize, Cluster, Guard, Home, Store};

    async fn cluster() -> Option<(Store, Guard)> {
        let home = Home::postgres().await?;
        let nodes = [home.open().await, home.open().await];
        let stores = [nodes[0].events.clone(), nodes[1].events.clone()];
        let cluster = Cluster { nodes: stores, calls: AtomicUsize::new(0) };
        Some((Arc::new(cluster), Guard { _storages: nodes.into(), _home: home }))
    }

    talon_core::event_store_density!(cluster());
    talon_core::event_store_conformance! { @cases cluster();
        versions:
            a_stale_version_conflicts
            of_racing_writers_one_wins
            of_racing_founders_one_wins
            racing_writers_that_try_again_all_get_through;
        repeats:
            a_repeat_is_recognised_whatever_version_it_expects
            a_repeat_with_something_new_is_refused
            one_append_sent_many_times_at_once_is_written_once
            one_id_sent_to_two_streams_at_once_is_written_once;
        reading:
            an_answered_append_is_visible_at_once
            a_reader_beside_writers_skips_nothing;
        groups:
            many_streams_at_once_all_get_through
            a_conflict_harms_no_neighbour
            a_repeat_harms_no_neighbour
            a_foreign_id_harms_no_neighbour
            a_caller_that_goes_away_harms_nobody;
    }
}
