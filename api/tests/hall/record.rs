//! What the log says, read as an auditor would.

use std::{collections::BTreeMap, sync::Arc};

use talon_core::{
    event_store::EventStore,
    fact::Fact,
    queue_event::{Event, QueueEvent},
};
use talon_replay::{progress::Progress, verify::verify};
use uuid::Uuid;

use crate::work::Answered;

const PAGE: u32 = 1_000;

/// Every fact there is.
pub(crate) async fn facts(store: &Arc<dyn EventStore>) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    loop {
        let after = facts.last().map_or(0, |it| it.position);
        let page = store.read_all(after, PAGE).await.unwrap();
        if page.is_empty() {
            return facts;
        }
        facts.extend(page.iter().map(|it| Fact::decode(it).unwrap()));
    }
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
    let report = verify(store, &Progress::silent()).await.unwrap();
    assert_eq!(report.broken, None);
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
        if let Event::Queue(QueueEvent::TicketIssued(issued)) = &once[0].event {
            assert_eq!(it.number, issued.number, "{it:?}");
        }
    }
    let mut numbers = BTreeMap::<_, u32>::new();
    let mut calls = BTreeMap::<_, u32>::new();
    for fact in &facts {
        match &fact.event {
            Event::Queue(QueueEvent::TicketIssued(it)) => {
                *numbers.entry((fact.stream.as_str().to_owned(), it.number.clone())).or_default() += 1;
            }
            Event::Queue(QueueEvent::TicketCalled(it)) => *calls.entry(it.ticket).or_default() += 1,
            _ => {}
        }
    }
    assert!(numbers.values().all(|count| *count == 1), "a number was given twice");
    assert!(calls.values().all(|count| *count == 1), "somebody was called twice");
    let told = |mutation| answered.iter().filter(|it| it.mutation == mutation && it.code.is_none()).count();
    assert_eq!(numbers.len(), told("issueTicket"), "every ticket was asked for and told of");
    assert_eq!(calls.len(), told("callNext"), "every call was asked for and told of");
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
