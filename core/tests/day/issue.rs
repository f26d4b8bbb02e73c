use chrono::TimeDelta;
use talon_core::{
    queue_day::{
        command::{Action, IssueTicket},
        event::{Arrival, Channel, Quote},
        ticket::TicketState,
    },
    refusal::Refusal,
    testing::{
        given::{Hall, given},
        samples::*,
    },
};
use uuid::Uuid;

use super::{at, stands};

fn issue(wanted: IssueTicket) -> (talon_core::fact::Actor, Action) {
    (kiosk(), Action::IssueTicket(wanted))
}

#[test]
fn numbers_count_per_letter_and_groups_that_share_a_letter_share_its_counter() {
    let mut shared = settings();
    shared.groups[2].letter = 'А';
    let mut hall = Hall::open_with(shared);
    for (n, wish) in [LETTERS, PENSIONS, LEGAL, PARCELS].into_iter().enumerate() {
        hall.does(&kiosk(), takes(n as u128, wish).1);
    }
    let numbers: Vec<&str> = hall.day.tickets.values().map(|it| it.number.as_str()).collect();
    assert_eq!(numbers, ["А001", "В001", "А002", "А003"]);
}

fn serve(hall: &mut Hall, n: u128) {
    hall.does(&anna(), Action::CallNext { window: window(WINDOW_1) });
    hall.does(&anna(), Action::StartService { ticket: ticket(n) });
    hall.does(&anna(), completes(anna(), n).1);
}

#[test]
fn numbers_go_on_past_999_and_two_thousand_tickets_find_their_windows() {
    let mut hall = given([opens(anna(), WINDOW_1)]);
    for n in 1..=2_000 {
        hall.does(&kiosk(), takes(n, LETTERS).1);
        // A hundred wait, as on a bad day.
        if n > 100 {
            serve(&mut hall, n - 100);
        }
    }
    assert_eq!(stands(&hall, 999).number, "А999");
    assert_eq!(stands(&hall, 1_000).number, "А1000");
    (1_901..=2_000).for_each(|n| serve(&mut hall, n));
    assert_eq!((hall.day.tallies.served, hall.day.open_tickets.len()), (2_000, 0));
}

#[test]
fn a_walk_in_waits_from_now_and_is_due_by_its_class_and_service() {
    let hall = given([takes(1, LETTERS), takes_as(2, LETTERS, "privileged"), takes(3, LEGAL)]);
    let due: Vec<_> = [1, 2, 3].map(|n| stands(&hall, n).place.due_at).to_vec();
    assert_eq!(due, [at(15), at(7), at(30)]);
    assert!(hall.day.tickets.values().all(|it| it.place.reference == at(0)));
}

#[test]
fn a_target_set_for_class_and_service_goes_before_both_their_own() {
    let mut own = settings();
    own.services[0].target_s = Some(600);
    own.targets.push(talon_core::settings::Target {
        class: class("standard"),
        service: service(PARCELS),
        target_s: 1200,
    });
    let mut hall = Hall::open_with(own);
    for (n, wish) in [(1, LETTERS), (2, PARCELS)] {
        hall.does(&kiosk(), takes(n, wish).1);
    }
    hall.does(&kiosk(), takes_as(3, LETTERS, "privileged").1);
    assert_eq!([1, 2, 3].map(|n| stands(&hall, n).place.due_at), [at(10), at(20), at(7)]);
}

#[test]
fn a_long_service_leaves_hastier_classes_their_target() {
    let hall = given([takes_as(1, LEGAL, "privileged")]);
    assert_eq!(stands(&hall, 1).place.due_at, at(7));
}

#[test]
fn a_booking_waits_from_its_slot_and_from_its_check_in_when_that_is_later() {
    let booked = |n, slot| IssueTicket {
        class: class("booking"),
        booking_id: Some(Uuid::from_u128(n)),
        slot_start: Some(at(slot)),
        channel: Channel::Booking,
        ..wanted(n, &[LETTERS])
    };
    let hall = given([issue(booked(1, 20)), issue(booked(2, -15)), issue(booked(3, -16))]);
    assert_eq!((stands(&hall, 1).place.reference, stands(&hall, 1).place.due_at), (at(20), at(25)));
    assert_eq!((stands(&hall, 2).place.reference, stands(&hall, 2).place.due_at), (at(0), at(5)));
    let late = stands(&hall, 3);
    assert_eq!((late.class.as_str(), late.place.reference, late.place.due_at), ("standard", at(0), at(15)));
}

#[test]
fn one_booking_has_one_open_ticket_at_a_time() {
    let booked = |n| IssueTicket {
        booking_id: Some(Uuid::from_u128(7)),
        class: class("booking"),
        ..wanted(n, &[LETTERS])
    };
    let hall = given([issue(booked(1))]);
    let mut hall = hall.when(issue(booked(2))).rejected(Refusal::BookingHasTicket { ticket: ticket(1) });
    let by = talon_core::queue_day::event::CancelledBy::Customer;
    hall.does(&head(), Action::CancelTicket { ticket: ticket(1), by, reason: reason("left") });
    hall.when(issue(booked(2))).granted();
}

#[test]
fn a_remote_customer_is_expected_and_waits_from_arrival() {
    let hall = given([issue(IssueTicket { remote: true, ..wanted(1, &[LETTERS]) }), opens(anna(), WINDOW_1)]);
    assert_eq!(stands(&hall, 1).state, TicketState::Expected);
    let hall = hall.later(600).when(calls_next(anna(), WINDOW_1)).rejected(Refusal::NobodyWaiting);
    let arrives = (kiosk(), Action::ArriveTicket { ticket: ticket(1), how: Arrival::Qr });
    let hall = hall.when(arrives).then_only("ticket.arrived");
    assert_eq!((stands(&hall, 1).place.reference, stands(&hall, 1).place.due_at), (at(10), at(25)));
    hall.when(calls_next(anna(), WINDOW_1)).granted();
}

#[test]
fn a_booked_customer_who_arrives_too_late_waits_like_everybody() {
    let expected = IssueTicket {
        remote: true,
        class: class("booking"),
        booking_id: Some(Uuid::from_u128(7)),
        slot_start: Some(at(5)),
        ..wanted(1, &[LETTERS])
    };
    let arrives = || (kiosk(), Action::ArriveTicket { ticket: ticket(1), how: Arrival::KioskCode });
    let hall = given([issue(expected)]);
    let early = hall.clone().when(arrives()).then_only("ticket.arrived");
    assert_eq!((stands(&early, 1).place.reference, stands(&early, 1).place.due_at), (at(5), at(10)));
    let late = hall.later(20 * 60 + 1).when(arrives()).granted();
    let it = stands(&late, 1);
    assert_eq!(
        (it.class.as_str(), it.place.due_at - it.place.reference),
        ("standard", TimeDelta::minutes(15))
    );
    assert_eq!(it.place.reference, late.now);
}

#[test]
fn the_quote_told_to_the_customer_is_kept() {
    let quote = Quote { p50_s: 300, p80_s: 480, model: "formula".into(), ahead: 2, windows: 1 };
    let hall = given([issue(IssueTicket { quote: Some(quote.clone()), ..wanted(1, &[LETTERS]) })]);
    assert_eq!(stands(&hall, 1).quote, Some(quote));
}

#[test]
fn a_ticket_that_makes_no_sense_is_not_given() {
    let no = |wanted, refusal| drop(Hall::open().when(issue(wanted)).rejected(refusal));
    no(wanted(1, &[]), Refusal::NoService);
    no(wanted(1, &["flying"]), Refusal::UnknownService { service: service("flying") });
    no(wanted(1, &[LETTERS, "flying"]), Refusal::UnknownService { service: service("flying") });
    no(wanted(1, &[LETTERS; 21]), Refusal::Malformed { what: "services" });
    let asks = || wanted(1, &[LETTERS]);
    no(IssueTicket { class: class("royal"), ..asks() }, Refusal::UnknownClass { class: class("royal") });
    no(IssueTicket { party_size: 0, ..asks() }, Refusal::Malformed { what: "partySize" });
    no(IssueTicket { language: Some("Russian".into()), ..asks() }, Refusal::Malformed { what: "language" });
    let twice = given([takes(1, LETTERS)]);
    twice.when(takes(1, PARCELS)).rejected(Refusal::AlreadyExists { what: "ticketId" });
}

#[test]
fn customers_choose_among_the_classes_of_the_kiosk_and_staff_name_an_emergency_with_its_reason() {
    let emergency = |code: Option<&str>| IssueTicket {
        class: class("emergency"),
        class_reason: code.map(reason),
        ..wanted(1, &[LETTERS])
    };
    let by_staff = |code| (anna(), Action::IssueTicket(emergency(code)));
    let not_offered = Refusal::ClassNotOffered { class: class("emergency") };
    Hall::open().when(issue(emergency(Some("ambulance")))).rejected(not_offered);
    let not_booked = Refusal::ClassNotOffered { class: class("booking") };
    Hall::open().when(takes_as(1, LETTERS, "booking")).rejected(not_booked);
    Hall::open().when(by_staff(None)).rejected(Refusal::ReasonRequired);
    let unknown = Refusal::UnknownReason { reason: reason("because") };
    Hall::open().when(by_staff(Some("because"))).rejected(unknown);
    let hall = Hall::open().when(by_staff(Some("ambulance"))).granted();
    assert_eq!(stands(&hall, 1).place.due_at, at(0));
}

#[test]
fn the_day_and_each_service_have_their_quota() {
    let mut own = settings();
    own.quotas.services.insert(service(STAMPS), 1);
    own.quotas.day = Some(3);
    let mut hall = Hall::open_with(own.clone());
    hall.does(&kiosk(), takes(1, STAMPS).1);
    let hall = hall
        .when(takes(2, STAMPS))
        .rejected(Refusal::QuotaReached { service: Some(service(STAMPS)) })
        .when(takes(2, LETTERS))
        .granted();
    let hall = hall.when(takes(3, LETTERS)).granted();
    assert_eq!(hall.heard.last().map(|it| it.event.wire().0), Some("day.intake_paused"));
    let hall = hall.when(takes(4, LETTERS)).rejected(Refusal::QuotaReached { service: None });
    // A larger quota, published meanwhile, lets people in again.
    own.quotas.day = Some(4);
    own.version = 2;
    let adopt = (talon_core::fact::Actor::system(), Action::AdoptSettings { settings: Box::new(own) });
    hall.when(adopt).granted().when(takes(4, LETTERS)).granted();
}

#[test]
fn a_ticket_with_an_hour_of_its_own_is_not_called_before_it() {
    let later = IssueTicket { not_before: Some(at(0) + TimeDelta::minutes(5)), ..wanted(1, &[LETTERS]) };
    let hall = given([opens(anna(), WINDOW_1), issue(later)]);
    let hall = hall.later(299).when(calls_next(anna(), WINDOW_1)).rejected(Refusal::NobodyWaiting);
    hall.later(1).when(calls_next(anna(), WINDOW_1)).granted();
}
