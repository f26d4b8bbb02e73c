//! What holds whatever people press: random days, played through the rules.

#[path = "properties/fairness.rs"]
mod fairness;
#[path = "properties/presses.rs"]
mod presses;

use std::collections::{BTreeMap, BTreeSet};

use proptest::{prelude::*, strategy::ValueTree};
use talon_core::{
    fact::Actor,
    queue_day::{
        QueueDay,
        command::Action,
        ticket::{Outcome, Ticket, TicketState},
    },
    queue_event::{Event, QueueEvent},
    testing::{given::Hall, samples::*},
};

use self::presses::{ASIDE, MINE, OWN, Press, What, a_press, ticket_of, window_of};

fn press(hall: &mut Hall, it: &Press) {
    hall.passes(it.seconds);
    let answer = match &it.what {
        What::Ask(action) => {
            let action = aimed(hall, &it.actor, action.clone());
            hall.ask(&it.actor, action).map(drop)
        }
        What::CallInVain => {
            let own = window(OWN);
            let called = aimed(hall, &it.actor, Action::CallNext { window: own });
            let answer = hall.ask(&it.actor, called).map(drop);
            hall.passes(61);
            let id = ticket(MINE);
            for action in [Action::RecallTicket { ticket: id }, Action::MarkNoShow { ticket: id }] {
                let action = aimed(hall, &it.actor, action);
                // Whether it is granted is not the point: whatever happens must hold.
                drop(hall.ask(&it.actor, action));
            }
            answer
        }
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

/// Half-sensible presses go further than blind ones: who presses mostly means the ticket in front of them.
fn aimed(hall: &Hall, actor: &Actor, mut action: Action) -> Action {
    let own = hall.day.windows.values().find(|it| it.operator.as_str() == actor.id);
    let own = own.or_else(|| hall.day.windows.values().next());
    if let Some(at) = window_of(&mut action).filter(|it| it.as_str() == OWN) {
        *at = own.map_or_else(|| window(WINDOW_1), |it| it.id.clone());
    }
    let is_aside = |it: &&Ticket| matches!(it.state, TicketState::Parked { .. } | TicketState::NoShow { .. });
    if let Some(id) = ticket_of(&mut action) {
        if *id == ticket(MINE) {
            *id = own.and_then(|it| it.ticket).unwrap_or(ticket(0));
        } else if *id == ticket(ASIDE) {
            *id = hall.day.open().find(is_aside).map_or(ticket(0), |it| it.id);
        }
    }
    action
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
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

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

/// The properties above would hold of days on which nothing happens, too.
#[test]
fn the_presses_bring_about_every_kind_of_fact() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut heard = BTreeSet::new();
    for _ in 0..60 {
        let presses = prop::collection::vec(a_press(), 150).new_tree(&mut runner).expect("presses").current();
        let mut hall = play(&presses);
        hall.passes(30 * 3600);
        hall.lets_time_act();
        heard.extend(hall.heard.iter().map(|it| it.event.wire().0));
    }
    let of_the_day = |kind: &&str| {
        ["ticket", "service", "action", "alert", "day", "window"].iter().any(|it| kind.starts_with(it))
    };
    let missing: Vec<&str> = talon_core::queue_event::catalogue()
        .into_iter()
        .map(|(kind, _, _)| kind)
        .filter(of_the_day)
        .filter(|kind| {
            !heard.contains(kind) && !matches!(*kind, "day.settings_adopted" | "day.skills_adopted")
        })
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}
