//! Whether settings make sense before they become history. Every fault is found, each with its place.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::{event::ServiceTime, hours::on_date};
use crate::{
    ids::{ServiceId, WindowId},
    refusal::Refusal,
    settings::{
        BranchSettings, CallingRules, DayTimes, LocalInterval, Location,
        fault::{Fault, FaultAt},
    },
    text::LocalText,
};

const MOST_WINDOWS: usize = 200;
const MOST_INTERVALS: usize = 12;
const LONGEST_LABEL: usize = 20;
const LONGEST_POSTAL_CODE: usize = 12;
const LONGEST_NAME: usize = 200;
const LONGEST_TICKER: usize = 500;
const LONGEST_S: u32 = 24 * 3600;

/// What is wrong with settings. `catalogue` are all services there ever were; absent, they are not looked at.
#[must_use]
pub fn faults(settings: &BranchSettings, catalogue: Option<&BTreeSet<ServiceId>>) -> Vec<FaultAt> {
    let mut found = Faults { found: Vec::new(), catalogue };
    found.texts(settings);
    found.reachable(settings);
    found.windows(settings);
    found.hours(settings);
    found.calling(&settings.calling);
    found.times(&settings.times);
    found.known("without", &settings.without);
    for service in settings.quotas.services.keys() {
        let is_known = found.knows(service);
        found.unless(is_known, format!("quotas.services.{service}"), Fault::Unknown);
    }
    found.found
}

struct Faults<'a> {
    found: Vec<FaultAt>,
    catalogue: Option<&'a BTreeSet<ServiceId>>,
}

impl Faults<'_> {
    fn unless(&mut self, sane: bool, path: impl Into<String>, fault: Fault) {
        if !sane {
            self.found.push(FaultAt::new(path, fault));
        }
    }

    fn knows(&self, service: &ServiceId) -> bool {
        self.catalogue.is_none_or(|it| it.contains(service))
    }

    fn known(&mut self, path: &str, services: &[ServiceId]) {
        for (index, service) in services.iter().enumerate() {
            let path = format!("{path}[{index}]");
            let is_known = self.knows(service);
            self.unless(is_known, path.clone(), Fault::Unknown);
            self.unless(!services[..index].contains(service), path, Fault::Repeated);
        }
    }

    fn text(&mut self, path: String, text: &str, longest: usize) {
        self.unless(!text.trim().is_empty(), path.clone(), Fault::Empty);
        self.unless(text.chars().count() <= longest, path, Fault::TooLong);
    }

    fn both(&mut self, path: &str, text: &LocalText, longest: usize) {
        self.text(format!("{path}.ru"), &text.ru, longest);
        self.text(format!("{path}.en"), &text.en, longest);
    }

    fn texts(&mut self, settings: &BranchSettings) {
        self.both("name", &settings.name, LONGEST_NAME);
        if let Some(address) = &settings.address {
            self.text("address".into(), address, LONGEST_NAME);
        }
        if let Some(ticker) = &settings.ticker {
            self.both("ticker", ticker, LONGEST_TICKER);
        }
        self.unless(settings.time_zone.parse::<Tz>().is_ok(), "time_zone", Fault::Unknown);
        self.unless(!settings.languages.is_empty(), "languages", Fault::Empty);
        for (index, language) in settings.languages.iter().enumerate() {
            let path = format!("languages[{index}]");
            self.unless(matches!(language.as_str(), "ru" | "en"), path.clone(), Fault::Unknown);
            self.unless(!settings.languages[..index].contains(language), path, Fault::Repeated);
        }
    }

    /// What people find and call the branch by.
    fn reachable(&mut self, settings: &BranchSettings) {
        self.unless(settings.location.is_none_or(Location::is_on_earth), "location", Fault::OutOfRange);
        if let Some(code) = &settings.postal_code {
            let spelt = code.chars().all(|it| it.is_alphanumeric() || " -".contains(it));
            self.unless(spelt, "postal_code", Fault::WrongForm);
            self.text("postal_code".into(), code, LONGEST_POSTAL_CODE);
        }
        if let Some(phone) = &settings.phone {
            let digits = phone.chars().filter(char::is_ascii_digit).count();
            let dialled = (3..=15).contains(&digits)
                && phone.chars().all(|it| it.is_ascii_digit() || "+()- ".contains(it));
            self.unless(dialled, "phone", Fault::WrongForm);
        }
    }

    fn windows(&mut self, settings: &BranchSettings) {
        self.unless(!settings.windows.is_empty(), "windows", Fault::Empty);
        self.unless(settings.windows.len() <= MOST_WINDOWS, "windows", Fault::TooMany);
        let (mut ids, mut labels) = (BTreeSet::new(), BTreeSet::new());
        for (index, window) in settings.windows.iter().enumerate() {
            let path = format!("windows[{index}]");
            let is_code = WindowId::parse(window.id.as_str()).is_ok();
            self.unless(is_code, format!("{path}.id"), Fault::WrongForm);
            self.unless(ids.insert(&window.id), format!("{path}.id"), Fault::Repeated);
            self.text(format!("{path}.label"), &window.label, LONGEST_LABEL);
            self.unless(labels.insert(window.label.trim()), format!("{path}.label"), Fault::Repeated);
            self.known(&format!("{path}.services"), &window.services);
        }
    }

    fn hours(&mut self, settings: &BranchSettings) {
        for (index, day) in settings.hours.week.iter().enumerate() {
            self.day(&format!("hours.week[{index}]"), settings, day);
        }
        for (date, day) in &settings.hours.exceptions {
            self.day(&format!("hours.exceptions.{date}"), settings, day);
        }
    }

    /// Each interval ends after it begins, and the next one begins later; across midnight where the business day does.
    fn day(&mut self, path: &str, settings: &BranchSettings, intervals: &[LocalInterval]) {
        self.unless(intervals.len() <= MOST_INTERVALS, path, Fault::TooMany);
        let mut last = None;
        for (index, interval) in intervals.iter().enumerate() {
            let (opens, closes) = on_date(settings.day_starts_at, interval, NaiveDate::default());
            let follows = opens < closes && last.is_none_or(|end| opens > end);
            self.unless(follows, format!("{path}[{index}]"), Fault::OutOfOrder);
            last = Some(closes);
        }
    }

    fn calling(&mut self, rules: &CallingRules) {
        self.unless(rules.max_calls >= 1, "calling.max_calls", Fault::OutOfRange);
        let reachable = rules.no_show_after_calls <= rules.max_calls;
        self.unless(reachable, "calling.no_show_after_calls", Fault::OutOfRange);
        for (key, duration_s) in [
            ("between_calls_s", rules.between_calls_s),
            ("no_show_after_s", rules.no_show_after_s),
            ("grace_s", rules.grace_s),
            ("undo_s", rules.undo_s),
            ("return_lock_out_s", rules.return_lock_out_s),
            ("return_penalty_s", rules.return_penalty_s),
            ("late_booking_s", rules.late_booking_s),
            ("reservation_guard_s", rules.reservation_guard_s),
            ("pin_after_due_s", rules.pin_after_due_s),
            ("amber_before_due_s", rules.amber_before_due_s),
        ] {
            self.unless(duration_s <= LONGEST_S, format!("calling.{key}"), Fault::OutOfRange);
        }
    }

    fn times(&mut self, times: &DayTimes) {
        for (key, duration_s) in [
            ("open_before_s", times.open_before_s),
            ("intake_ends_before_close_s", times.intake_ends_before_close_s),
            ("close_after_s", times.close_after_s),
            ("busy_alert_s", times.busy_alert_s),
        ] {
            self.unless(duration_s <= LONGEST_S, format!("times.{key}"), Fault::OutOfRange);
        }
    }
}

pub(super) fn check_times(times: &[ServiceTime]) -> Result<(), Refusal> {
    let sane = |it: &ServiceTime| it.mean_s > 0 && it.p80_s >= it.mean_s && it.p80_s <= LONGEST_S;
    if times.iter().all(sane) { Ok(()) } else { Err(Refusal::Malformed { what: "times" }) }
}
