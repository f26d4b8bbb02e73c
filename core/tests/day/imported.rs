//! Imported history breaks the rules of live days and is admitted as it was.

use talon_core::{
    fact::Actor,
    ids::{OperatorId, TicketId},
    queue_day::{event::*, ticket::Outcome, ticket::TicketState},
    queue_event::QueueEvent,
    testing::{given::Hall, samples::*},
};

use super::{at, stands};

fn issued(n: u128) -> TicketIssued {
    TicketIssued {
        ticket: ticket(n),
        number: None,
        letter: None,
        seq: None,
        services: vec![service("ps")],
        class: class("standard"),
        class_reason: None,
        channel: Channel::Import,
        remote: false,
        party_size: 1,
        language: None,
        booking_id: None,
        slot_start: None,
        customer_ref: None,
        kiosk: None,
        not_before: None,
        place: Place { reference: at(0), due_at: at(15) },
        quote: None,
    }
}

fn called(n: u128) -> TicketCalled {
    let ticket = ticket(n);
    TicketCalled { ticket, window: None, operator: None, attempt: 1, mode: CallMode::Next, decision: None }
}

fn started(n: u128) -> ServiceStarted {
    let operator = Some(OperatorId::trusted("anat"));
    ServiceStarted { ticket: ticket(n), service: service("ps"), window: None, operator }
}

fn completed(n: u128) -> ServiceCompleted {
    ServiceCompleted {
        ticket: ticket(n),
        service: service("ps"),
        quantity: 1,
        outcome_code: None,
        next: None,
        window: None,
        operator: Some(OperatorId::trusted("anat")),
    }
}

#[test]
fn a_ticket_without_number_window_or_decision_is_folded_to_its_end() {
    let mut hall = Hall::empty();
    hall.hears_of(at(0), issued(1));
    hall.hears_of(at(1), called(1));
    hall.hears_of(at(1), started(1));
    hall.hears_of(at(4), completed(1));
    let it = stands(&hall, 1);
    assert_eq!(it.state, TicketState::Closed { outcome: Outcome::Completed, at: at(4) });
    assert_eq!((it.called_at, it.started_at, it.window.as_ref()), (Some(at(1)), Some(at(1)), None));
    assert_eq!(it.operator, Some(OperatorId::trusted("anat")));
    assert_eq!(hall.day.tallies.service_times[&service("ps")], (1, 180));
    assert_eq!(hall.day, hall.replayed());
}

#[test]
fn a_no_show_of_history_is_final_and_the_clock_never_touches_it() {
    let mut hall = Hall::empty();
    hall.hears_of(at(0), issued(1));
    hall.hears_of(at(1), called(1));
    let no_show = TicketNoShow { ticket: ticket(1), attempts: 1, automatic: false, grace_until: at(2) };
    hall.hears_of(at(2), no_show);
    assert!(matches!(stands(&hall, 1).state, TicketState::NoShow { .. }));
    assert_eq!((hall.day.next_due(), hall.day.due(at(10_000)).len()), (None, 0));
}

#[test]
fn one_operator_may_have_served_several_at_once() {
    let mut hall = Hall::empty();
    for n in [1, 2] {
        hall.hears_of(at(0), issued(n));
        hall.hears_of(at(1), called(n));
        hall.hears_of(at(1), started(n));
    }
    for n in [1, 2] {
        hall.hears_of(at(3), completed(n));
    }
    assert_eq!((hall.day.tallies.served, hall.day.open_tickets.len()), (2, 0));
}

#[test]
fn a_ticket_that_has_ended_is_not_moved_by_what_comes_after() {
    let mut hall = Hall::empty();
    hall.hears_of(at(0), issued(1));
    hall.hears_of(at(1), TicketAbandoned { ticket: ticket(1), evidence: Evidence::Import });
    let before = stands(&hall, 1).state.clone();
    hall.hears_of(at(2), called(1));
    hall.hears_of(at(3), completed(1));
    hall.hears_of(at(4), issued(1));
    assert_eq!(stands(&hall, 1).state, before);
    assert_eq!((hall.day.tallies.issued, hall.day.tallies.served), (1, 0));
}

#[test]
fn facts_about_tickets_and_windows_nobody_knows_change_nothing() {
    let odd: Vec<QueueEvent> = vec![
        called(9).into(),
        started(9).into(),
        completed(9).into(),
        TicketUnparked { ticket: ticket(9), place: Place { reference: at(0), due_at: at(1) } }.into(),
        WindowResumed { window: window("w9") }.into(),
        WindowServiceEnabled { window: window("w9"), service: service("ps") }.into(),
        WindowPaused { window: window("w9"), reason: reason("tea"), until: None }.into(),
        IntakeResumed {}.into(),
        IntakePaused { rule: None, reason: None }.into(),
        SkillsAdopted { operator: OperatorId::trusted("nobody"), skills: Vec::new() }.into(),
    ];
    let mut hall = Hall::empty();
    for event in odd {
        hall.hears_of(at(0), event);
    }
    assert_eq!(hall.day, Hall::empty().day);
}

#[test]
fn steps_of_history_are_not_there_to_be_undone() {
    let mut hall = super::two_at_work();
    hall.hears_of(hall.now, called(1));
    let step = hall.last_event();
    let undo = talon_core::queue_day::command::Action::UndoAction { event: step };
    hall.when((Actor::system(), undo)).rejected(talon_core::refusal::Refusal::NothingToUndo);
}

#[test]
fn any_ticket_id_is_good_enough() {
    let mut hall = Hall::empty();
    hall.hears_of(at(0), TicketIssued { ticket: TicketId(uuid::Uuid::nil()), ..issued(1) });
    assert_eq!(hall.day.open().count(), 1);
}
