//! Wall clocks without a zone, and the instants they name. A local time that occurs twice means the first of them,
//! one that does not exist the next that does: so a later wall clock never becomes an earlier instant.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// No zone ever skipped more than one whole day.
const LONGEST_GAP_S: i64 = 49 * 3600;

/// The instant a wall clock in `zone` shows `local`.
#[must_use]
pub fn instant(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let at = |local: NaiveDateTime| zone.from_local_datetime(&local).earliest();
    if let Some(at) = at(local) {
        return at.to_utc();
    }
    let (mut missing, mut exists) = (0, LONGEST_GAP_S);
    while exists - missing > 1 {
        let middle = i64::midpoint(missing, exists);
        if at(local + TimeDelta::seconds(middle)).is_some() {
            exists = middle;
        } else {
            missing = middle;
        }
    }
    // Every known gap ends inside the search; the fallback reads the clock as UTC rather than losing the row.
    at(local + TimeDelta::seconds(exists)).map_or_else(|| local.and_utc(), |at| at.to_utc())
}

/// What the wall clock in `zone` showed.
#[must_use]
pub fn wall_clock(zone: Tz, at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// Reads `2026-03-10T11:05:00` or the same with a space: whole seconds, no zone.
#[must_use]
pub fn parse(text: &[u8]) -> Option<NaiveDateTime> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T' | b' ', h1, h2, b':', i1, i2, b':', s1, s2] = text
    else {
        return None;
    };
    let number = |digits: &[u8]| {
        digits
            .iter()
            .try_fold(0_u32, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
    };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)?.and_hms_opt(
        number(&[h1, h2])?,
        number(&[i1, i2])?,
        number(&[s1, s2])?,
    )
}

#[cfg(test)]
mod tests {
    use chrono_tz::{America::Sao_Paulo, Asia::Jerusalem, Pacific::Apia};

    use super::*;

    fn local(text: &str) -> NaiveDateTime {
        parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_time_that_occurs_twice_is_the_first() {
        // Clocks went back from 02:00 to 01:00.
        let first = instant(Jerusalem, local("1999-09-03T01:30:00"));
        assert_eq!(first.to_rfc3339(), "1999-09-02T22:30:00+00:00");
        assert_eq!(instant(Jerusalem, local("1999-09-03T02:00:00")) - first, TimeDelta::minutes(90));
    }

    #[test]
    fn a_time_that_does_not_exist_is_the_next_that_does() {
        // Midnight did not happen in São Paulo that day: clocks went from 23:59:59 to 01:00:00.
        for skipped in ["2016-10-16T00:00:00", "2016-10-16T00:30:00", "2016-10-16T00:59:59"] {
            assert_eq!(
                wall_clock(Sao_Paulo, instant(Sao_Paulo, local(skipped))),
                local("2016-10-16T01:00:00")
            );
        }
        // A whole day did not happen in Samoa.
        assert_eq!(
            wall_clock(Apia, instant(Apia, local("2011-12-30T10:00:00"))),
            local("2011-12-31T00:00:00")
        );
    }

    #[test]
    fn later_on_the_wall_is_never_earlier_in_time() {
        for (zone, from) in [
            (Jerusalem, "1999-04-01T22:00:00"),
            (Jerusalem, "1999-09-02T22:00:00"),
            (Sao_Paulo, "2016-10-15T22:00:00"),
        ] {
            let from = local(from);
            let instants: Vec<_> =
                (0..400).map(|minutes| instant(zone, from + TimeDelta::minutes(minutes))).collect();
            assert!(instants.is_sorted(), "{zone}");
        }
    }

    #[test]
    fn only_whole_seconds_without_a_zone_are_a_time() {
        assert_eq!(parse(b"2016-08-01 09:59:13"), parse(b"2016-08-01T09:59:13"));
        for text in [
            "",
            "2016-08-01",
            "2016-08-01T09:59",
            "2016-08-01T09:59:13Z",
            "2016-08-01T09:59:13.5",
            "2016-02-30T09:59:13",
            "2016-08-01T24:00:00",
            "2016-08-01T09:59:60",
            "2016-08-01t09:59:13",
            "16-08-01T09:59:13",
            "+016-08-01T09:59:13",
            " 2016-08-01T09:59:1",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
