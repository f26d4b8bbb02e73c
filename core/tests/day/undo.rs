use talon_core::{
    fact::Actor,
    ids::EventId,
    queue_day::{
        QueueDay,
        command::{Action, TransferTicket},
        event::{Placement, Pool},
    },
    refusal::Refusal,
    sealed::Sealed,
    testing::{
        given::{Hall, given},
        samples::*,
    },
};
use uuid::Uuid;

use super::{called, give_back, no_show, not_come, park, recall, serving, stands, two_at_work};

fn undo(event: EventId) -> Action {
    Action::UndoAction { event }
}

/// The hall without what an undo leaves behind for good: ids of newest facts, remembered steps.
fn visible(day: &QueueDay) -> String {
    let mut day = day.clone();
    for it in day.tickets.values_mut() {
        it.last_event = EventId(Uuid::nil());
        it.operator = None;
        it.window = None;
    }
    for it in day.windows.values_mut() {
        it.last_event = EventId(Uuid::nil());
    }
    format!("{:?} {:?} {:?} {:?}", day.tickets, day.windows, day.open_tickets, day.tallies)
}

/// Does a step and takes it back: everything stands as before.
#[track_caller]
fn comes_back(hall: Hall, actor: Actor, action: Action) {
    let before = visible(&hall.day);
    let mut hall = hall;
    hall.does(&actor, action);
    let step = hall.last_event();
    assert!(hall.day.undoable(step).is_some());
    let hall = hall.later(10).when((actor, undo(step))).then_only("action.undone");
    assert_eq!(visible(&hall.day), before);
}

#[test]
fn each_undoable_step_leads_back_to_where_it_began() {
    let transfer = Action::TransferTicket(TransferTicket {
        to_service: Some(service(LEGAL)),
        to_window: Some(window(WINDOW_2)),
        ..transfer(1)
    });
    let refuse = Action::RefuseService { ticket: ticket(1), reason: reason("no_document") };
    let reprioritise = Action::ReprioritiseTicket {
        ticket: ticket(1),
        class: class("privileged"),
        reason: reason("veteran"),
    };
    let mut twice = called().later(61);
    twice.does(&anna(), recall(1));
    comes_back(called(), anna(), starts(anna(), 1).1);
    comes_back(called(), anna(), park(1, Pool::Window));
    comes_back(serving(), anna(), park(1, Pool::Branch));
    comes_back(called(), anna(), give_back(1, Placement::Tail));
    comes_back(serving(), anna(), give_back(1, Placement::Front));
    comes_back(not_come(), anna(), give_back(1, Placement::Original));
    comes_back(serving(), anna(), transfer.clone());
    comes_back(serving().when((anna(), park(1, Pool::Window))).granted(), anna(), transfer);
    comes_back(two_at_work(), head(), reprioritise);
    comes_back(twice, anna(), no_show(1));
    comes_back(serving(), anna(), completes(anna(), 1).1);
    comes_back(called(), anna(), refuse.clone());
    comes_back(serving(), anna(), refuse);
    let pause = Action::PauseWindow { window: window(WINDOW_1), reason: reason("tea"), until: None };
    comes_back(two_at_work(), anna(), pause);
}

#[test]
fn a_completion_within_a_visit_is_taken_back_with_its_figures() {
    let mut hall = serving();
    let add = Action::AddService { ticket: ticket(1), service: service(STAMPS), quantity: 1 };
    hall.does(&anna(), add);
    hall.passes(90);
    comes_back(hall, anna(), completes(anna(), 1).1);
}

#[test]
fn a_closed_window_opens_again_with_its_operator() {
    let mut hall = two_at_work();
    hall.does(&anna(), Action::CloseWindow { window: window(WINDOW_1) });
    let step = hall.last_event();
    let hall = hall.later(5).when((anna(), undo(step))).then_only("action.undone");
    assert_eq!(hall.day.windows[&window(WINDOW_1)].operator.as_str(), "anna");
    hall.when(calls_next(anna(), WINDOW_1)).granted();
}

#[test]
fn a_closed_window_stays_closed_when_its_operator_or_the_window_was_taken_meanwhile() {
    let closed = || {
        let mut hall = two_at_work();
        hall.does(&anna(), Action::CloseWindow { window: window(WINDOW_1) });
        let step = hall.last_event();
        (hall, step)
    };
    let (mut hall, step) = closed();
    hall.does(&anna(), opens(anna(), WINDOW_3).1);
    hall.when((anna(), undo(step))).rejected(Refusal::UndoOvertaken);
    let (mut hall, step) = closed();
    let gleb = Actor { id: "gleb".into(), ..anna() };
    hall.does(&gleb, opens(gleb.clone(), WINDOW_1).1);
    hall.when((anna(), undo(step))).rejected(Refusal::UndoOvertaken);
}

#[test]
fn a_call_is_taken_back_as_a_revoked_call() {
    let hall = called();
    let step = hall.last_event();
    let hall = hall.when((anna(), undo(step))).then_only("ticket.call_revoked");
    assert_eq!(stands(&hall, 1).state.name(), "WAITING");
}

#[test]
fn only_ones_own_step_is_taken_back_and_only_within_ten_seconds() {
    let hall = serving();
    let step = hall.last_event();
    let hall = hall.when((boris(), undo(step))).rejected(Refusal::UndoNotYours);
    let hall = hall.when((head(), undo(step))).rejected(Refusal::UndoNotYours);
    hall.clone().later(10).when((anna(), undo(step))).granted();
    hall.later(11).when((anna(), undo(step))).rejected(Refusal::UndoTooLate);
}

#[test]
fn what_has_happened_to_the_ticket_or_its_window_since_stays() {
    let parked = || {
        let hall = serving().when((anna(), park(1, Pool::Branch))).granted();
        let step = hall.last_event();
        (hall, step)
    };
    let (mut hall, step) = parked();
    let note = Sealed { key: "k".into(), value: "v".into() };
    hall.does(&boris(), Action::AddNote { ticket: ticket(1), note });
    assert_eq!(hall.day.undoable(step), None);
    hall.when((anna(), undo(step))).rejected(Refusal::UndoOvertaken);
    let (mut hall, step) = parked();
    hall.does(&kiosk(), takes(2, LETTERS).1);
    hall.does(&anna(), calls_next(anna(), WINDOW_1).1);
    hall.when((anna(), undo(step))).rejected(Refusal::UndoOvertaken);
}

#[test]
fn a_completed_booking_that_has_a_new_ticket_stays_completed() {
    let booked = |n| {
        let wanted = talon_core::queue_day::command::IssueTicket {
            booking_id: Some(Uuid::from_u128(7)),
            ..wanted(n, &[LETTERS])
        };
        (kiosk(), Action::IssueTicket(wanted))
    };
    let hall = given([
        opens(anna(), WINDOW_1),
        booked(1),
        calls_next(anna(), WINDOW_1),
        starts(anna(), 1),
        completes(anna(), 1),
    ]);
    let step = hall.last_event();
    hall.when(booked(2)).granted().when((anna(), undo(step))).rejected(Refusal::UndoOvertaken);
}

#[test]
fn a_step_is_taken_back_once_and_only_steps_of_the_list_are() {
    let hall = serving();
    let step = hall.last_event();
    let hall = hall.when((anna(), undo(step))).granted();
    let hall = hall.when((anna(), undo(step))).rejected(Refusal::NothingToUndo);
    let undoing = hall.last_event();
    hall.when((anna(), undo(undoing))).rejected(Refusal::NothingToUndo);
    let hall = given([takes(1, LETTERS)]);
    let issued = hall.last_event();
    hall.when((kiosk(), undo(issued))).rejected(Refusal::NothingToUndo);
}

#[test]
fn the_last_step_at_a_window_is_offered_while_it_can_be_taken_back() {
    let hall = serving();
    let at = window(WINDOW_1);
    let (step, until) = hall.day.last_step_at(&at).expect("a step");
    assert_eq!(
        (step.kind, step.ticket, until),
        ("service.started", Some(ticket(1)), hall.now + chrono::TimeDelta::seconds(10))
    );
    let hall = hall.when((anna(), park(1, Pool::Branch))).granted();
    assert_eq!(hall.day.last_step_at(&at).map(|(step, _)| step.kind), Some("ticket.parked"));
    let step = hall.last_event();
    let hall = hall.when((anna(), undo(step))).granted();
    assert_eq!(
        hall.day.last_step_at(&at).map(|(step, _)| step.kind),
        None,
        "the undo itself came after the start"
    );
}
