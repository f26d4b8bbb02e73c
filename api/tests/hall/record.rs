//! What the log says, read as an auditor would.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::TimeDelta;
use talon_core::{
    event_store::{EventStore, Recorded},
    fact::Fact,
    queue_event::{Event, QueueEvent},
};
use talon_replay::{progress::Progress, verify::verify};
use uuid::Uuid;

use crate::{
    house::SERVICE,
    work::{Answered, number_of},
};

const PAGE: u32 = 1_000;
/// Stamps of one stream never stand still and so may be a little ahead of the clock.
const A_TICK: TimeDelta = TimeDelta::milliseconds(1);

/// Everything there is, as it was recorded.
pub(crate) async fn all(store: &Arc<dyn EventStore>) -> Vec<Recorded> {
    let mut all: Vec<Recorded> = Vec::new();
    loop {
        let page = store.read_all(all.last().map_or(0, |it| it.position), PAGE).await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// Every fact there is.
pub(crate) async fn facts(store: &Arc<dyn EventStore>) -> Vec<Fact> {
    all(store).await.iter().map(|it| Fact::decode(it).unwrap()).collect()
}

/// No link of the chain is broken.
pub(crate) async fn unbroken(store: &Arc<dyn EventStore>) {
    assert_eq!(verify(store, &Progress::silent()).await.unwrap().broken, None);
}

/// The last position.
pub(crate) async fn positions(store: &Arc<dyn EventStore>) -> u64 {
    facts(store).await.last().map_or(0, |it| it.position)
}

/// Facts by the command that caused them.
pub(crate) fn by_command(facts: &[Fact]) -> BTreeMap<Uuid, Vec<&Fact>> {
    let mut all: BTreeMap<Uuid, Vec<&Fact>> = BTreeMap::new();
    for fact in facts {
        all.entry(fact.meta.command_id.0).or_default().push(fact);
    }
    all
}

/// Facts of one command in the log of a running house.
pub(crate) async fn of_command(store: &Arc<dyn EventStore>, command: Uuid) -> Vec<Fact> {
    facts(store).await.into_iter().filter(|it| it.meta.command_id.0 == command).collect()
}

/// Holds the log against what people were told: each answered command is in it once and with the answer that was given,
/// no number was given twice, nobody was called twice, and the chain is whole.
pub(crate) async fn audit(store: &Arc<dyn EventStore>, answered: &[Answered]) {
    unbroken(store).await;
    let facts = facts(store).await;
    let commands = by_command(&facts);
    for it in answered {
        let found = commands.get(&it.command).map_or(&[][..], Vec::as_slice);
        let Some(kind) = first_kind(it.mutation).filter(|_| it.code.is_none()) else {
            assert!(it.code.is_none() || found.is_empty(), "{it:?} was refused, yet written: {found:?}");
            continue;
        };
        let once: Vec<_> = found.iter().filter(|fact| fact.event.wire().0 == kind).collect();
        assert_eq!(once.len(), 1, "{it:?}: {found:?}");
        // One append: nothing of anybody else stands between.
        let in_one_go = found.windows(2).all(|pair| pair[0].version + 1 == pair[1].version);
        assert!(in_one_go && found.iter().all(|fact| fact.stream == found[0].stream), "{it:?}: {found:?}");
        if let Event::Queue(QueueEvent::TicketIssued(issued)) = &*once[0].event {
            assert_eq!(it.number, issued.number, "{it:?}");
        }
    }
    true_refusals(&facts, answered);
    let (numbers, calls) = given_and_called(&facts);
    let told = |mutation| answered.iter().filter(|it| it.mutation == mutation && it.code.is_none()).count();
    assert_eq!(numbers, told("issueTicket"), "every ticket was asked for and told of");
    assert_eq!(calls, told("callNext"), "every call was asked for and told of");
}

/// Nobody was told that nobody waits while somebody did: among the states that the log can have had between question and
/// answer there is one in which no ticket waited that these operators serve.
fn true_refusals(facts: &[Fact], answered: &[Answered]) {
    // How many waited after each fact that changed it, and when that fact was stamped.
    let mut waiting = BTreeSet::new();
    let mut changes = Vec::new();
    for fact in facts {
        let changed = match &*fact.event {
            Event::Queue(QueueEvent::TicketIssued(it)) => {
                it.services.iter().any(|it| it.as_str() == SERVICE) && waiting.insert(it.ticket)
            }
            Event::Queue(QueueEvent::TicketCalled(it)) => waiting.remove(&it.ticket),
            _ => false,
        };
        if changed {
            changes.push((fact.position, fact.recorded_at, waiting.len()));
        }
    }
    // Whoever had an answer by then was told of a log at least so long.
    let mut told: Vec<_> =
        answered.iter().filter_map(|it| Some((it.between[1], number_of(it.position.as_deref()?)))).collect();
    told.sort_unstable();
    let mut longest = 0;
    for (_, position) in &mut told {
        longest = longest.max(*position);
        *position = longest;
    }
    for it in answered.iter().filter(|it| it.code.as_deref() == Some("NOBODY_WAITING")) {
        let [asked, had_answer] = it.between;
        let before = told[..told.partition_point(|(at, _)| *at < asked)].last().map_or(0, |it| it.1);
        let known = changes.partition_point(|(position, ..)| *position <= before);
        let at_first = known.checked_sub(1).map_or(0, |last| changes[last].2);
        let mut later = changes[known..].iter().filter(|(_, stamped, _)| *stamped <= had_answer + A_TICK);
        assert!(
            at_first == 0 || later.any(|(.., waiting)| *waiting == 0),
            "{it:?}: somebody waited all the time"
        );
    }
}

/// How many numbers were given out and how many people called: each of them once.
fn given_and_called(facts: &[Fact]) -> (usize, usize) {
    let mut numbers = BTreeMap::<_, u32>::new();
    let mut calls = BTreeMap::<_, u32>::new();
    for fact in facts {
        match &*fact.event {
            Event::Queue(QueueEvent::TicketIssued(it)) => {
                *numbers.entry((fact.stream.as_str().to_owned(), it.number.clone())).or_default() += 1;
            }
            Event::Queue(QueueEvent::TicketCalled(it)) => *calls.entry(it.ticket).or_default() += 1,
            _ => {}
        }
    }
    assert!(numbers.values().all(|count| *count == 1), "a number was given twice");
    assert!(calls.values().all(|count| *count == 1), "somebody was called twice");
    (numbers.len(), calls.len())
}

/// The chain is whole, no number was given twice and nobody called twice.
pub(crate) async fn sound(store: &Arc<dyn EventStore>) {
    unbroken(store).await;
    given_and_called(&facts(store).await);
}

/// Each of these commands is in the log, once.
pub(crate) async fn once(store: &Arc<dyn EventStore>, commands: &[Uuid]) {
    let facts = facts(store).await;
    let known = by_command(&facts);
    for command in commands {
        let found = known.get(command).map_or(0, Vec::len);
        assert_eq!(found, 1, "{command} is in the log {found} times");
    }
}

/// What a command writes when it does anything.
fn first_kind(mutation: &str) -> Option<&'static str> {
    match mutation {
        "issueTicket" => Some("ticket.issued"),
        "callNext" => Some("ticket.called"),
        "startService" => Some("service.started"),
        "completeService" => Some("service.completed"),
        "openWindow" => Some("window.opened"),
        // The alarm clock may have been first.
        _ => None,
    }
}
