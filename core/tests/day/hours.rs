//! The sample day is open from 9 to 13 and from 14 to 18; minutes count from nine.

use chrono::TimeDelta;
use talon_core::{
    fact::Actor,
    queue_day::{
        DayState, PausedBy,
        command::Action,
        event::{CLOSE_OVERDUE, CloseOverdue, Rule},
    },
    refusal::Refusal,
    testing::{given::Hall, samples::*},
};

use super::{at, serving, two_at_work};

const ONE_PM: i64 = 4 * 3600;
const TWO_PM: i64 = 5 * 3600;
const END_OF_INTAKE: i64 = 9 * 3600 - 600;
const SIX_PM: i64 = 9 * 3600;

fn resume() -> Action {
    Action::ResumeIntake
}

fn kinds(hall: &mut Hall) -> Vec<&'static str> {
    hall.lets_time_act().iter().map(|it| it.wire().0).collect()
}

fn paused_by(hall: &Hall) -> Option<PausedBy> {
    match hall.day.state {
        DayState::IntakePaused { by, .. } => Some(by),
        DayState::NotOpened | DayState::Open | DayState::Closed { .. } => None,
    }
}

#[test]
fn intake_pauses_for_the_break_and_goes_on_after_it() {
    let mut hall = Hall::open().later(ONE_PM - 1);
    assert_eq!((hall.day.next_due(), kinds(&mut hall).len()), (Some(at(240)), 0));
    hall.passes(1);
    assert_eq!(kinds(&mut hall), ["day.intake_paused"]);
    assert_eq!(paused_by(&hall), Some(PausedBy::Rule(Rule::Break)));
    assert_eq!(hall.day.next_due(), Some(at(300)));
    let mut hall = hall.when(takes(1, LETTERS)).rejected(Refusal::IntakePaused).later(3600);
    assert_eq!(kinds(&mut hall), ["day.intake_resumed"]);
    hall.when(takes(1, LETTERS)).granted();
}

#[test]
fn the_hours_count_even_when_the_event_that_says_so_is_late() {
    Hall::open().later(ONE_PM).when(takes(1, LETTERS)).rejected(Refusal::IntakePaused);
    Hall::open().later(TWO_PM).when(takes(1, LETTERS)).granted();
    let mut in_break = Hall::open().later(ONE_PM);
    in_break.lets_time_act();
    in_break.later(3600).when(takes(1, LETTERS)).granted();
    Hall::open().later(END_OF_INTAKE).when(takes(1, LETTERS)).rejected(Refusal::IntakePaused);
}

#[test]
fn a_break_that_nobody_saw_is_recorded_late_and_only_once() {
    let mut hall = Hall::open().later(TWO_PM + 60);
    assert_eq!(kinds(&mut hall), ["day.intake_paused", "day.intake_resumed"]);
    assert_eq!(hall.day.state, DayState::Open);
    assert_eq!(hall.day.next_due(), Some(at(9 * 60 - 10)));
}

#[test]
fn intake_ends_ten_minutes_before_closing_time() {
    let mut hall = Hall::open().later(END_OF_INTAKE);
    assert_eq!(kinds(&mut hall), ["day.intake_paused"]);
    assert_eq!(paused_by(&hall), Some(PausedBy::Rule(Rule::EndOfIntake)));
}

#[test]
fn whoever_resumes_by_hand_after_a_rule_has_the_last_word() {
    let mut hall = Hall::open().later(ONE_PM);
    hall.lets_time_act();
    hall.does(&head(), resume());
    assert_eq!(kinds(&mut hall).len(), 0);
    hall.does(&kiosk(), takes(1, LETTERS).1);
    hall.passes(3600);
    assert_eq!(kinds(&mut hall), ["alert.long_wait"; 2], "the end of the break says nothing");
    hall.passes(END_OF_INTAKE - TWO_PM);
    hall.lets_time_act();
    hall.does(&head(), resume());
    hall.lets_time_act();
    hall.when(takes(2, LETTERS)).granted();
}

#[test]
fn a_pause_by_hand_outlasts_the_break_and_not_the_end_of_intake() {
    let mut hall = Hall::open().later(ONE_PM - 60);
    hall.does(&head(), Action::PauseIntake { reason: "Нет света".into() });
    hall.passes(3600 + 120);
    assert_eq!(kinds(&mut hall).len(), 0);
    assert_eq!(paused_by(&hall), Some(PausedBy::Staff));
    hall.passes(END_OF_INTAKE - TWO_PM);
    assert_eq!(kinds(&mut hall), ["day.intake_paused"]);
}

#[test]
fn the_day_closes_at_its_hour_when_the_hall_is_empty() {
    let mut hall = Hall::open().later(END_OF_INTAKE);
    hall.lets_time_act();
    assert_eq!(hall.day.next_due(), Some(at(9 * 60)));
    hall.passes(599);
    assert!(kinds(&mut hall).is_empty());
    hall.passes(1);
    assert_eq!(kinds(&mut hall), ["day.closed"]);
}

#[test]
fn who_waits_at_closing_time_is_served_for_an_hour() {
    let mut hall = two_at_work().later(SIX_PM + 3599);
    hall.lets_time_act();
    assert!(hall.day.is_open());
    hall.passes(1);
    let happened = kinds(&mut hall);
    assert_eq!(happened, ["ticket.expired", "window.closed", "window.closed", "day.closed"]);
}

#[test]
fn the_last_customer_served_lets_the_day_close_once_nothing_can_be_taken_back() {
    let mut hall = serving().later(SIX_PM + 2 * 3600);
    hall.lets_time_act();
    assert!(hall.day.is_open(), "nobody is thrown out of a window by the clock");
    let done = completes(anna(), 1);
    hall.does(&done.0, done.1);
    let undone = hall.last_event();
    assert_eq!(kinds(&mut hall), [""; 0], "Anna may still take it back");
    assert_eq!(hall.day.next_due(), Some(hall.now + TimeDelta::seconds(10)));
    hall.clone().when((anna(), Action::UndoAction { event: undone })).then_only("action.undone");
    hall.passes(10);
    assert_eq!(kinds(&mut hall), ["window.closed", "window.closed", "day.closed"]);
}

#[test]
fn a_ticket_at_a_window_four_hours_after_closing_raises_an_alert_once() {
    let mut hall = serving().later(SIX_PM + 4 * 3600 - 1);
    hall.lets_time_act();
    assert_eq!(hall.day.next_due(), Some(at(13 * 60)));
    hall.passes(1);
    let raised = CloseOverdue { ticket: ticket(1), window: window(WINDOW_1), closing_at: at(9 * 60) };
    assert_eq!(hall.lets_time_act(), [raised.into()]);
    assert_eq!((hall.day.next_due(), kinds(&mut hall).len()), (None, 0), "once");
    let acknowledge = |level| Action::AcknowledgeAlert { ticket: ticket(1), level };
    let mut hall = hall.when((head(), acknowledge(CLOSE_OVERDUE))).then_only("alert.acknowledged");
    hall = hall.when((head(), acknowledge(CLOSE_OVERDUE))).rejected(Refusal::NoSuchAlert);
    let done = completes(anna(), 1);
    hall.does(&done.0, done.1);
    hall.passes(10);
    assert!(kinds(&mut hall).ends_with(&["day.closed"]), "the close waited for it alone");
}

#[test]
fn whoever_left_the_window_in_time_raises_no_alert() {
    let mut hall = serving().later(SIX_PM + 4 * 3600 - 20);
    hall.lets_time_act();
    let done = completes(anna(), 1);
    hall.does(&done.0, done.1);
    hall.passes(20);
    assert!(!kinds(&mut hall).contains(&"alert.close_overdue"));
}

#[test]
fn a_day_opened_after_its_hours_stays_open_until_its_date_ends() {
    let mut hall = Hall::empty().later(SIX_PM + 3600);
    hall.does(&head(), Action::OpenBusinessDay { settings: Box::new(settings()) });
    assert!(kinds(&mut hall).is_empty());
    assert_eq!(hall.day.closing_time(), Some(at(15 * 60)));
    let mut hall = hall.when(takes(1, LETTERS)).granted().later(5 * 3600);
    assert!(kinds(&mut hall).ends_with(&["ticket.expired", "day.closed"]));
}

#[test]
fn a_day_off_opened_by_hand_ends_with_its_date() {
    let mut off = settings();
    off.intervals.clear();
    let mut hall = Hall::open_with(off).later(15 * 3600 - 1);
    assert!(kinds(&mut hall).is_empty());
    hall.passes(1);
    assert_eq!(kinds(&mut hall), ["day.closed"]);
}

#[test]
fn a_day_opened_during_the_break_takes_people_in() {
    let mut hall = Hall::empty().later(ONE_PM + 600);
    hall.does(&head(), Action::OpenBusinessDay { settings: Box::new(settings()) });
    hall.lets_time_act();
    let mut hall = hall.when(takes(1, LETTERS)).granted().later(3600);
    assert!(!kinds(&mut hall).contains(&"day.intake_resumed"));
}

#[test]
fn longer_hours_let_people_in_again() {
    let mut hall = Hall::open().later(END_OF_INTAKE);
    hall.lets_time_act();
    let mut longer = settings();
    longer.version = 2;
    longer.intervals[1].closes = at(11 * 60);
    hall.does(&Actor::system(), Action::AdoptSettings { settings: Box::new(longer) });
    let mut hall = hall.when(takes(1, LETTERS)).granted().later(2 * 3600);
    assert!(kinds(&mut hall).contains(&"day.intake_paused"));
    assert_eq!(hall.day.closing_time(), Some(at(11 * 60)));
}
