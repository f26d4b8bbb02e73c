//! Local wall clock of a branch turned into instants. A local time that occurs twice means the first; one that does
//! not exist means the next that does.

use chrono::{
    DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc, offset::LocalResult,
};
use chrono_tz::Tz;

use super::{next, weekday};
use crate::settings::{BranchSettings, Interval, LocalInterval};

/// No zone ever skipped more than a day.
const LONGEST_GAP_MINUTES: i64 = 26 * 60;

/// The instant a business day begins.
pub(super) fn start_of(settings: &BranchSettings, zone: Tz, date: NaiveDate) -> DateTime<Utc> {
    instant(zone, date.and_time(settings.day_starts_at))
}

/// The hours of a date: its exception, else its weekday's.
pub(super) fn intervals(settings: &BranchSettings, zone: Tz, date: NaiveDate) -> Vec<Interval> {
    let hours = &settings.hours;
    let local = hours.exceptions.get(&date).unwrap_or(&hours.week[weekday(date)]);
    let resolve = |it: &LocalInterval| {
        let (opens, closes) = on_date(settings.day_starts_at, it, date);
        Interval { opens: instant(zone, opens), closes: instant(zone, closes) }
    };
    // An interval that a change of the clock swallowed whole is no interval.
    local.iter().map(resolve).filter(|it| it.opens < it.closes).collect()
}

/// Times before the start of the business day belong to the night after the date.
pub(super) fn on_date(
    day_starts_at: NaiveTime,
    it: &LocalInterval,
    date: NaiveDate,
) -> (NaiveDateTime, NaiveDateTime) {
    let opens_on = if it.opens >= day_starts_at { date } else { next(date) };
    let closes_on = if it.closes > day_starts_at { date } else { next(date) };
    (opens_on.and_time(it.opens), closes_on.and_time(it.closes))
}

fn instant(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    if let Some(found) = existing(zone, local) {
        return found;
    }
    let minute = local.with_second(0).unwrap_or(local);
    (1..=LONGEST_GAP_MINUTES)
        .find_map(|minutes| existing(zone, minute + TimeDelta::minutes(minutes)))
        .unwrap_or_else(|| local.and_utc())
}

fn existing(zone: Tz, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(it) | LocalResult::Ambiguous(it, _) => Some(it.with_timezone(&Utc)),
        LocalResult::None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> NaiveDateTime {
        text.parse().expect("a local time")
    }

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    #[test]
    fn a_local_time_that_occurs_twice_means_the_first() {
        // Berlin, 25 October 2026: three o'clock summer time becomes two o'clock.
        assert_eq!(instant(Tz::Europe__Berlin, local("2026-10-25T02:30:00")), utc("2026-10-25T00:30:00Z"));
    }

    #[test]
    fn a_local_time_that_does_not_exist_means_the_next_that_does() {
        assert_eq!(instant(Tz::Europe__Berlin, local("2026-03-29T02:30:00")), utc("2026-03-29T01:00:00Z"));
        assert_eq!(instant(Tz::Europe__Berlin, local("2026-03-29T03:00:00")), utc("2026-03-29T01:00:00Z"));
    }

    #[test]
    fn a_date_that_a_zone_skipped_begins_where_the_next_one_does() {
        // Apia had no 30 December 2011.
        assert_eq!(instant(Tz::Pacific__Apia, local("2011-12-30T09:00:00")), utc("2011-12-30T10:00:00Z"));
    }
}
