//! The table of states: which step is possible from which state, and nothing else.

use talon_core::{
    queue_day::{
        command::{Action, IssueTicket, TransferTicket},
        event::{Arrival, CancelledBy, Placement, Pool, RevokeReason, Rule, TicketExpired},
    },
    refusal::Refusal,
    sealed::Sealed,
    testing::{given::Hall, samples::*},
};

use super::{called, give_back, no_show, not_come, park, pick, recall, serving, stands, two_at_work};

const OPEN: &[&str] = &["EXPECTED", "WAITING", "CALLED", "SERVING", "PARKED", "NO_SHOW"];
const ENDED: &[&str] = &["COMPLETED", "REFUSED", "CANCELLED", "ABANDONED", "EXPIRED"];

fn cancel() -> Action {
    Action::CancelTicket { ticket: ticket(1), by: CancelledBy::Staff, reason: reason("left") }
}

fn refuse() -> Action {
    Action::RefuseService { ticket: ticket(1), reason: reason("no_document") }
}

/// A hall whose first ticket stands in this state, with a free window beside it.
fn hall_with(state: &str) -> Hall {
    let after = |mut hall: Hall, action| {
        hall.does(&head(), action);
        hall
    };
    let hall = match state {
        "EXPECTED" => {
            let mut hall = Hall::open();
            hall.does(&boris(), opens(boris(), WINDOW_2).1);
            let remote = IssueTicket { remote: true, ..wanted(1, &[LETTERS]) };
            after(hall, Action::IssueTicket(remote))
        }
        "WAITING" => two_at_work(),
        // Called long enough for every rule of calling.
        "CALLED" => after(called().later(61), recall(1)).later(61),
        "SERVING" => serving(),
        "PARKED" => after(serving(), park(1, Pool::Branch)),
        "NO_SHOW" => not_come(),
        "COMPLETED" => after(serving(), completes(anna(), 1).1),
        "REFUSED" => after(serving(), refuse()),
        "CANCELLED" => after(two_at_work(), cancel()),
        "ABANDONED" => {
            let mut hall = not_come().later(600);
            hall.lets_time_act();
            hall
        }
        "EXPIRED" => {
            let mut hall = two_at_work();
            hall.hears_of(hall.now, TicketExpired { ticket: ticket(1), rule: Rule::DayClosed });
            hall
        }
        other => panic!("{other} is no state"),
    };
    assert_eq!(stands(&hall, 1).state.name(), state);
    hall
}

/// Each step on the first ticket, and the states it starts from.
fn steps() -> Vec<(Action, Vec<&'static str>)> {
    let id = ticket(1);
    let transfer = TransferTicket { to_service: Some(service(PARCELS)), ..transfer(1) };
    vec![
        (Action::ArriveTicket { ticket: id, how: Arrival::Staff }, vec!["EXPECTED"]),
        (pick(WINDOW_2, 1), vec!["WAITING", "PARKED"]),
        (recall(1), vec!["CALLED"]),
        (Action::RevokeCall { ticket: id, reason: RevokeReason::Mistake }, vec!["CALLED"]),
        (no_show(1), vec!["CALLED"]),
        (Action::StartService { ticket: id }, vec!["CALLED"]),
        (Action::AddService { ticket: id, service: service(STAMPS), quantity: 1 }, vec!["SERVING"]),
        (Action::SwitchService { ticket: id, service: service(STAMPS), quantity: 1 }, vec!["SERVING"]),
        (completes(anna(), 1).1, vec!["SERVING"]),
        (refuse(), vec!["CALLED", "SERVING"]),
        (park(1, Pool::Window), vec!["CALLED", "SERVING"]),
        (Action::UnparkTicket { ticket: id }, vec!["PARKED"]),
        (give_back(1, Placement::Original), vec!["CALLED", "SERVING", "NO_SHOW"]),
        (Action::ReactivateTicket { ticket: id, placement: Placement::Original }, vec!["NO_SHOW"]),
        (Action::TransferTicket(transfer), vec!["CALLED", "SERVING", "PARKED"]),
        (
            Action::ReprioritiseTicket { ticket: id, class: class("privileged"), reason: reason("veteran") },
            vec!["WAITING", "PARKED"],
        ),
        (cancel(), OPEN.to_vec()),
        (Action::AddNote { ticket: id, note: Sealed { key: "k".into(), value: "v".into() } }, OPEN.to_vec()),
    ]
}

#[test]
fn each_step_is_possible_from_its_states_and_no_other() {
    for state in OPEN.iter().chain(ENDED) {
        for (action, from) in steps() {
            let mut hall = hall_with(state);
            let number = stands(&hall, 1).number.clone();
            let answer = hall.ask(&head(), action.clone()).map(|events| events.len());
            let expected = if from.contains(state) {
                Ok(1)
            } else if ENDED.contains(state) {
                Err(Refusal::TicketClosed { number })
            } else if matches!(action, Action::CallTicket { .. }) && *state == "CALLED" {
                Err(Refusal::AlreadyCalled { number, window: window(WINDOW_1) })
            } else {
                Err(Refusal::WrongState { number, state })
            };
            assert_eq!(answer, expected, "{action:?} on a ticket that is {state}");
        }
    }
}

#[test]
fn a_ticket_nobody_issued_is_unknown() {
    for (action, _) in steps() {
        let mut hall = Hall::open();
        hall.does(&boris(), opens(boris(), WINDOW_2).1);
        assert_eq!(hall.ask(&head(), action), Err(Refusal::UnknownTicket { ticket: ticket(1) }));
    }
}

#[test]
fn nothing_is_done_before_the_day_opens_or_after_it_closed() {
    for (action, _) in steps() {
        assert_eq!(Hall::empty().ask(&head(), action.clone()), Err(Refusal::DayNotOpen));
        let mut closed = two_at_work();
        closed.does(&head(), Action::CloseBusinessDay);
        assert_eq!(closed.ask(&head(), action), Err(Refusal::DayClosed));
    }
}

#[test]
fn a_ticket_that_leaves_its_window_frees_it() {
    for (action, from) in steps() {
        for state in from {
            let mut hall = hall_with(state);
            hall.does(&head(), action.clone());
            for seat in hall.day.windows.values() {
                let stands_there = |id| hall.day.tickets[&id].state.window() == Some(&seat.id);
                assert!(seat.ticket.is_none_or(stands_there), "{action:?} on a ticket that is {state}");
            }
        }
    }
}
