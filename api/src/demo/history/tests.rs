use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use talon_core::{
    dispatch::Dispatch,
    event_store::EventStore,
    fact::Fact,
    ids::{BranchId, OperatorId},
    queue_day::{
        DayState, QueueDay,
        ticket::{Outcome, TicketState},
    },
    queue_event::{Event, QueueEvent},
    time::Clock,
};
use talon_storage::{Access, Storage, StoreUrl};

use crate::demo::{
    BRANCH, Employed,
    clock::LeapingClock,
    history::{DAYS, Scene, draft, stream_of, week_before, write},
    set_up, staff,
};

/// A Friday afternoon in Moscow.
fn now() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

struct Installation {
    _storage: Storage,
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
    employed: Vec<Employed>,
}

async fn installation() -> Installation {
    let storage = Storage::open(&StoreUrl::Memory, Access::Owner, None).await.unwrap();
    let store = storage.events.clone();
    let clock: Arc<dyn Clock> = Arc::new(LeapingClock::at(now(), ChaCha8Rng::seed_from_u64(7)));
    let employed =
        staff().into_iter().map(|it| (OperatorId::trusted(&it.email.replace('@', ".")), it)).collect();
    Installation { _storage: storage, store, clock, employed }
}

impl Installation {
    async fn remember(&self, seed: u64) -> usize {
        let catalogue = set_up::found(&self.store, &self.clock).await.unwrap();
        set_up::remember(&self.store, &self.clock, &catalogue, &self.employed, seed).await.unwrap()
    }

    async fn facts(&self) -> Vec<Fact> {
        let mut facts = Vec::new();
        loop {
            let after = facts.last().map_or(0, |it: &Fact| it.position);
            let page = self.store.read_all(after, 1000).await.unwrap();
            if page.is_empty() {
                return facts;
            }
            facts.extend(page.iter().map(|it| Fact::decode(it).unwrap()));
        }
    }
}

#[tokio::test]
async fn the_past_week_is_seven_closed_days_with_nobody_left_behind() {
    let hall = installation().await;
    assert!(hall.remember(1).await > 0);
    let days = Dispatch::<QueueDay>::new(hall.store.clone(), hall.clock.clone());
    let today = "2026-11-20".parse().unwrap();
    let mut seen = 0;
    for date in week_before(today) {
        let day = days.read(&stream_of(&BranchId::trusted(BRANCH), date), QueueDay::clone).await.unwrap();
        assert!(matches!(day.state, DayState::Closed { .. }), "{date} is {:?}", day.state);
        assert_eq!(day.open().count(), 0, "{date} left somebody behind");
        let issued = day.tickets.len();
        let ended = |outcome| {
            let of = |state: &TicketState| matches!(state, TicketState::Closed { outcome: it, .. } if *it == outcome);
            day.tickets.values().filter(|it| of(&it.state)).count()
        };
        assert!((120..900).contains(&issued), "{date}: {issued} tickets");
        assert!(ended(Outcome::Completed) * 10 >= issued * 8, "{date}: few of {issued} were served");
        assert!(ended(Outcome::Abandoned) > 0, "{date}: nobody missed a call for good");
        assert!(ended(Outcome::Expired) * 50 <= issued, "{date}: too many expired");
        let mut waits: Vec<i64> = day
            .tickets
            .values()
            .filter_map(|it| Some((it.called_at? - it.issued_at).num_seconds()))
            .collect();
        waits.sort_unstable();
        let ninth_tenth = waits[waits.len() * 9 / 10];
        assert!((60..1800).contains(&ninth_tenth), "{date}: nine of ten waited up to {ninth_tenth} s");
        seen += 1;
    }
    assert_eq!(seen, DAYS);
}

#[tokio::test]
async fn the_past_week_shows_everything_that_happens_in_a_hall() {
    let hall = installation().await;
    hall.remember(1).await;
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let facts = hall.facts().await;
    for fact in &facts {
        *kinds.entry(fact.event.wire().0).or_default() += 1;
    }
    for kind in [
        "ticket.called",
        "ticket.recalled",
        "ticket.no_show",
        "ticket.reactivated",
        "ticket.abandoned",
        "ticket.parked",
        "ticket.unparked",
        "ticket.transferred",
        "ticket.returned",
        "service.added",
        "service.refused",
        "window.paused",
        "window.resumed",
        "alert.long_wait",
        "day.closed",
    ] {
        assert!(kinds.get(kind).copied().unwrap_or(0) >= 3, "{kind} is rare: {kinds:?}");
    }
    let privileged = |fact: &&Fact| matches!(&*fact.event, Event::Queue(QueueEvent::TicketIssued(it)) if it.class_reason.is_some());
    assert!(facts.iter().filter(privileged).count() > 50);
}

#[tokio::test]
async fn every_fact_of_the_past_was_recorded_in_the_past_and_in_order() {
    let hall = installation().await;
    hall.remember(1).await;
    let mut last: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
    for fact in hall.facts().await {
        assert!(fact.recorded_at < now(), "{} at {}", fact.stream, fact.recorded_at);
        let before = last.insert(fact.stream.to_string(), fact.recorded_at);
        assert!(before.is_none_or(|it| it < fact.recorded_at), "{} goes back in time", fact.stream);
    }
}

#[tokio::test]
async fn one_seed_is_one_past_and_another_seed_another() {
    let hall = installation().await;
    let catalogue = set_up::found(&hall.store, &hall.clock).await.unwrap();
    let branch = BranchId::trusted(BRANCH);
    let days = set_up::past_days(&hall.store, &hall.clock, &branch).await.unwrap();
    let sunday = days.iter().find(|it| it.date == "2026-11-15".parse().unwrap()).unwrap();
    let mut pasts = Vec::new();
    for seed in [5, 5, 6] {
        let scene = Scene { branch: &branch, catalogue: &catalogue, staff: &hall.employed, seed };
        pasts.push(draft(&scene, sunday).await.unwrap());
    }
    assert!(pasts[0].len() > 500);
    assert_eq!(pasts[0], pasts[1]);
    assert_ne!(pasts[0], pasts[2]);
}

#[tokio::test]
async fn the_past_is_written_once() {
    let hall = installation().await;
    let written = hall.remember(1).await;
    assert!(written > 0);
    let before = hall.facts().await.len();
    assert_eq!(hall.remember(1).await, 0);
    assert_eq!(hall.remember(2).await, 0, "another seed must not write into days that exist");
    assert_eq!(hall.facts().await.len(), before);
}

#[tokio::test]
async fn an_interrupted_past_goes_on_where_it_stopped() {
    let hall = installation().await;
    let catalogue = set_up::found(&hall.store, &hall.clock).await.unwrap();
    let branch = BranchId::trusted(BRANCH);
    let days = set_up::past_days(&hall.store, &hall.clock, &branch).await.unwrap();
    let scene = Scene { branch: &branch, catalogue: &catalogue, staff: &hall.employed, seed: 3 };
    let weekend = &days[1..3];
    let saturday = draft(&scene, &weekend[0]).await.unwrap();
    let sunday = draft(&scene, &weekend[1]).await.unwrap();
    let begun = saturday[..700].to_vec();
    hall.store.append(&stream_of(&branch, weekend[0].date), 0, begun).await.unwrap();

    let written = write(hall.store.as_ref(), &scene, weekend, now()).await.unwrap();
    assert_eq!(written, saturday.len() - 700 + sunday.len());
    let ids: Vec<_> = hall.facts().await.into_iter().filter(|it| it.stream.category() == "queue").collect();
    let expected = saturday.iter().chain(&sunday).map(|it| it.event_id);
    assert!(ids.iter().map(|it| it.event_id.0).eq(expected));
}
