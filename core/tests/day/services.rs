use talon_core::{
    queue_day::{
        command::Action,
        event::{NextService, Place, ServiceCompleted},
        ticket::{Outcome, TicketState},
    },
    refusal::Refusal,
    testing::{
        given::{Hall, given},
        samples::*,
    },
};

use super::{at, called, serving, stands};

fn add(wish: &str, quantity: u16) -> Action {
    Action::AddService { ticket: ticket(1), service: service(wish), quantity }
}

fn switch(wish: &str, quantity: u16) -> Action {
    Action::SwitchService { ticket: ticket(1), service: service(wish), quantity }
}

fn complete(outcome: Option<&str>, quantity: u16) -> Action {
    Action::CompleteService { ticket: ticket(1), outcome: outcome.map(reason), quantity }
}

fn completed(wish: &str, next: Option<NextService>) -> ServiceCompleted {
    ServiceCompleted {
        ticket: ticket(1),
        service: service(wish),
        quantity: 1,
        outcome_code: None,
        next,
        window: Some(window(WINDOW_1)),
        operator: Some(talon_core::ids::OperatorId::trusted("anna")),
    }
}

#[test]
fn a_visit_of_one_service_ends_with_it() {
    let hall = serving().later(90).when((anna(), complete(None, 1))).then([completed(LETTERS, None)]);
    let closed = TicketState::Closed { outcome: Outcome::Completed, at: hall.now };
    assert_eq!(stands(&hall, 1).state, closed);
}

#[test]
fn the_next_service_of_a_visit_goes_on_here_where_it_is_given() {
    let mut hall = serving();
    hall.does(&anna(), add(PARCELS, 2));
    let here = NextService::Here { service: service(PARCELS) };
    let hall = hall.later(60).when((anna(), complete(None, 1))).then([completed(LETTERS, Some(here))]);
    let TicketState::Serving { started_at, .. } = stands(&hall, 1).state else { panic!("not served") };
    assert_eq!((started_at, stands(&hall, 1).service()), (at(1), Some(&service(PARCELS))));
    let hall = hall.later(30).when((anna(), complete(None, 1))).then([completed(PARCELS, None)]);
    let times = &hall.day.tallies.service_times;
    assert_eq!((times[&service(LETTERS)], times[&service(PARCELS)]), ((1, 60), (1, 30)));
    assert_eq!(hall.day.tallies.served, 1);
}

#[test]
fn the_next_service_waits_with_the_old_reference_where_it_is_not_given_here() {
    let mut hall = given([takes(1, PARCELS)]);
    let mut skilled = at_window(&anna(), WINDOW_1);
    skilled.skills = vec![service(PARCELS)];
    hall.does(&anna(), Action::OpenWindow(skilled));
    hall.does(&boris(), opens(boris(), WINDOW_2).1);
    hall.does(&anna(), calls_next(anna(), WINDOW_1).1);
    hall.does(&anna(), starts(anna(), 1).1);
    hall.does(&anna(), add(LEGAL, 1));
    let place = Place { reference: at(0), due_at: at(30) };
    let queued = NextService::Queued { service: service(LEGAL), place };
    let hall = hall.later(60).when((anna(), complete(None, 1))).then([completed(PARCELS, Some(queued))]);
    assert!(matches!(stands(&hall, 1).state, TicketState::Waiting { .. }));
    hall.when(calls_next(boris(), WINDOW_2)).granted();
}

#[test]
fn another_service_than_the_ticket_says_is_switched_to() {
    let hall = serving().when((anna(), switch(PARCELS, 1))).then_only("service.switched");
    assert_eq!(stands(&hall, 1).services, [service(PARCELS)]);
}

#[test]
fn what_is_not_in_the_catalogue_or_not_given_here_is_neither_added_nor_switched_to() {
    let no = |action, refusal| drop(serving().when((anna(), action)).rejected(refusal));
    no(add("flying", 1), Refusal::UnknownService { service: service("flying") });
    no(switch("flying", 1), Refusal::UnknownService { service: service("flying") });
    no(add(PARCELS, 0), Refusal::Malformed { what: "quantity" });
    no(switch(PARCELS, 0), Refusal::Malformed { what: "quantity" });
    no(complete(None, 0), Refusal::Malformed { what: "quantity" });
    let mut full = serving();
    for _ in 1..20 {
        full.does(&anna(), add(STAMPS, 1));
    }
    full.when((anna(), add(STAMPS, 1))).rejected(Refusal::Malformed { what: "services" });
    let mut narrow = serving();
    let services = vec![service(LETTERS)];
    narrow.does(&anna(), Action::SetWindowServices { window: window(WINDOW_1), services });
    let not_given = Refusal::ServiceNotGiven { service: service(PARCELS), window: window(WINDOW_1) };
    narrow.when((anna(), switch(PARCELS, 1))).rejected(not_given);
}

#[test]
fn outcomes_and_refusals_speak_the_words_of_the_organisation() {
    let unknown = Refusal::UnknownReason { reason: reason("nonsense") };
    serving().when((anna(), complete(Some("nonsense"), 1))).rejected(unknown.clone());
    serving().when((anna(), complete(Some("partly"), 1))).granted();
    let refuse = |word| Action::RefuseService { ticket: ticket(1), reason: reason(word) };
    called().when((anna(), refuse("nonsense"))).rejected(unknown);
    let hall = called().when((anna(), refuse("no_document"))).then_only("service.refused");
    assert_eq!(hall.day.windows[&window(WINDOW_1)].ticket, None);
}

#[test]
fn a_vocabulary_that_was_never_filled_does_not_restrict() {
    let mut own = settings();
    own.reasons = Default::default();
    let mut hall = Hall::open_with(own);
    for (who, action) in [opens(anna(), WINDOW_1), takes(1, LETTERS), calls_next(anna(), WINDOW_1)] {
        hall.does(&who, action);
    }
    hall.does(&anna(), Action::RefuseService { ticket: ticket(1), reason: reason("anything") });
}

#[test]
fn what_was_done_at_ones_window_is_nobody_elses_to_end() {
    let not_yours = Refusal::NotYourWindow { window: window(WINDOW_1) };
    for action in [add(STAMPS, 1), switch(STAMPS, 1), complete(None, 1)] {
        serving().when((boris(), action)).rejected(not_yours.clone());
    }
}
