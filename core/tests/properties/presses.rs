//! Buttons pressed at random, sensible and not.

use chrono::TimeDelta;
use proptest::prelude::*;
use talon_core::{
    fact::Actor,
    ids::{OperatorId, TicketId, WindowId},
    queue_day::{
        command::{Action, IssueTicket, TransferTicket},
        event::{Arrival, CancelledBy, Placement, Pool, RevokeReason},
    },
    sealed::Sealed,
    testing::samples::*,
};
use uuid::Uuid;

const TICKETS: u128 = 60;

/// One press of some button by somebody, and how long it was quiet before.
#[derive(Debug, Clone)]
pub(crate) struct Press {
    pub(crate) seconds: i64,
    pub(crate) actor: Actor,
    pub(crate) what: What,
}

#[derive(Debug, Clone)]
pub(crate) enum What {
    Ask(Action),
    /// Takes back one of the latest facts.
    Undo(usize),
    LetTimeAct,
    /// Calls the next, waits a minute, calls again, gives up.
    CallInVain,
}

/// The ticket at the presser's own window, whichever it is then.
pub(crate) const MINE: u128 = 100;
/// A ticket that is set aside or did not come.
pub(crate) const ASIDE: u128 = 101;
/// The presser's own window.
pub(crate) const OWN: &str = "own";

fn a_ticket() -> impl Strategy<Value = u128> + Clone {
    prop_oneof![2 => 0..TICKETS, 4 => Just(MINE), 2 => Just(ASIDE)]
}

fn a_window() -> impl Strategy<Value = &'static str> + Clone {
    prop_oneof![1 => Just(WINDOW_1), 1 => Just(WINDOW_2), 1 => Just(WINDOW_3), 4 => Just(OWN)]
}

fn a_service() -> impl Strategy<Value = &'static str> + Clone {
    prop_oneof![Just(LETTERS), Just(STAMPS), Just(PARCELS), Just(LEGAL)]
}

fn an_actor() -> impl Strategy<Value = Actor> + Clone {
    prop_oneof![3 => Just(anna()), 3 => Just(boris()), 2 => Just(head()), 1 => Just(kiosk())]
}

fn a_placement() -> impl Strategy<Value = Placement> + Clone {
    prop_oneof![
        Just(Placement::Original),
        Just(Placement::Front),
        Just(Placement::Tail),
        (0..4_u32).prop_map(|n| Placement::AfterN { n }),
    ]
}

fn a_pool() -> impl Strategy<Value = Pool> + Clone {
    prop_oneof![Just(Pool::Window), Just(Pool::Operator), Just(Pool::Branch)]
}

fn an_issue() -> impl Strategy<Value = Action> + Clone {
    let of = prop_oneof![Just("standard"), Just("privileged"), Just("booking"), Just("emergency")];
    (0..TICKETS, prop::collection::vec(a_service(), 1..3), of, any::<bool>(), -30..30_i64).prop_map(
        |(n, services, of, remote, slot)| {
            let booked = of == "booking";
            Action::IssueTicket(IssueTicket {
                class: class(of),
                class_reason: (of == "emergency").then(|| reason("ambulance")),
                remote,
                booking_id: booked.then(|| Uuid::from_u128(n % 3)),
                slot_start: booked.then(|| NINE_OCLOCK + TimeDelta::minutes(30 + slot)),
                ..wanted(n, &services)
            })
        },
    )
}

fn about_a_ticket() -> impl Strategy<Value = Action> + Clone {
    let one = a_ticket().prop_map(ticket);
    prop_oneof![
        one.clone().prop_map(|ticket| Action::StartService { ticket }),
        one.clone().prop_map(|ticket| Action::RecallTicket { ticket }),
        one.clone().prop_map(|ticket| Action::MarkNoShow { ticket }),
        Just(Action::UnparkTicket { ticket: ticket(ASIDE) }),
        one.clone().prop_map(|ticket| Action::ArriveTicket { ticket, how: Arrival::Staff }),
        one.clone().prop_map(|ticket| Action::RevokeCall { ticket, reason: RevokeReason::Mistake }),
        one.clone().prop_map(|ticket| Action::CompleteService { ticket, outcome: None, quantity: 1 }),
        one.clone().prop_map(|ticket| Action::RefuseService { ticket, reason: reason("no_document") }),
        (one.clone(), a_service()).prop_map(|(ticket, it)| Action::AddService {
            ticket,
            service: service(it),
            quantity: 1
        }),
        (one.clone(), a_service()).prop_map(|(ticket, it)| Action::SwitchService {
            ticket,
            service: service(it),
            quantity: 1
        }),
        (one.clone(), a_placement())
            .prop_map(|(ticket, placement)| Action::ReactivateTicket { ticket, placement }),
        (one.clone(), a_placement()).prop_map(|(ticket, placement)| Action::ReturnTicket {
            ticket,
            placement,
            not_before: None
        }),
        (one.clone(), a_pool(), 0..60_i64).prop_map(|(ticket, pool, minutes)| Action::ParkTicket {
            ticket,
            reason: reason("form"),
            pool,
            resume_by: (minutes % 2 == 0).then(|| NINE_OCLOCK + TimeDelta::minutes(minutes)),
        }),
        (a_ticket(), a_service(), prop::option::of(a_window())).prop_map(|(n, to, at)| {
            Action::TransferTicket(TransferTicket {
                to_service: Some(service(to)),
                to_window: at.map(window),
                ..transfer(n)
            })
        }),
        (one.clone(), any::<bool>()).prop_map(|(ticket, hasty)| Action::ReprioritiseTicket {
            ticket,
            class: class(if hasty { "privileged" } else { "standard" }),
            reason: reason("veteran"),
        }),
        one.clone().prop_map(|ticket| Action::CancelTicket {
            ticket,
            by: CancelledBy::Staff,
            reason: reason("left")
        }),
        (one.clone(), 0..3_u8).prop_map(|(ticket, level)| Action::AcknowledgeAlert { ticket, level }),
        one.prop_map(|ticket| Action::AddNote {
            ticket,
            note: Sealed { key: "k".into(), value: "v".into() }
        }),
    ]
}

fn about_a_window() -> impl Strategy<Value = Action> + Clone {
    let one = a_window().prop_map(window);
    prop_oneof![
        6 => one.clone().prop_map(|window| Action::CallNext { window }),
        2 => (one.clone(), a_ticket()).prop_map(|(window, n)| Action::CallTicket {
            window,
            ticket: ticket(n),
            reason: Some(reason("quick_question"))
        }),
        1 => one.clone().prop_map(|window| Action::PauseWindow { window, reason: reason("tea"), until: None }),
        1 => one.clone().prop_map(|window| Action::ResumeWindow { window }),
        1 => one.clone().prop_map(|window| Action::CloseWindow { window }),
        1 => one.clone().prop_map(|window| Action::LeaveWindow { window }),
        1 => (one, a_service()).prop_map(|(window, it)| Action::SetWindowServices {
            window,
            services: vec![service(it), service(PARCELS)]
        }),
    ]
}

pub(crate) fn a_press() -> impl Strategy<Value = Press> + Clone {
    let sits_down = (a_window(), any::<bool>(), any::<bool>()).prop_map(|(at, first, over)| {
        let who = if first { anna() } else { boris() };
        let it = at_window(&who, at);
        What::Ask(if over { Action::TakeOverWindow(it) } else { Action::OpenWindow(it) })
    });
    let rarely = prop_oneof![
        Just(Action::ResumeIntake),
        Just(Action::PauseIntake { reason: "tea".into() }),
        Just(Action::CloseBusinessDay),
        Just(Action::SendAway { operator: OperatorId::trusted("boris") }),
    ];
    let what = prop_oneof![
        20 => an_issue().prop_map(What::Ask),
        40 => about_a_ticket().prop_map(What::Ask),
        20 => about_a_window().prop_map(What::Ask),
        6 => sits_down,
        8 => (0..4_usize).prop_map(What::Undo),
        5 => Just(What::LetTimeAct),
        5 => Just(What::CallInVain),
        1 => rarely.prop_map(What::Ask),
    ];
    let seconds = prop_oneof![6 => 0..12_i64, 2 => 20..70_i64, 1 => 60..1_200_i64];
    (seconds, an_actor(), what).prop_map(|(seconds, actor, what)| Press { seconds, actor, what })
}

/// The ticket an action is about, to aim it.
pub(crate) fn ticket_of(action: &mut Action) -> Option<&mut TicketId> {
    match action {
        Action::ArriveTicket { ticket, .. }
        | Action::CallTicket { ticket, .. }
        | Action::RecallTicket { ticket }
        | Action::RevokeCall { ticket, .. }
        | Action::StartService { ticket }
        | Action::AddService { ticket, .. }
        | Action::SwitchService { ticket, .. }
        | Action::CompleteService { ticket, .. }
        | Action::RefuseService { ticket, .. }
        | Action::MarkNoShow { ticket }
        | Action::ReactivateTicket { ticket, .. }
        | Action::ParkTicket { ticket, .. }
        | Action::UnparkTicket { ticket }
        | Action::ReturnTicket { ticket, .. }
        | Action::TransferTicket(TransferTicket { ticket, .. })
        | Action::ReprioritiseTicket { ticket, .. }
        | Action::CancelTicket { ticket, .. }
        | Action::AddNote { ticket, .. }
        | Action::AcknowledgeAlert { ticket, .. } => Some(ticket),
        _ => None,
    }
}

/// The window an action is about, to aim it.
pub(crate) fn window_of(action: &mut Action) -> Option<&mut WindowId> {
    match action {
        Action::OpenWindow(it) | Action::TakeOverWindow(it) => Some(&mut it.window),
        Action::PauseWindow { window, .. }
        | Action::ResumeWindow { window }
        | Action::CloseWindow { window }
        | Action::LeaveWindow { window }
        | Action::SetWindowServices { window, .. }
        | Action::CallNext { window }
        | Action::CallTicket { window, .. } => Some(window),
        _ => None,
    }
}
