use talon_core::{
    ids::{OperatorId, TicketId},
    queue_day::command::{Action, IssueTicket},
    queue_order,
    refusal::Refusal,
    settings::{DaySettings, Policy},
    testing::{
        given::{Hall, given},
        samples::*,
    },
};
use uuid::Uuid;

use super::at;

fn next(hall: &Hall, at: &str, who: &str) -> Option<TicketId> {
    queue_order::next(&hall.day, &window(at), &OperatorId::trusted(who), hall.now).map(|(id, _)| id)
}

/// The whole queue as one window would call it.
fn order(mut hall: Hall) -> Vec<u128> {
    let mut called = Vec::new();
    while let Some(id) = next(&hall, WINDOW_1, "anna") {
        called.push(id.0.as_u128() - ticket(0).0.as_u128());
        hall.does(&anna(), Action::CallNext { window: window(WINDOW_1) });
        hall.does(&anna(), Action::RefuseService { ticket: id, reason: reason("no_document") });
    }
    called
}

#[test]
fn the_earliest_due_goes_first_and_equals_by_target_then_reference_then_number() {
    let mut hall = given([opens(anna(), WINDOW_1), takes(1, LETTERS), takes(2, PENSIONS), takes(3, LEGAL)]);
    hall.passes(8 * 60);
    // Due at the fifteenth minute, like the first two: the smaller target goes first.
    hall.does(&kiosk(), takes_as(4, LETTERS, "privileged").1);
    assert_eq!(order(hall), [4, 1, 2, 3]);
}

#[test]
fn first_come_first_served_looks_at_references_alone() {
    let mut hall = Hall::open_with(DaySettings { policy: Policy::Fifo, ..settings() });
    hall.does(&anna(), opens(anna(), WINDOW_1).1);
    hall.does(&kiosk(), takes(1, LEGAL).1);
    hall.passes(1);
    hall.does(&kiosk(), takes_as(2, LETTERS, "privileged").1);
    assert_eq!(order(hall), [1, 2]);
}

#[test]
fn an_emergency_goes_before_everybody() {
    for policy in [Policy::Edd, Policy::Fifo] {
        let mut hall = Hall::open_with(DaySettings { policy, ..settings() });
        hall.does(&anna(), opens(anna(), WINDOW_1).1);
        hall.does(&kiosk(), takes(1, LETTERS).1);
        hall.passes(3600);
        let urgent = IssueTicket {
            class: class("emergency"),
            class_reason: Some(reason("ambulance")),
            ..wanted(2, &[LEGAL])
        };
        hall.does(&anna(), Action::IssueTicket(urgent));
        assert_eq!(order(hall), [2, 1]);
    }
}

#[test]
fn only_the_operator_who_sits_there_is_asked_for() {
    let hall = given([opens(anna(), WINDOW_1), takes(1, LETTERS)]);
    assert_eq!(next(&hall, WINDOW_1, "anna"), Some(ticket(1)));
    assert_eq!(next(&hall, WINDOW_1, "boris"), None);
    assert_eq!(next(&hall, WINDOW_2, "boris"), None);
}

#[test]
fn a_window_calls_what_its_operator_can_do_and_the_window_gives() {
    let mut hall = given([takes(1, LETTERS), takes(2, PARCELS)]);
    let mut skilled = at_window(&anna(), WINDOW_1);
    skilled.skills = vec![service(PARCELS), service(PENSIONS)];
    skilled.services = Some(vec![service(LETTERS), service(PARCELS)]);
    hall.does(&anna(), Action::OpenWindow(skilled));
    assert_eq!(order(hall), [2]);
}

fn booked(n: u128, slot: i64) -> IssueTicket {
    IssueTicket {
        class: class("booking"),
        booking_id: Some(Uuid::from_u128(n)),
        slot_start: Some(at(slot)),
        not_before: Some(at(slot)),
        ..wanted(n, &[LETTERS])
    }
}

/// A booked customer in the hall whose slot begins in two minutes, and a walk-in for parcels (up to six minutes).
fn before_a_slot() -> Hall {
    let mut hall = given([opens(anna(), WINDOW_1), takes(1, PARCELS)]);
    hall.does(&kiosk(), Action::IssueTicket(booked(2, 8)));
    hall.later(6 * 60)
}

#[test]
fn the_last_free_window_is_kept_for_a_booking_about_to_begin() {
    before_a_slot().when(calls_next(anna(), WINDOW_1)).rejected(Refusal::ReservedForBooking);
    // When the slot begins, the booking is called.
    let hall = before_a_slot().later(120);
    assert_eq!(next(&hall, WINDOW_1, "anna"), Some(ticket(2)));
}

#[test]
fn the_guard_holds_for_three_minutes_only() {
    let mut hall = given([opens(anna(), WINDOW_1), takes(1, PARCELS)]);
    hall.does(&kiosk(), Action::IssueTicket(booked(2, 8)));
    let early = hall.clone().later(5 * 60 - 1);
    assert_eq!(next(&early, WINDOW_1, "anna"), Some(ticket(1)));
    assert_eq!(next(&hall.later(5 * 60), WINDOW_1, "anna"), None);
}

#[test]
fn the_guard_lets_through_whoever_is_quick_or_past_due() {
    let mut quick = before_a_slot();
    quick.does(&kiosk(), takes(3, STAMPS).1);
    assert_eq!(next(&quick, WINDOW_1, "anna"), Some(ticket(3)), "ninety seconds fit before the slot");
    let mut hall = given([opens(anna(), WINDOW_1), takes(1, PARCELS)]);
    hall.does(&kiosk(), Action::IssueTicket(booked(2, 17)));
    assert_eq!(next(&hall.clone().later(15 * 60), WINDOW_1, "anna"), None);
    assert_eq!(next(&hall.later(15 * 60 + 1), WINDOW_1, "anna"), Some(ticket(1)));
}

#[test]
fn another_free_window_that_could_take_the_booking_lifts_the_guard() {
    let mut hall = before_a_slot();
    hall.does(&boris(), opens(boris(), WINDOW_2).1);
    assert_eq!(next(&hall, WINDOW_1, "anna"), Some(ticket(1)));
    let pause = Action::PauseWindow { window: window(WINDOW_2), reason: reason("tea"), until: None };
    hall.does(&boris(), pause);
    assert_eq!(next(&hall, WINDOW_1, "anna"), None, "a paused window is not free");
}

#[test]
fn how_many_are_ahead_counts_those_who_share_a_window() {
    let hall =
        given([opens(anna(), WINDOW_3), opens(boris(), WINDOW_1), takes(1, PARCELS), takes(2, LETTERS)]);
    assert_eq!(queue_order::ahead_of(&hall.day, &hall.day.tickets[&ticket(2)]), 1);
    let hall = given([opens(anna(), WINDOW_3), takes(1, PARCELS), takes(2, LETTERS), takes(3, PARCELS)]);
    assert_eq!(queue_order::ahead_of(&hall.day, &hall.day.tickets[&ticket(2)]), 0);
    assert_eq!(queue_order::ahead_of(&hall.day, &hall.day.tickets[&ticket(3)]), 1);
}
