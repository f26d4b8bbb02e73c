use chrono::TimeDelta;
use talon_core::{
    ids::OperatorId,
    queue_day::{
        command::{Action, TransferTicket},
        event::{AlertAcknowledged, CancelledBy, Place, Placement, Pool, TicketTransferred},
        ticket::TicketState,
    },
    refusal::Refusal,
    sealed::Sealed,
    testing::{
        given::{Hall, given},
        samples::*,
    },
};

use super::{at, called, give_back, not_come, park, serving, stands, two_at_work};

fn reactivate(placement: Placement) -> Action {
    Action::ReactivateTicket { ticket: ticket(1), placement }
}

fn unpark() -> Action {
    Action::UnparkTicket { ticket: ticket(1) }
}

#[track_caller]
fn place(hall: &Hall, n: u128) -> Place {
    stands(hall, n).place
}

#[test]
fn a_parked_ticket_keeps_its_place_and_comes_back_to_its_pool() {
    let hall = serving().when((anna(), park(1, Pool::Operator))).then_only("ticket.parked");
    assert_eq!(hall.day.windows[&window(WINDOW_1)].ticket, None);
    let hall = hall.later(60).when((boris(), unpark()));
    let hall = hall.rejected(Refusal::PinnedElsewhere { number: "А001".into() });
    let hall = hall.when((anna(), unpark())).then_only("ticket.unparked");
    assert_eq!(place(&hall, 1), Place { reference: at(0), due_at: at(15) });
    let hall = hall.when(calls_next(boris(), WINDOW_2)).rejected(Refusal::NobodyWaiting);
    hall.when(calls_next(anna(), WINDOW_1)).granted();
}

#[test]
fn the_branch_takes_up_what_was_parked_for_everybody_and_heads_take_up_everything() {
    let parked = |pool| serving().when((anna(), park(1, pool))).granted();
    parked(Pool::Branch).when((boris(), unpark())).granted();
    parked(Pool::Window).when((head(), unpark())).granted();
    // Whoever sits at no window takes up nothing.
    parked(Pool::Branch)
        .when((kiosk(), unpark()))
        .rejected(Refusal::PinnedElsewhere { number: "А001".into() });
}

#[test]
fn a_pool_whose_window_or_operator_left_is_anyones() {
    for pool in [Pool::Window, Pool::Operator] {
        let mut hall = serving().when((anna(), park(1, pool))).granted();
        hall.does(&anna(), Action::CloseWindow { window: window(WINDOW_1) });
        hall.when((boris(), unpark())).granted().when(calls_next(boris(), WINDOW_2)).granted();
    }
}

#[test]
fn a_parked_ticket_resumes_by_itself_at_its_time() {
    let until = |minutes| Action::ParkTicket {
        ticket: ticket(1),
        reason: reason("form"),
        pool: Pool::Branch,
        resume_by: Some(at(minutes)),
    };
    serving().when((anna(), until(0))).rejected(Refusal::Malformed { what: "resumeBy" });
    let mut hall = serving().when((anna(), until(5))).granted();
    assert_eq!(hall.day.next_due(), Some(at(5)));
    hall.passes(299);
    assert!(hall.lets_time_act().is_empty());
    hall.passes(1);
    assert_eq!(hall.lets_time_act().len(), 1);
    assert!(matches!(stands(&hall, 1).state, TicketState::Waiting { .. }));
}

#[test]
fn reasons_for_parking_and_cancelling_are_words_of_the_organisation() {
    let unknown = Refusal::UnknownReason { reason: reason("nonsense") };
    let odd = Action::ParkTicket {
        ticket: ticket(1),
        reason: reason("nonsense"),
        pool: Pool::Window,
        resume_by: None,
    };
    serving().when((anna(), odd)).rejected(unknown.clone());
    let by = CancelledBy::Staff;
    let odd = Action::CancelTicket { ticket: ticket(1), by, reason: reason("nonsense") };
    serving().when((anna(), odd)).rejected(unknown);
}

#[test]
fn a_returned_ticket_goes_where_it_is_put() {
    let hall = || {
        let mut hall = given([opens(anna(), WINDOW_1), takes(1, LETTERS)]);
        for n in 2..=4 {
            hall.passes(60);
            hall.does(&kiosk(), takes(n, LETTERS).1);
        }
        // Another service is another queue.
        hall.does(&kiosk(), takes_as(5, PENSIONS, "privileged").1);
        hall.does(&anna(), super::pick(WINDOW_1, 1));
        hall
    };
    let put = |placement| place(&hall().when((anna(), give_back(1, placement))).granted(), 1);
    let ms = TimeDelta::milliseconds(1);
    let of = |reference, due_at| Place { reference, due_at };
    assert_eq!(put(Placement::Original), of(at(0), at(15)));
    assert_eq!(put(Placement::Tail), of(at(3), at(18)));
    assert_eq!(put(Placement::Front), of(at(1) - ms, at(16) - ms));
    assert_eq!(put(Placement::AfterN { n: 2 }), of(at(2) + ms, at(17) + ms));
    assert_eq!(put(Placement::AfterN { n: 4 }), of(at(3), at(18)), "nobody is the fourth: the tail");
    hall()
        .when((anna(), give_back(1, Placement::AfterN { n: 0 })))
        .rejected(Refusal::Malformed { what: "n" });
}

#[test]
fn the_front_of_an_empty_queue_is_its_tail() {
    let hall = called().later(60).when((anna(), give_back(1, Placement::Front))).granted();
    assert_eq!(place(&hall, 1), Place { reference: at(1), due_at: at(16) });
}

#[test]
fn a_returned_ticket_may_have_to_wait_for_an_hour() {
    let back = |minutes| Action::ReturnTicket {
        ticket: ticket(1),
        placement: Placement::Original,
        not_before: Some(at(minutes)),
    };
    called().when((anna(), back(0))).rejected(Refusal::Malformed { what: "notBefore" });
    let hall = called().when((anna(), back(5))).granted();
    let hall = hall.later(299).when(calls_next(anna(), WINDOW_1)).rejected(Refusal::NobodyWaiting);
    hall.later(1).when(calls_next(anna(), WINDOW_1)).granted();
}

#[test]
fn each_return_from_a_no_show_costs_five_minutes_and_other_returns_cost_nothing() {
    let hall = not_come().when((kiosk(), reactivate(Placement::Original))).granted();
    assert_eq!((place(&hall, 1).due_at, stands(&hall, 1).returns), (at(20), 1));
    let mut hall = hall;
    hall.does(&anna(), calls_next(anna(), WINDOW_1).1);
    hall.passes(61);
    hall.does(&anna(), super::recall(1));
    hall.does(&anna(), super::no_show(1));
    let hall = hall.when((anna(), give_back(1, Placement::Original))).granted();
    assert_eq!((place(&hall, 1).due_at, stands(&hall, 1).returns), (at(25), 2));
    let hall = called().when((anna(), give_back(1, Placement::Original))).granted();
    assert_eq!((place(&hall, 1).due_at, stands(&hall, 1).returns), (at(15), 0));
}

#[test]
fn nobody_comes_back_when_the_grace_is_over() {
    let over = Refusal::GraceOver { number: "А001".into() };
    let hall = not_come().later(600).when((kiosk(), reactivate(Placement::Original))).rejected(over.clone());
    hall.when((anna(), give_back(1, Placement::Tail))).rejected(over);
    not_come().later(599).when((kiosk(), reactivate(Placement::Original))).granted();
}

#[test]
fn a_transfer_keeps_the_reference_and_takes_the_target_of_the_new_service() {
    let to_legal = TransferTicket { to_service: Some(service(LEGAL)), ..transfer(1) };
    let hall =
        serving().later(60).when((anna(), Action::TransferTicket(to_legal))).then([TicketTransferred {
            ticket: ticket(1),
            from_service: service(LETTERS),
            to_service: service(LEGAL),
            to_window: None,
            to_operator: None,
            place: Place { reference: at(0), due_at: at(30) },
        }]);
    assert_eq!(stands(&hall, 1).services, [service(LEGAL)]);
    let at_the_tail =
        TransferTicket { to_service: Some(service(LEGAL)), placement: Some(Placement::Tail), ..transfer(1) };
    let hall = serving().later(60).when((anna(), Action::TransferTicket(at_the_tail))).granted();
    assert_eq!(place(&hall, 1), Place { reference: at(1), due_at: at(31) });
}

#[test]
fn a_transfer_goes_to_somebody_who_is_there_and_gives_the_service() {
    let no = |it, refusal| drop(serving().when((anna(), Action::TransferTicket(it))).rejected(refusal));
    no(transfer(1), Refusal::TransferNowhere);
    let to = |id| TransferTicket { to_window: Some(window(id)), ..transfer(1) };
    no(to("w9"), Refusal::UnknownWindow { window: window("w9") });
    no(to(WINDOW_3), Refusal::WindowNotOpen { window: window(WINDOW_3) });
    let person = |id| TransferTicket { to_operator: Some(OperatorId::trusted(id)), ..transfer(1) };
    no(person("gleb"), Refusal::OperatorAbsent { operator: OperatorId::trusted("gleb") });
    let flying = TransferTicket { to_service: Some(service("flying")), ..transfer(1) };
    no(flying, Refusal::UnknownService { service: service("flying") });
    let both = TransferTicket { to_window: Some(window(WINDOW_1)), ..person("boris") };
    let anna_there = Refusal::WindowTaken { window: window(WINDOW_1), operator: OperatorId::trusted("anna") };
    no(both, anna_there);
    let mut narrow = serving();
    let services = vec![service(PARCELS)];
    narrow.does(&boris(), Action::SetWindowServices { window: window(WINDOW_2), services });
    let not_given = Refusal::ServiceNotGiven { service: service(LETTERS), window: window(WINDOW_2) };
    narrow.clone().when((anna(), Action::TransferTicket(to(WINDOW_2)))).rejected(not_given.clone());
    narrow.when((anna(), Action::TransferTicket(person("boris")))).rejected(not_given);
    let hall = serving().when((anna(), Action::TransferTicket(person("boris")))).granted();
    let hall = hall.when(calls_next(anna(), WINDOW_1)).rejected(Refusal::NobodyWaiting);
    hall.when(calls_next(boris(), WINDOW_2)).granted();
}

#[test]
fn another_class_is_another_due_date_from_the_same_reference() {
    let to =
        |of, word| Action::ReprioritiseTicket { ticket: ticket(1), class: class(of), reason: reason(word) };
    let hall = two_at_work().later(60).when((head(), to("privileged", "veteran")));
    let hall = hall.then_only("ticket.reprioritised");
    assert_eq!(place(&hall, 1), Place { reference: at(0), due_at: at(7) });
    let no = |action, refusal| drop(two_at_work().when((head(), action)).rejected(refusal));
    no(to("royal", "veteran"), Refusal::UnknownClass { class: class("royal") });
    no(to("privileged", "nonsense"), Refusal::UnknownReason { reason: reason("nonsense") });
}

#[test]
fn notes_stay_with_the_ticket_sealed() {
    let note = Sealed { key: "k".into(), value: "v".into() };
    let hall = two_at_work().when((anna(), Action::AddNote { ticket: ticket(1), note: note.clone() }));
    let hall = hall.then_only("ticket.note_added");
    let [kept] = stands(&hall, 1).notes.as_slice() else { panic!("one note") };
    assert_eq!((kept.by.as_str(), &kept.text), ("anna", &note));
}

#[test]
fn an_alert_is_acknowledged_once_and_not_before_it_is_there() {
    let seen = |level| (head(), Action::AcknowledgeAlert { ticket: ticket(1), level });
    let mut hall = two_at_work().when(seen(1)).rejected(Refusal::NoSuchAlert).later(15 * 60);
    hall.lets_time_act();
    let by = OperatorId::trusted("vera");
    let acknowledged = AlertAcknowledged { ticket: ticket(1), level: 1, by };
    let hall = hall.when(seen(2)).rejected(Refusal::NoSuchAlert);
    let hall = hall.when(seen(0)).rejected(Refusal::NoSuchAlert);
    hall.when(seen(1)).then([acknowledged]).when(seen(1)).rejected(Refusal::NoSuchAlert);
}
