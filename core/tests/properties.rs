//! What holds whatever people press: random days, played through the rules.

#[path = "properties/fairness.rs"]
mod fairness;
#[path = "properties/presses.rs"]
mod presses;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use talon_core::{
    queue_day::{
        QueueDay,
        command::Action,
        ticket::{Outcome, Ticket, TicketState},
    },
    queue_event::{Event, QueueEvent},
    testing::{given::Hall, samples::*},
};

use self::presses::{Press, What, a_press};

fn press(hall: &mut Hall, it: &Press) {
    hall.passes(it.seconds);
    // Whoever sits down does so for themselves, or the head lets them.
    let answer = match &it.what {
        What::Ask(action) => hall.ask(&it.actor, action.clone()).map(drop),
        What::LetTimeAct => {
            hall.lets_time_act();
            Ok(())
        }
        What::Undo(back) => match hall.heard.iter().rev().nth(*back) {
            Some(step) => {
                let (event, actor) = (step.id, step.actor.clone());
                hall.ask(&actor, Action::UndoAction { event }).map(drop)
            }
            None => Ok(()),
        },
    };
    if let Err(refusal) = answer {
        assert!(!refusal.code().is_empty());
    }
}

/// The day begins with both operators at work.
fn morning() -> Hall {
    let mut hall = Hall::open();
    for (who, action) in [opens(anna(), WINDOW_1), opens(boris(), WINDOW_2)] {
        hall.does(&who, action);
    }
    hall
}

fn play(presses: &[Press]) -> Hall {
    let mut hall = morning();
    for it in presses {
        press(&mut hall, it);
    }
    hall
}

fn holds(day: &QueueDay, max_calls: u8) {
    let mut numbers = BTreeSet::new();
    let mut bookings = BTreeSet::new();
    let mut at_windows = BTreeMap::new();
    for it in day.tickets.values() {
        assert!(numbers.insert(&it.number), "the number {} was given twice", it.number);
        assert!(it.attempts <= max_calls, "{} was called {} times", it.number, it.attempts);
        assert_eq!(it.is_open(), day.open_tickets.contains(&it.id), "the index of {}", it.number);
        assert!(!it.services.is_empty());
        if it.is_open()
            && let Some(booking) = it.booking_id
        {
            assert!(bookings.insert(booking), "two open tickets of one booking");
        }
        if let Some(window) = it.state.window() {
            assert_eq!(at_windows.insert(window.clone(), it.id), None, "two tickets at {window}");
        }
    }
    let mut operators = BTreeSet::new();
    for it in day.windows.values() {
        assert!(operators.insert(&it.operator), "{} works at two windows", it.operator);
        assert_eq!(it.ticket, at_windows.remove(&it.id), "what stands at {}", it.id);
    }
    assert!(at_windows.is_empty(), "tickets at windows that are not open: {at_windows:?}");
    let ended = |outcome| {
        let is = |it: &&Ticket| matches!(it.state, TicketState::Closed { outcome: of, .. } if of == outcome);
        day.tickets.values().filter(is).count()
    };
    assert_eq!(usize::try_from(day.tallies.served), Ok(ended(Outcome::Completed)));
    assert_eq!(usize::try_from(day.tallies.issued), Ok(day.tickets.len()));
}

/// Nothing after the end but an undo; every call with its decision.
fn history_holds(hall: &Hall) {
    let mut ended = BTreeSet::new();
    for heard in &hall.heard {
        let Event::Queue(event) = &heard.event else { panic!("a fact of another stream") };
        let Some(ticket) = event.ticket() else { continue };
        match event {
            QueueEvent::ActionUndone(_) => {
                ended.remove(&ticket);
            }
            _ => assert!(!ended.contains(&ticket), "{event:?} after the end"),
        }
        match event {
            QueueEvent::ServiceCompleted(it) if it.next.is_some() => {}
            QueueEvent::ServiceCompleted(_)
            | QueueEvent::ServiceRefused(_)
            | QueueEvent::TicketCancelled(_)
            | QueueEvent::TicketAbandoned(_)
            | QueueEvent::TicketExpired(_) => {
                ended.insert(ticket);
            }
            QueueEvent::TicketCalled(it) => {
                let decision = it.decision.as_ref().expect("a live call says why");
                assert!(decision.rank >= 1 && decision.rank <= decision.candidates);
                assert!(decision.overtaken.len() <= 5);
            }
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_presses_breaks_the_day(presses in prop::collection::vec(a_press(), 1..150)) {
        let mut hall = morning();
        for it in &presses {
            press(&mut hall, it);
            holds(&hall.day, 3);
            let due = hall.day.due(hall.now);
            let is_due = hall.day.next_due().is_some_and(|it| it <= hall.now);
            prop_assert_eq!(!due.is_empty(), is_due, "due {:?}", due);
        }
        history_holds(&hall);
        prop_assert!(hall.day == hall.replayed(), "the replay differs");
    }

    #[test]
    fn the_same_presses_make_the_same_day(presses in prop::collection::vec(a_press(), 1..80)) {
        prop_assert_eq!(play(&presses).heard, play(&presses).heard);
    }

    #[test]
    fn time_always_comes_to_an_end_of_its_work(presses in prop::collection::vec(a_press(), 1..60)) {
        let mut hall = play(&presses);
        hall.passes(30 * 3600);
        hall.lets_time_act();
        prop_assert_eq!(hall.day.due(hall.now), vec![]);
        let busy = hall.day.open().any(|it| it.state.window().is_some());
        prop_assert_eq!(hall.day.is_open(), busy, "the day closes unless somebody is at a window");
    }
}
