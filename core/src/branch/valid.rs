//! Whether settings make sense before they become history.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::{event::ServiceTime, hours::on_date};
use crate::{
    ids::WindowId,
    organisation::readable,
    refusal::Refusal,
    settings::{BranchSettings, CallingRules, DayTimes, LocalInterval},
};

const MOST_WINDOWS: usize = 200;
const LONGEST_LABEL: usize = 20;
const LONGEST_POSTAL_CODE: usize = 12;
const LONGEST_S: u32 = 24 * 3600;

pub(super) fn check(settings: &BranchSettings) -> Result<(), Refusal> {
    let malformed = |what| Err(Refusal::Malformed { what });
    readable(&settings.name)?;
    if settings.ticker.as_ref().is_some_and(|it| it.ru.chars().count().max(it.en.chars().count()) > 500) {
        return malformed("ticker");
    }
    reachable(settings)?;
    if settings.time_zone.parse::<Tz>().is_err() {
        return malformed("timeZone");
    }
    let spoken: BTreeSet<&str> = settings.languages.iter().map(String::as_str).collect();
    let known = spoken.iter().all(|it| matches!(*it, "ru" | "en"));
    if spoken.is_empty() || spoken.len() != settings.languages.len() || !known {
        return malformed("languages");
    }
    windows(settings)?;
    for intervals in settings.hours.week.iter().chain(settings.hours.exceptions.values()) {
        if !in_order(settings, intervals) {
            return malformed("hours");
        }
    }
    calling(&settings.calling)?;
    times(&settings.times)
}

/// What people find and call the branch by.
fn reachable(settings: &BranchSettings) -> Result<(), Refusal> {
    let short = |it: &String| !it.trim().is_empty() && it.chars().count() <= LONGEST_POSTAL_CODE;
    let code = |it: &String| short(it) && it.chars().all(|it| it.is_alphanumeric() || " -".contains(it));
    let dialled = |it: &String| {
        let digits = it.chars().filter(char::is_ascii_digit).count();
        (3..=15).contains(&digits) && it.chars().all(|it| it.is_ascii_digit() || "+()- ".contains(it))
    };
    let malformed = |what| Err(Refusal::Malformed { what });
    if settings.location.is_some_and(|it| !it.is_on_earth()) {
        return malformed("location");
    }
    if !settings.postal_code.as_ref().is_none_or(code) {
        return malformed("postalCode");
    }
    if !settings.phone.as_ref().is_none_or(dialled) {
        return malformed("phone");
    }
    Ok(())
}

fn windows(settings: &BranchSettings) -> Result<(), Refusal> {
    if settings.windows.is_empty() || settings.windows.len() > MOST_WINDOWS {
        return Err(Refusal::Malformed { what: "windows" });
    }
    let mut ids = BTreeSet::new();
    let mut labels = BTreeSet::new();
    for window in &settings.windows {
        WindowId::parse(window.id.as_str()).map_err(|_| Refusal::Malformed { what: "windows" })?;
        let label = window.label.trim();
        if label.is_empty() || label.chars().count() > LONGEST_LABEL {
            return Err(Refusal::Malformed { what: "label" });
        }
        if !ids.insert(&window.id) || !labels.insert(label) {
            return Err(Refusal::AlreadyExists { what: "windows" });
        }
    }
    Ok(())
}

/// Each interval ends after it begins, and the next one begins later; across midnight where the business day does.
fn in_order(settings: &BranchSettings, intervals: &[LocalInterval]) -> bool {
    let mut last = None;
    intervals.iter().all(|it| {
        let (opens, closes) = on_date(settings.day_starts_at, it, NaiveDate::default());
        let follows = last.is_none_or(|end| opens > end);
        last = Some(closes);
        follows && opens < closes
    })
}

fn calling(rules: &CallingRules) -> Result<(), Refusal> {
    let longest = [
        rules.between_calls_s,
        rules.no_show_after_s,
        rules.grace_s,
        rules.undo_s,
        rules.return_lock_out_s,
        rules.return_penalty_s,
        rules.late_booking_s,
        rules.reservation_guard_s,
        rules.pin_after_due_s,
        rules.amber_before_due_s,
    ];
    let sane = rules.max_calls >= 1
        && rules.no_show_after_calls <= rules.max_calls
        && longest.iter().all(|it| *it <= LONGEST_S);
    if sane { Ok(()) } else { Err(Refusal::Malformed { what: "calling" }) }
}

fn times(times: &DayTimes) -> Result<(), Refusal> {
    let all =
        [times.open_before_s, times.intake_ends_before_close_s, times.close_after_s, times.busy_alert_s];
    if all.iter().all(|it| *it <= LONGEST_S) { Ok(()) } else { Err(Refusal::Malformed { what: "times" }) }
}

pub(super) fn check_times(times: &[ServiceTime]) -> Result<(), Refusal> {
    let sane = |it: &ServiceTime| it.mean_s > 0 && it.p80_s >= it.mean_s && it.p80_s <= LONGEST_S;
    if times.iter().all(sane) { Ok(()) } else { Err(Refusal::Malformed { what: "times" }) }
}
