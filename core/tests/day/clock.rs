//! What time alone brings about: nothing too early, nothing twice, and every node says the same.

use talon_core::{
    fact::Actor,
    queue_day::{
        command::{Action, Due},
        event::{LongWaitDetected, TicketAbandoned},
        ticket::TicketState,
    },
    queue_event::QueueEvent,
    testing::{given::Hall, samples::*},
};

use super::{at, called, not_come, recall, stands, two_at_work};

fn due(due: Due) -> (Actor, Action) {
    (Actor::system(), Action::Due(due))
}

#[test]
fn the_day_gives_up_a_minute_after_the_last_call_allowed() {
    let mut hall = called().later(30);
    hall.does(&anna(), recall(1));
    hall.passes(30);
    hall.does(&anna(), recall(1));
    assert_eq!(hall.day.next_due(), Some(at(2)));
    hall.passes(59);
    assert!(hall.lets_time_act().is_empty());
    hall.passes(1);
    let happened = hall.lets_time_act();
    let [QueueEvent::TicketNoShow(it)] = happened.as_slice() else { panic!("{happened:?}") };
    assert!(it.automatic && it.attempts == 3);
    assert_eq!(it.grace_until, at(12));
}

#[test]
fn nobody_is_given_up_where_the_branch_does_not_want_it() {
    let mut own = settings();
    own.calling.automatic_no_show = false;
    let mut hall = Hall::open_with(own);
    for (who, action) in [opens(anna(), WINDOW_1), takes(1, LETTERS), calls_next(anna(), WINDOW_1)] {
        hall.does(&who, action);
    }
    for _ in 0..2 {
        hall.passes(60);
        hall.does(&anna(), recall(1));
    }
    hall.passes(600);
    assert!(hall.lets_time_act().is_empty());
}

#[test]
fn who_does_not_come_back_within_the_grace_has_left() {
    let mut hall = not_come().later(599);
    assert!(hall.lets_time_act().is_empty());
    hall.passes(1);
    let evidence = talon_core::queue_day::event::Evidence::GraceOver;
    let left = TicketAbandoned { ticket: ticket(1), evidence };
    assert_eq!(hall.lets_time_act(), [QueueEvent::from(left)]);
}

#[test]
fn a_long_wait_is_told_when_due_and_again_one_target_later() {
    let told = |level| QueueEvent::from(LongWaitDetected { ticket: ticket(1), level, due_at: at(15) });
    let mut hall = two_at_work();
    assert_eq!(hall.day.next_due(), Some(at(15)));
    hall.passes(15 * 60);
    assert_eq!(hall.lets_time_act(), [told(1)]);
    assert_eq!(hall.day.next_due(), Some(at(30)));
    hall.passes(15 * 60);
    assert_eq!(hall.lets_time_act(), [told(2)]);
    assert_eq!(hall.day.next_due(), Some(at(240)), "the break");
    let mut missed = two_at_work().later(30 * 60);
    assert_eq!(missed.lets_time_act(), [told(1), told(2)], "a node that slept tells both");
}

#[test]
fn a_branch_may_do_without_the_second_level() {
    let mut own = settings();
    own.calling.second_level = false;
    let mut hall = Hall::open_with(own);
    hall.does(&kiosk(), takes(1, LETTERS).1);
    hall.passes(3600);
    assert_eq!(hall.lets_time_act().len(), 1);
}

#[test]
fn a_ticket_due_later_after_all_is_warned_of_anew() {
    let mut hall = two_at_work().later(15 * 60);
    hall.lets_time_act();
    hall.does(&anna(), calls_next(anna(), WINDOW_1).1);
    hall.does(&anna(), super::give_back(1, talon_core::queue_day::event::Placement::Tail));
    assert_eq!((stands(&hall, 1).escalation, hall.day.next_due()), (0, Some(at(30))));
}

#[test]
fn a_ticket_past_due_that_keeps_its_place_is_not_warned_of_again() {
    let mut hall = two_at_work().later(15 * 60);
    hall.lets_time_act();
    hall.does(&anna(), calls_next(anna(), WINDOW_1).1);
    hall.does(&anna(), super::give_back(1, talon_core::queue_day::event::Placement::Original));
    assert_eq!((stands(&hall, 1).escalation, hall.lets_time_act()), (1, Vec::new()));
}

#[test]
fn timed_commands_too_early_or_too_late_write_nothing() {
    let id = ticket(1);
    let all = || {
        [
            Due::ResumeParked { ticket: id },
            Due::AutomaticNoShow { ticket: id },
            Due::GraceOver { ticket: id },
            Due::LongWait { ticket: id, level: 1 },
            Due::LongWait { ticket: id, level: 2 },
            Due::EndOfPause { window: window(WINDOW_1) },
            Due::EndOfPause { window: window("w9") },
            Due::EndOfIntake,
            Due::StartOfBreak,
            Due::EndOfBreak,
            Due::CloseDay,
        ]
    };
    for hall in [two_at_work(), called(), not_come()] {
        for it in all() {
            hall.clone().when(due(it)).then::<QueueEvent>([]);
        }
    }
}

#[test]
fn every_node_finds_the_same_commands_under_the_same_ids() {
    let mut hall = not_come();
    hall.does(&kiosk(), takes(2, LETTERS).1);
    let pause = Action::PauseWindow { window: window(WINDOW_2), reason: reason("tea"), until: Some(at(5)) };
    hall.does(&boris(), pause);
    let late = at(6 * 60);
    let found = hall.day.due(late);
    assert_eq!(found.len(), 4, "grace over, pause over, long wait, end of the break: {found:?}");
    assert_eq!(found, hall.replayed().due(late));
    let ids: std::collections::BTreeSet<_> = found.iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), found.len());
}

#[test]
fn a_second_no_show_is_another_command_than_the_first() {
    let mut hall = not_come();
    let first = hall.day.due(at(60)).first().map(|(id, _)| *id);
    let placement = talon_core::queue_day::event::Placement::Original;
    hall.does(&kiosk(), Action::ReactivateTicket { ticket: ticket(1), placement });
    hall.does(&anna(), calls_next(anna(), WINDOW_1).1);
    hall.passes(61);
    hall.does(&anna(), recall(1));
    hall.does(&anna(), super::no_show(1));
    assert!(matches!(stands(&hall, 1).state, TicketState::NoShow { .. }));
    assert_ne!(first, hall.day.due(at(60)).first().map(|(id, _)| *id));
}
