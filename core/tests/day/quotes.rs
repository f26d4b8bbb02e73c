use talon_core::{
    queue_day::{command::Action, event::Quote},
    testing::{
        given::{Hall, given},
        samples::*,
    },
    waiting_time::{Formula, WaitingTime},
};

fn quote(hall: &Hall, wish: &str, of: &str) -> Option<Quote> {
    Formula.quote(&hall.day, &[service(wish)], &class(of), hall.now)
}

fn told(p50_s: u32, p80_s: u32, ahead: u32, windows: u32) -> Option<Quote> {
    Some(Quote { p50_s, p80_s, model: "formula".into(), ahead, windows })
}

#[test]
fn nothing_is_promised_where_no_window_gives_the_service() {
    assert_eq!(quote(&Hall::open(), LETTERS, "standard"), None);
    assert_eq!(quote(&given([opens(anna(), WINDOW_3)]), LETTERS, "standard"), None);
    assert_eq!(Formula.quote(&Hall::empty().day, &[service(LETTERS)], &class("standard"), NINE_OCLOCK), None);
    assert_eq!(Formula.quote(&Hall::open().day, &[], &class("standard"), NINE_OCLOCK), None);
}

#[test]
fn a_free_window_and_nobody_ahead_is_no_wait() {
    assert_eq!(quote(&given([opens(anna(), WINDOW_1)]), LETTERS, "standard"), told(0, 0, 0, 1));
}

#[test]
fn the_work_ahead_is_divided_by_the_windows_that_do_it() {
    let hall = given([
        opens(anna(), WINDOW_1),
        opens(boris(), WINDOW_2),
        takes(1, LETTERS),
        takes(2, LETTERS),
        takes(3, STAMPS),
    ]);
    // 300 + 300 + 60 s over two windows; the deviation is 428 s.
    assert_eq!(quote(&hall, LETTERS, "standard"), told(360, 540, 3, 2));
}

#[test]
fn when_every_window_is_busy_somebody_has_to_finish_first() {
    let mut hall = given([opens(anna(), WINDOW_1), takes(1, LETTERS)]);
    hall.does(&anna(), Action::CallNext { window: window(WINDOW_1) });
    assert_eq!(quote(&hall, LETTERS, "standard"), told(300, 600, 0, 1));
}

#[test]
fn who_is_due_sooner_waits_for_fewer() {
    let hall = given([opens(anna(), WINDOW_1), takes(1, LETTERS), takes(2, LEGAL)]);
    let ahead = |of| quote(&hall, LETTERS, of).map(|it| it.ahead);
    assert_eq!((ahead("standard"), ahead("privileged")), (Some(1), Some(0)));
}

#[test]
fn long_waits_are_told_in_steps_of_five_minutes() {
    let mut hall = given([opens(anna(), WINDOW_1)]);
    for n in 1..=3 {
        hall.does(&kiosk(), takes(n, LETTERS).1);
    }
    // 900 s, and 436 s more for four of five.
    assert_eq!(quote(&hall, LETTERS, "standard"), told(900, 1500, 3, 1));
}

#[test]
fn the_days_own_times_count_from_the_fifth_completion_on() {
    let mut hall = given([opens(anna(), WINDOW_1)]);
    for n in 1..=5 {
        for (who, action) in [takes(n, LETTERS), calls_next(anna(), WINDOW_1), starts(anna(), n)] {
            hall.does(&who, action);
        }
        hall.passes(120);
        let before = quote(&hall, LETTERS, "standard").map(|it| it.p50_s);
        assert_eq!(before, Some(300), "busy with one, and the norm is five minutes");
        hall.does(&anna(), completes(anna(), n).1);
    }
    hall.does(&kiosk(), takes(6, LETTERS).1);
    assert_eq!(quote(&hall, LETTERS, "standard").map(|it| it.p50_s), Some(120));
}

#[test]
fn the_rest_of_a_wait_counts_only_those_still_before_it() {
    let mut hall = given([opens(anna(), WINDOW_1), takes(1, LETTERS), takes(2, LETTERS), takes(3, LETTERS)]);
    let rest = |hall: &Hall, n| Formula.remaining(&hall.day, &hall.day.tickets[&ticket(n)], hall.now);
    assert_eq!(rest(&hall, 3).map(|it| it.ahead), Some(2));
    hall.does(&anna(), Action::CallNext { window: window(WINDOW_1) });
    assert_eq!(rest(&hall, 3).map(|it| it.ahead), Some(1));
    assert_eq!(rest(&hall, 1), None, "who is called waits no more");
}
