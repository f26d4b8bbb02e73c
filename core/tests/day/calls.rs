use talon_core::{
    queue_day::{
        command::{Action, TransferTicket},
        event::{
            CallMode, CallRevoked, Decision, Overtaken, Pool, RevokeReason, TicketCalled, TicketRecalled,
        },
        ticket::TicketState,
    },
    queue_event::{Event, QueueEvent},
    refusal::Refusal,
    testing::{
        given::{Hall, given},
        samples::*,
    },
};

use super::{at, call, called, no_show, not_come, park, pick, recall, serving, stands, two_at_work};

#[track_caller]
fn last_call(hall: &Hall) -> TicketCalled {
    match hall.heard.last().map(|it| &it.event) {
        Some(Event::Queue(QueueEvent::TicketCalled(it))) => it.clone(),
        other => panic!("no call: {other:?}"),
    }
}

#[test]
fn a_customer_is_issued_a_number_called_served_and_done() {
    let hall = given([opens(anna(), WINDOW_1), takes(1, LETTERS), takes(2, PENSIONS), takes(3, LETTERS)]);
    let hall = hall.later(60).when(calls_next(anna(), WINDOW_1)).then_only("ticket.called");
    let hall = hall.later(20).when(starts(anna(), 1)).then_only("service.started");
    let hall = hall.later(200).when(completes(anna(), 1)).then_only("service.completed");
    assert_eq!(hall.day.tallies.served, 1);
    assert_eq!(hall.day.tallies.service_times[&service(LETTERS)], (1, 200));
    assert_eq!(hall.day.windows[&window(WINDOW_1)].ticket, None);
}

#[test]
fn a_call_says_why_this_ticket() {
    let hall = given([opens(anna(), WINDOW_1), takes(1, LETTERS), takes(2, PENSIONS)]);
    hall.later(60).when(calls_next(anna(), WINDOW_1)).then([TicketCalled {
        ticket: ticket(1),
        window: Some(window(WINDOW_1)),
        operator: Some(talon_core::ids::OperatorId::trusted("anna")),
        attempt: 1,
        mode: CallMode::Next,
        decision: Some(Decision {
            policy: "edd".into(),
            version: 1,
            candidates: 2,
            rank: 1,
            due_at: at(15),
            overtaken: Vec::new(),
            reason_code: None,
        }),
    }]);
}

#[test]
fn a_call_names_at_most_five_of_those_it_passed_over() {
    let mut hall = given([opens(anna(), WINDOW_1)]);
    for n in 1..=7 {
        hall.does(&kiosk(), takes(n, LETTERS).1);
        hall.passes(1);
    }
    hall.does(&kiosk(), takes_as(8, LETTERS, "privileged").1);
    let hall = hall.when(calls_next(anna(), WINDOW_1)).granted();
    let decision = last_call(&hall).decision.expect("a live call");
    assert_eq!((decision.candidates, decision.rank), (8, 1));
    let numbers: Vec<&str> = decision.overtaken.iter().map(|it| it.number.as_str()).collect();
    assert_eq!(numbers, ["А001", "А002", "А003", "А004", "А005"]);
}

#[test]
fn a_window_calls_nobody_when_nobody_waits_for_it() {
    let hall = given([opens(anna(), WINDOW_3), takes(1, LETTERS)]);
    hall.when(calls_next(anna(), WINDOW_3)).rejected(Refusal::NobodyWaiting);
}

#[test]
fn a_window_calls_only_when_it_is_open_free_and_ones_own() {
    let no = |hall: Hall, who, at, refusal| drop(hall.when(calls_next(who, at)).rejected(refusal));
    no(two_at_work(), anna(), WINDOW_3, Refusal::WindowNotOpen { window: window(WINDOW_3) });
    no(two_at_work(), anna(), "w9", Refusal::UnknownWindow { window: window("w9") });
    no(two_at_work(), anna(), WINDOW_2, Refusal::NotYourWindow { window: window(WINDOW_2) });
    no(two_at_work(), kiosk(), WINDOW_2, Refusal::NotYourWindow { window: window(WINDOW_2) });
    let busy = Refusal::WindowBusy { window: window(WINDOW_1), number: "А001".into() };
    no(called(), anna(), WINDOW_1, busy.clone());
    no(serving(), anna(), WINDOW_1, busy);
    let mut paused = two_at_work();
    let tea = Action::PauseWindow { window: window(WINDOW_1), reason: reason("tea"), until: None };
    paused.does(&anna(), tea);
    no(paused, anna(), WINDOW_1, Refusal::WindowPaused { window: window(WINDOW_1) });
    // A head calls at any window.
    two_at_work().when(calls_next(head(), WINDOW_2)).granted();
}

#[test]
fn a_called_ticket_stays_with_its_window() {
    let elsewhere = Refusal::AlreadyCalled { number: "А001".into(), window: window(WINDOW_1) };
    called().when((boris(), call(WINDOW_2, 1))).rejected(elsewhere);
}

#[test]
fn picking_out_of_order_needs_a_reason_and_says_the_rank() {
    let hall = || given([opens(anna(), WINDOW_1), takes(1, LETTERS), takes(2, LETTERS), takes(3, LETTERS)]);
    hall().when((anna(), call(WINDOW_1, 3))).rejected(Refusal::ReasonRequired);
    let unknown = Refusal::UnknownReason { reason: reason("liking") };
    let liking =
        Action::CallTicket { window: window(WINDOW_1), ticket: ticket(3), reason: Some(reason("liking")) };
    hall().when((anna(), liking)).rejected(unknown);
    let mut late = given([opens(anna(), WINDOW_1), takes(1, LETTERS)]).later(1);
    late.does(&kiosk(), takes(2, LETTERS).1);
    let picked = last_call(&late.when((anna(), pick(WINDOW_1, 2))).granted());
    assert_eq!(picked.mode, CallMode::Picked);
    let decision = picked.decision.expect("a live call");
    assert_eq!((decision.candidates, decision.rank), (2, 2));
    assert_eq!(decision.reason_code, Some(reason("quick_question")));
    let passed = Overtaken { ticket: ticket(1), number: "А001".into(), due_at: at(15) };
    assert_eq!(decision.overtaken, [passed]);
}

#[test]
fn calling_the_first_by_name_is_the_same_as_calling_the_next() {
    let picked = last_call(&two_at_work().when((anna(), call(WINDOW_1, 1))).granted());
    assert_eq!(picked.mode, CallMode::Next);
}

#[test]
fn a_ticket_is_not_called_to_a_window_that_does_not_give_its_service() {
    let hall = given([opens(anna(), WINDOW_3), takes(1, LETTERS)]);
    let not_given = Refusal::ServiceNotGiven { service: service(LETTERS), window: window(WINDOW_3) };
    hall.when((anna(), pick(WINDOW_3, 1))).rejected(not_given);
}

#[test]
fn a_ticket_kept_for_another_window_is_not_called_here_and_called_there_without_a_reason() {
    let sent = || {
        let mut hall = serving();
        hall.does(&kiosk(), takes(2, LETTERS).1);
        let there = TransferTicket { to_window: Some(window(WINDOW_2)), ..transfer(1) };
        hall.does(&anna(), Action::TransferTicket(there));
        hall.does(&kiosk(), takes_as(3, LETTERS, "privileged").1);
        hall
    };
    sent().when((anna(), pick(WINDOW_1, 1))).rejected(Refusal::PinnedElsewhere { number: "А001".into() });
    assert_eq!(last_call(&sent().when((boris(), call(WINDOW_2, 1))).granted()).mode, CallMode::Direct);
    // The pin ends when that window closes.
    let mut closed = sent();
    closed.does(&boris(), Action::CloseWindow { window: window(WINDOW_2) });
    closed.when((anna(), pick(WINDOW_1, 1))).granted();
    // And ten minutes after the ticket was due.
    let hall = sent().later(25 * 60 - 1);
    let hall =
        hall.when((anna(), pick(WINDOW_1, 1))).rejected(Refusal::PinnedElsewhere { number: "А001".into() });
    hall.later(1).when((anna(), pick(WINDOW_1, 1))).granted();
}

#[test]
fn a_parked_ticket_is_called_from_its_own_pool_without_a_reason() {
    let parked = |pool| {
        let mut hall = serving();
        hall.does(&anna(), park(1, pool));
        hall
    };
    let elsewhere = || Refusal::PinnedElsewhere { number: "А001".into() };
    for pool in [Pool::Window, Pool::Operator] {
        parked(pool).when((boris(), call(WINDOW_2, 1))).rejected(elsewhere());
        let hall = parked(pool).when((anna(), call(WINDOW_1, 1))).granted();
        assert_eq!(last_call(&hall).mode, CallMode::Direct);
    }
    parked(Pool::Branch).when((boris(), call(WINDOW_2, 1))).granted();
}

#[test]
fn calls_are_repeated_at_most_twice_and_half_a_minute_apart() {
    let hall = called().later(10);
    let hall = hall.when((anna(), recall(1))).rejected(Refusal::RecallTooEarly { wait_s: 20 });
    let second = TicketRecalled { ticket: ticket(1), window: window(WINDOW_1), attempt: 2 };
    let hall = hall.later(20).when((anna(), recall(1))).then([second]);
    let hall = hall.later(30).when((anna(), recall(1))).then_only("ticket.recalled");
    assert_eq!(stands(&hall, 1).attempts, 3);
    hall.later(30).when((anna(), recall(1))).rejected(Refusal::TooManyCalls { max: 3 });
}

#[test]
fn a_part_of_a_second_still_missing_counts_as_one() {
    let mut hall = called().later(29);
    hall.now += chrono::TimeDelta::milliseconds(999);
    hall.when((anna(), recall(1))).rejected(Refusal::RecallTooEarly { wait_s: 1 });
}

#[test]
fn who_is_sent_back_without_a_no_show_is_not_locked_out() {
    let mut hall = called();
    hall.does(&anna(), super::give_back(1, talon_core::queue_day::event::Placement::Original));
    hall.does(&kiosk(), takes(2, LEGAL).1);
    assert_eq!(last_call(&hall.when(calls_next(anna(), WINDOW_1)).granted()).ticket, ticket(1));
}

#[test]
fn only_the_window_itself_and_heads_act_on_its_ticket() {
    let not_yours = Refusal::NotYourWindow { window: window(WINDOW_1) };
    for action in [recall(1), no_show(1), park(1, Pool::Window), starts(boris(), 1).1] {
        called().later(61).when((boris(), action)).rejected(not_yours.clone());
    }
    called().when(starts(head(), 1)).granted();
}

#[test]
fn a_no_show_takes_two_calls_and_a_minute() {
    let hall = called().later(10).when((anna(), no_show(1)));
    let hall = hall.rejected(Refusal::NoShowTooEarly { calls_missing: 1, wait_s: 50 });
    let hall = hall.later(20).when((anna(), recall(1))).granted();
    let early = Refusal::NoShowTooEarly { calls_missing: 0, wait_s: 30 };
    let hall = hall.when((anna(), no_show(1))).rejected(early);
    let hall = hall.later(30).when((anna(), no_show(1))).then_only("ticket.no_show");
    let TicketState::NoShow { grace_until, .. } = stands(&hall, 1).state else { panic!("no no-show") };
    assert_eq!(grace_until, at(11));
    assert_eq!(hall.day.windows[&window(WINDOW_1)].ticket, None);
}

#[test]
fn a_revoked_call_leaves_the_ticket_its_place_and_its_calls() {
    let revoke = Action::RevokeCall { ticket: ticket(1), reason: RevokeReason::Mistake };
    let mistake = CallRevoked { ticket: ticket(1), window: window(WINDOW_1), reason: RevokeReason::Mistake };
    let hall = called().later(40).when((anna(), revoke)).then([mistake]);
    let it = stands(&hall, 1);
    assert_eq!((it.place.reference, it.place.due_at, it.attempts), (at(0), at(15), 0));
    // It may be called at once, three times again.
    let hall = hall.when(calls_next(boris(), WINDOW_2)).granted();
    assert_eq!(stands(&hall, 1).attempts, 1);
}

#[test]
fn who_comes_back_after_a_no_show_is_called_at_once_only_when_nobody_else_is() {
    let back = Action::ReactivateTicket {
        ticket: ticket(1),
        placement: talon_core::queue_day::event::Placement::Original,
    };
    let returned = || {
        let mut hall = not_come();
        hall.does(&kiosk(), back.clone());
        hall
    };
    returned().when(calls_next(anna(), WINDOW_1)).granted();
    // A long service, due after it: called first only while the other is locked out.
    let both = || {
        let mut hall = returned();
        hall.does(&kiosk(), takes(2, LEGAL).1);
        hall
    };
    let called_after =
        |seconds| last_call(&both().later(seconds).when(calls_next(anna(), WINDOW_1)).granted()).ticket;
    assert_eq!([called_after(299), called_after(300)], [ticket(2), ticket(1)]);
}
