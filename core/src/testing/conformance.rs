//! What every event store promises, case by case. `event_store_conformance!` turns the suite into the tests of one
//! store; after each case the whole log is audited. Stores that also promise positions without gaps add
//! `event_store_density!`. The suite knows the port only.

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    clippy::allow_attributes,
    reason = "every function is a test"
)]

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use uuid::Uuid;

use crate::{
    event_store::{Appended, EventStore, Head, NewEvent, Position, Recorded, StoreError, StreamId, Version},
    seal,
};

pub mod appending;
pub mod chain;
pub mod density;
pub mod groups;
pub mod reading;
pub mod repeats;
pub mod versions;

/// A store under test.
pub type Store = Arc<dyn EventStore>;

/// Expands into one test for each case. The argument is a future of `Option<(Store, guard)>`: a fresh store and what
/// must outlive the test; nothing when the store's server is missing, which has then reported the skip.
#[macro_export]
macro_rules! event_store_conformance {
    ($fresh:expr) => {
        $crate::event_store_conformance! { @cases $fresh;
            appending:
                the_first_append_begins_the_stream
                an_append_answers_with_its_last_position_and_the_new_head
                an_append_follows_the_one_before
                a_thousand_events_go_in_at_once
                nothing_of_a_refused_append_is_written
                an_empty_append_is_refused
                an_id_twice_in_one_append_is_refused
                a_stream_without_a_name_is_refused
                a_name_too_long_is_refused
                a_name_with_nul_is_refused
                the_longest_name_is_taken
                bytes_come_back_as_given
                every_byte_comes_back_as_given
                empty_bodies_come_back
                unicode_names_come_back
                names_that_only_look_alike_are_different
                a_mebibyte_comes_back
                an_append_larger_than_any_group_goes_in
                both_times_are_kept
                the_schema_version_is_kept;
            versions:
                a_stale_version_conflicts
                a_version_of_the_future_conflicts
                events_expected_of_an_absent_stream_conflict
                an_existing_stream_expected_absent_conflicts
                a_conflict_writes_nothing
                the_ids_of_a_conflict_stay_free
                streams_count_their_own_versions
                of_racing_writers_one_wins
                of_racing_founders_one_wins
                racing_writers_that_try_again_all_get_through;
            repeats:
                a_repeat_is_recognised_and_writes_nothing
                a_repeat_is_recognised_whatever_version_it_expects
                a_repeat_of_many_answers_with_the_last_position
                a_repeat_is_recognised_after_others_followed
                a_repeat_of_a_part_is_recognised
                ids_of_two_appends_are_a_repeat
                a_repeat_with_something_new_is_refused
                an_id_of_another_stream_is_refused
                ids_of_two_streams_are_refused
                a_stale_append_with_a_foreign_id_is_refused
                the_new_ids_of_a_refused_repeat_stay_free
                one_append_sent_many_times_at_once_is_written_once
                one_id_sent_to_two_streams_at_once_is_written_once;
            reading:
                an_absent_stream_is_empty
                a_stream_is_read_in_order
                a_stream_is_read_in_pages
                nothing_comes_after_the_end_of_a_stream
                streams_with_names_alike_are_read_apart
                the_log_is_read_in_pages
                nothing_comes_after_the_end_of_the_log
                a_limit_of_nothing_gives_nothing
                the_log_holds_streams_in_the_order_of_their_appends
                a_stream_and_the_log_tell_the_same
                an_answered_append_is_visible_at_once
                a_reader_beside_writers_skips_nothing
                the_log_has_an_id_of_its_own;
            chain:
                every_event_carries_its_seal
                a_stream_begins_after_zero_bytes
                each_event_follows_the_one_before
                the_head_is_the_seal_of_the_last_event
                a_chain_can_be_foretold
                a_chain_goes_on_through_conflicts_and_repeats;
            groups:
                many_streams_at_once_all_get_through
                appends_that_follow_each_other_at_once_all_get_through
                a_conflict_harms_no_neighbour
                a_repeat_harms_no_neighbour
                a_foreign_id_harms_no_neighbour
                a_malformed_append_harms_no_neighbour
                large_and_small_go_in_together
                a_caller_that_goes_away_harms_nobody
                an_append_whose_caller_went_away_is_whole_or_absent;
        }
    };
    (@cases $fresh:expr; $($module:ident: $($case:ident)+;)+) => { $($(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            let Some((store, _guard)) = $fresh.await else { return };
            $crate::testing::conformance::$module::$case(&store).await;
            $crate::testing::conformance::audit(&store).await;
        }
    )+)+ };
}

/// The cases of stores whose positions leave no gap; used like `event_store_conformance!`.
#[macro_export]
macro_rules! event_store_density {
    ($fresh:expr) => {
        $crate::event_store_conformance! { @cases $fresh;
            density:
                positions_count_from_one
                what_is_refused_leaves_no_gap
                writers_at_once_leave_no_gap;
        }
    };
}

/// An event with this id and a body of its own.
#[must_use]
pub fn event(id: u128) -> NewEvent {
    let id = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | id);
    let micros = 1_700_000_000_000_000 + i64::from(id.as_fields().0 & 0xff);
    NewEvent {
        event_id: id,
        kind: "ticket.issued",
        schema_version: 1,
        occurred_at: micros,
        recorded_at: micros,
        data: Bytes::from(format!("{{\"ticket\":\"{id}\"}}")),
        meta: Bytes::from_static(b"{\"actor\":\"anna\"}"),
    }
}

/// Events with these ids, in this order.
#[must_use]
pub fn events(ids: impl IntoIterator<Item = u128>) -> Vec<NewEvent> {
    ids.into_iter().map(event).collect()
}

#[must_use]
pub fn stream(name: &str) -> StreamId {
    StreamId::new(name)
}

/// Appends and expects it to be written.
pub async fn written(
    store: &Store,
    name: &str,
    expected: Version,
    events: Vec<NewEvent>,
) -> (Position, Head) {
    match store.append(&stream(name), expected, events).await {
        Ok(Appended::At(position, head)) => (position, head),
        other => panic!("{name} after {expected} must be written, not {other:?}"),
    }
}

/// The whole log, in pages.
pub async fn whole(store: &Store) -> Vec<Recorded> {
    let mut log: Vec<Recorded> = Vec::new();
    loop {
        let after = log.last().map_or(0, |it| it.position);
        let page = store.read_all(after, 500).await.expect("a readable log");
        if page.is_empty() {
            return log;
        }
        log.extend(page);
    }
}

/// Positions rise, ids are unique, every stream counts its versions and holds its chain, every head is the truth.
pub async fn audit(store: &Store) {
    let log = whole(store).await;
    assert!(log.windows(2).all(|pair| pair[0].position < pair[1].position), "positions must rise");
    let mut ids = std::collections::BTreeSet::new();
    let mut heads: BTreeMap<StreamId, Head> = BTreeMap::new();
    for event in &log {
        assert!(ids.insert(event.event_id), "{} is in the log twice", event.event_id);
        let head = heads.entry(event.stream.clone()).or_default();
        assert_eq!(event.version, head.version + 1, "versions of {} must count", event.stream);
        assert_eq!(event.prev_hash, head.hash, "the chain of {} is broken", event.stream);
        assert!(seal::holds(event), "the seal of version {} of {} is broken", event.version, event.stream);
        *head = Head { version: event.version, hash: event.hash, recorded_at: event.recorded_at };
    }
    for (stream, head) in heads {
        assert_eq!(store.head(&stream).await.expect("a readable head"), head, "the head of {stream}");
    }
}

fn is_conflict(outcome: &Result<Appended, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Conflict))
}

fn is_foreign(outcome: &Result<Appended, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::ForeignDuplicate))
}

fn is_malformed(outcome: &Result<Appended, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Malformed(_)))
}
