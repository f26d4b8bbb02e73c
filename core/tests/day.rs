//! A day in the hall, rule by rule: given what happened, when somebody asks, then these facts, or this refusal.

#[path = "day/aside.rs"]
mod aside;
#[path = "day/calls.rs"]
mod calls;
#[path = "day/clock.rs"]
mod clock;
#[path = "day/dry_run.rs"]
mod dry_run;
#[path = "day/hours.rs"]
mod hours;
#[path = "day/imported.rs"]
mod imported;
#[path = "day/issue.rs"]
mod issue;
#[path = "day/opening.rs"]
mod opening;
#[path = "day/order.rs"]
mod order;
#[path = "day/quotes.rs"]
mod quotes;
#[path = "day/services.rs"]
mod services;
#[path = "day/states.rs"]
mod states;
#[path = "day/undo.rs"]
mod undo;
#[path = "day/windows.rs"]
mod windows;

use chrono::{DateTime, TimeDelta, Utc};
use talon_core::{
    queue_day::{
        command::Action,
        event::{Placement, Pool},
        ticket::Ticket,
    },
    testing::{
        given::{Hall, given},
        samples::*,
    },
};

/// Minutes after nine o'clock.
fn at(minutes: i64) -> DateTime<Utc> {
    NINE_OCLOCK + TimeDelta::minutes(minutes)
}

/// The n-th sample ticket as it stands.
#[track_caller]
fn stands(hall: &Hall, n: u128) -> &Ticket {
    hall.day.tickets.get(&ticket(n)).expect("a ticket that was issued")
}

fn park(n: u128, pool: Pool) -> Action {
    Action::ParkTicket { ticket: ticket(n), reason: reason("form"), pool, resume_by: None }
}

fn give_back(n: u128, placement: Placement) -> Action {
    Action::ReturnTicket { ticket: ticket(n), placement, not_before: None }
}

fn call(at: &str, n: u128) -> Action {
    Action::CallTicket { window: window(at), ticket: ticket(n), reason: None }
}

fn pick(at: &str, n: u128) -> Action {
    Action::CallTicket { window: window(at), ticket: ticket(n), reason: Some(reason("quick_question")) }
}

fn recall(n: u128) -> Action {
    Action::RecallTicket { ticket: ticket(n) }
}

fn no_show(n: u128) -> Action {
    Action::MarkNoShow { ticket: ticket(n) }
}

/// Anna at the first window, Boris at the second, and one customer for letters.
fn two_at_work() -> Hall {
    given([opens(anna(), WINDOW_1), opens(boris(), WINDOW_2), takes(1, LETTERS)])
}

/// The same with the customer called to Anna.
fn called() -> Hall {
    let mut hall = two_at_work();
    hall.does(&anna(), Action::CallNext { window: window(WINDOW_1) });
    hall
}

/// The same with the customer being served.
fn serving() -> Hall {
    let mut hall = called();
    hall.does(&anna(), Action::StartService { ticket: ticket(1) });
    hall
}

/// Called twice in a minute and not come.
fn not_come() -> Hall {
    let mut hall = called().later(61);
    hall.does(&anna(), recall(1));
    hall.does(&anna(), no_show(1));
    hall
}
