use talon_core::{
    fact::Actor,
    queue_day::{
        DayState,
        command::Action,
        event::{Channel, Place, Rule, TicketIssued},
        ticket::{Outcome, TicketState},
    },
    queue_event::QueueEvent,
    refusal::Refusal,
    settings::DaySettings,
    testing::{
        given::{Hall, given},
        samples::*,
    },
};

use super::{at, called, not_come, stands, two_at_work};

fn open(settings: DaySettings) -> (Actor, Action) {
    (head(), Action::OpenBusinessDay { settings: Box::new(settings) })
}

fn adopt(settings: DaySettings) -> (Actor, Action) {
    (Actor::system(), Action::AdoptSettings { settings: Box::new(settings) })
}

fn close() -> (Actor, Action) {
    (head(), Action::CloseBusinessDay)
}

fn pause(reason: &str) -> (Actor, Action) {
    (head(), Action::PauseIntake { reason: reason.into() })
}

fn imported() -> TicketIssued {
    TicketIssued {
        ticket: ticket(1),
        number: None,
        letter: None,
        seq: None,
        services: vec![service("calls")],
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

#[test]
fn a_day_is_opened_once() {
    let hall = Hall::empty().when(open(settings())).then_only("day.opened");
    let hall = hall.when(open(settings())).rejected(Refusal::DayAlreadyOpen);
    hall.when(close()).granted().when(open(settings())).rejected(Refusal::DayClosed);
    Hall::empty().when(close()).rejected(Refusal::DayNotOpen);
}

#[test]
fn a_day_of_imported_history_is_not_opened() {
    let mut hall = Hall::empty();
    hall.hears_of(at(0), imported());
    hall.when(open(settings())).rejected(Refusal::AlreadyExists { what: "businessDay" });
}

#[test]
fn newer_settings_are_adopted_older_and_equal_ones_change_nothing() {
    let newer = DaySettings { version: 2, policy: talon_core::settings::Policy::Fifo, ..settings() };
    let hall = Hall::open().when(adopt(newer.clone())).then_only("day.settings_adopted");
    let hall = hall.when(adopt(newer)).then::<QueueEvent>([]);
    hall.when(adopt(settings())).then::<QueueEvent>([]);
    Hall::empty().when(adopt(settings())).rejected(Refusal::DayNotOpen);
}

#[test]
fn what_was_promised_to_a_ticket_stands_when_settings_change() {
    let mut stricter = DaySettings { version: 2, ..settings() };
    stricter.classes[0].target_s = 60;
    let hall = two_at_work().when(adopt(stricter)).granted();
    assert_eq!(stands(&hall, 1).place.due_at, at(15));
    let hall = hall.when(takes(2, LETTERS)).granted();
    assert_eq!(stands(&hall, 2).place.due_at, at(1));
}

#[test]
fn new_settings_switch_services_of_open_windows_and_leave_what_an_operator_chose() {
    let mut hall = two_at_work();
    let chosen = vec![service(LETTERS), service(LEGAL)];
    hall.does(&anna(), Action::SetWindowServices { window: window(WINDOW_1), services: chosen });
    let mut new = DaySettings { version: 2, ..settings() };
    // Parcels leave the catalogue, copies enter it, and the second window gives legal advice no more.
    new.services.retain(|it| it.id != service(PARCELS));
    new.services
        .push(talon_core::settings::Service { id: service("copies"), ..settings().services.remove(1) });
    new.windows[1].services = [LETTERS, STAMPS, PENSIONS, "copies"].map(service).to_vec();
    let mut hall = hall.when(adopt(new.clone())).granted();
    let at = |hall: &Hall, id| hall.day.windows[&window(id)].services.clone();
    assert_eq!(at(&hall, WINDOW_1), [LETTERS, LEGAL, "copies"].map(service));
    assert_eq!(at(&hall, WINDOW_2), [LETTERS, STAMPS, PARCELS, PENSIONS, "copies"].map(service));
    // A window that is no longer set up goes on as it was.
    new.version = 3;
    new.windows.remove(1);
    assert_eq!(hall.does(&Actor::system(), adopt(new).1).len(), 1);
}

#[test]
fn who_waits_for_a_service_that_left_the_catalogue_is_still_served() {
    let mut new = DaySettings { version: 2, ..settings() };
    new.services.retain(|it| it.id != service(LETTERS));
    let hall = two_at_work().when(adopt(new)).granted().when(calls_next(anna(), WINDOW_1)).granted();
    let hall = hall.when(starts(anna(), 1)).granted();
    hall.clone().when(completes(anna(), 1)).granted();
    let there =
        talon_core::queue_day::command::TransferTicket { to_window: Some(window(WINDOW_2)), ..transfer(1) };
    let hall = hall.when((anna(), Action::TransferTicket(there))).granted();
    hall.when(takes(2, LETTERS)).rejected(Refusal::UnknownService { service: service(LETTERS) });
}

#[test]
fn intake_is_paused_with_a_reason_and_resumed() {
    Hall::open().when(pause("  ")).rejected(Refusal::ReasonRequired);
    Hall::open().when(pause(&"а".repeat(201))).rejected(Refusal::Malformed { what: "reason" });
    let resume = || (head(), Action::ResumeIntake);
    Hall::open().when(resume()).rejected(Refusal::IntakeNotPaused);
    let hall = two_at_work().when(pause("Нет света")).then_only("day.intake_paused");
    let hall = hall.when(pause("Нет света")).rejected(Refusal::IntakePaused);
    let hall = hall.when(takes(2, LETTERS)).rejected(Refusal::IntakePaused);
    // Those in the hall are served.
    let hall = hall.when(calls_next(anna(), WINDOW_1)).granted();
    let hall = hall.when(resume()).then_only("day.intake_resumed");
    hall.when(takes(2, LETTERS)).granted();
}

#[test]
fn closing_by_hand_waits_for_whoever_is_at_a_window() {
    called().when(close()).rejected(Refusal::DayStillBusy { busy: window(WINDOW_1) });
}

#[test]
fn closing_expires_who_waits_ends_the_windows_and_then_the_day() {
    let mut hall = not_come();
    hall.does(&kiosk(), takes(2, LETTERS).1);
    let remote = talon_core::queue_day::command::IssueTicket { remote: true, ..wanted(3, &[PARCELS]) };
    hall.does(&kiosk(), Action::IssueTicket(remote));
    let events = hall.does(&head(), Action::CloseBusinessDay);
    let kinds: Vec<_> = events.iter().map(|it| it.wire().0).collect();
    let expired = ["ticket.expired"; 3];
    assert_eq!(kinds, [&expired[..], &["window.closed"; 2], &["day.closed"]].concat());
    let QueueEvent::BusinessDayClosed(closed) = &events[5] else { panic!("{events:?}") };
    assert_eq!(closed.expired, 3);
    let expired = TicketState::Closed { outcome: Outcome::Expired, at: hall.now };
    assert!(hall.day.tickets.values().all(|it| it.state == expired));
    assert!(matches!(hall.day.state, DayState::Closed { .. }));
    assert!(hall.day.windows.is_empty() && hall.day.open_tickets.is_empty());
    assert_eq!((hall.day.next_due(), hall.day.due(at(24 * 60)).len()), (None, 0));
    let hall = hall.when(takes(4, LETTERS)).rejected(Refusal::DayClosed);
    hall.when(opens(anna(), WINDOW_1)).rejected(Refusal::DayClosed);
}

#[test]
fn every_rule_that_expires_a_ticket_is_named() {
    let mut hall = given([takes(1, LETTERS)]);
    let events = hall.does(&head(), Action::CloseBusinessDay);
    let QueueEvent::TicketExpired(it) = &events[0] else { panic!("{events:?}") };
    assert_eq!(it.rule, Rule::DayClosed);
}
