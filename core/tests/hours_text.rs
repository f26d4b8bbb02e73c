//! Opening hours as people write them: what is read, what is refused and where, and what is written reads back.

use chrono::NaiveTime;
use talon_core::{
    hours_text::{Week, Why, read, write},
    settings::LocalInterval,
};

const TEN_TO_SEVEN: &str = "10:00-19:00";

fn week(text: &str) -> Week {
    read(text, NaiveTime::MIN).unwrap_or_else(|unread| panic!("{text}: {unread}"))
}

/// One line for each day, `-` for a day off.
fn days(text: &str) -> Vec<String> {
    let shown = |it: &LocalInterval| format!("{}-{}", it.opens.format("%H:%M"), it.closes.format("%H:%M"));
    week(text)
        .iter()
        .map(|day| match day.as_slice() {
            [] => "-".to_owned(),
            some => some.iter().map(shown).collect::<Vec<_>>().join(" "),
        })
        .collect()
}

#[track_caller]
fn refused(text: &str, why: Why, at: usize, word: &str) {
    let unread = read(text, NaiveTime::MIN).expect_err(text);
    assert_eq!((unread.why, unread.at, unread.text.as_str()), (why, at, word), "{text}");
}

#[test]
fn days_are_named_one_by_one_as_a_range_or_as_a_list() {
    let workdays = [TEN_TO_SEVEN, TEN_TO_SEVEN, TEN_TO_SEVEN, TEN_TO_SEVEN, TEN_TO_SEVEN, "-", "-"];
    for text in [
        "пн 10:00-19:00; вт 10:00-19:00; ср 10:00-19:00; чт 10:00-19:00; пт 10:00-19:00; сб выходной; вс выходной",
        "пн-пт 10:00-19:00; сб,вс выходной",
        "пн-пт 10:00-19:00; cб,вс выходной",
        "Пн.–Пт.: с 10 до 19, Сб и Вс — выходной",
        "ПОНЕДЕЛЬНИК — ПЯТНИЦА 10.00 - 19.00",
        "Понедельник, вторник, среда, четверг, пятница: 10:00–19:00",
        "по будням 10-19\nсб, вс — выходные",
        "Mon-Fri 10:00-19:00; Sat, Sun closed",
        "weekdays from 10 am to 7 pm",
        "Monday to Friday: 10:00 am – 7:00 pm, weekend: closed",
    ] {
        assert_eq!(days(text), workdays, "{text}");
    }
    assert_eq!(days("сб-пн 10:00-19:00")[5..], [TEN_TO_SEVEN, TEN_TO_SEVEN]);
    assert_eq!(days("сб-пн 10:00-19:00")[..2], [TEN_TO_SEVEN, "-"]);
}

#[test]
fn a_break_divides_the_hours_it_lies_in() {
    let divided = "09:00-13:00 14:00-19:00";
    for text in [
        "Пн-Пт: 09:00-19:00, перерыв 13:00-14:00; Сб 10:00-17:00; Вс выходной",
        "пн-пт 9-19 (обед с 13 до 14), сб 10-17",
        "Mon-Fri 9:00-19:00, break 13:00-14:00; Sat 10:00-17:00",
        "пн-пт 9:00-13:00, 14:00-19:00; сб 10-17",
    ] {
        let found = days(text);
        assert_eq!(found[..5], [divided; 5], "{text}");
        assert_eq!(found[5..], ["10:00-17:00", "-"], "{text}");
    }
    let of_all = days("пн-чт 09:00-18:00; пт 09:00-17:00; перерыв 14:15-15:00; сб,вс выходной");
    assert_eq!(of_all[0], "09:00-14:15 15:00-18:00");
    assert_eq!(of_all[4], "09:00-14:15 15:00-17:00");
}

#[test]
fn the_narrower_of_two_sayings_counts() {
    let found = days("пн-пт 09:00-18:00; пт 09:00-16:45; сб,вс выходной");
    assert_eq!(found[3..5], ["09:00-18:00", "09:00-16:45"]);
    assert_eq!(days("ежедневно 10-20, вс выходной")[5..], ["10:00-20:00", "-"]);
}

#[test]
fn whole_days_and_nights() {
    assert_eq!(days("ежедневно круглосуточно"), ["00:00-00:00"; 7]);
    assert_eq!(days("без выходных, 24 часа"), ["00:00-00:00"; 7]);
    assert_eq!(days("пт 10:00-24:00")[4], "10:00-00:00");
    let four = NaiveTime::from_hms_opt(4, 0, 0).expect("a time");
    let night = read("пт-сб 18:00-02:00, перерыв 23:30-00:30", four).expect("a night");
    assert_eq!(
        (night[4].len(), night[4][0].closes.to_string(), night[4][1].closes.to_string()),
        (2, "23:30:00".into(), "02:00:00".into())
    );
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    refused("", Why::NoHours, 0, "");
    refused("Не обслуживает ЮЛ None", Why::UnknownWord, 0, "Не");
    refused("пн-пт 09:00-20:00; сб 10:00-17:00; в выходной", Why::UnknownWord, 35, "в");
    refused("10:00-19:00", Why::NoDays, 0, "10:00");
    refused("пн 9:00-25:00", Why::NotATime, 8, "25:00");
    refused("пн 9:0-18:00", Why::NotATime, 3, "9:0");
    refused("пн 19:00-10:00", Why::Backwards, 3, "19:00");
    refused("пн 9:00-9:00", Why::Backwards, 3, "9:00");
    refused("пн 9:00 18:00", Why::Unfinished, 3, "9:00");
    refused("пн 9:00-вт", Why::NotATime, 8, "вт");
    refused("пн-пт", Why::Unfinished, 5, "");
    refused("пн-пт; сб 10-15", Why::Unfinished, 7, "сб");
    refused("пн 9-18, перерыв", Why::Unfinished, 16, "");
    refused("пн 9-18, перерыв 18-19", Why::BreakOutside, 17, "18");
    refused("пн 9-18; пн 10-17", Why::Twice, 12, "10");
    refused("пн,пн 9-18", Why::Twice, 3, "пн");
    // Hours of forty-five minutes, or a break that does not say so: nobody knows.
    refused("пн-чт 09:00-18:00; пт 09:00-17:00; пн-пт 14:15-15:00", Why::Twice, 41, "14:15");
    refused("пн 9-18 ★", Why::UnknownWord, 8, "★");
}

#[test]
fn what_is_written_reads_back() {
    for text in [
        "Пн-Пт: 09:00-19:00, перерыв 13:00-14:00; Сб: 10:00-17:00; Вс: выходной",
        "Пн,Вт: 10:00-20:00; Ср: 10:00-21:00, перерыв 13:00-14:00, перерыв 17:00-17:15; Чт-Вс: выходной",
        "Пн-Вс: 00:00-24:00",
        "Mon-Fri: 09:00-18:00; Sat,Sun: closed",
    ] {
        let language = if text.is_ascii() { "en" } else { "ru" };
        assert_eq!(write(&week(text), language), text);
        for other in ["ru", "en"] {
            assert_eq!(week(&write(&week(text), other)), week(text));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the real files are found by TALON_LOGS")]
fn logs() -> std::path::PathBuf {
    let told = std::env::var("TALON_LOGS").map(std::path::PathBuf::from);
    told.unwrap_or_else(|_| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"))
}

/// Every row of a real list of 278 offices, hours for people and hours for companies: what is not read is known by its
/// reason, and nothing else is.
#[test]
fn the_hours_of_real_offices_are_read() {
    let file = logs().join("bank_offices_ru.csv");
    let Ok(text) = std::fs::read_to_string(&file) else {
        eprintln!(
            "skipped the_hours_of_real_offices_are_read: no offices at {} (set TALON_LOGS)",
            file.display()
        );
        return;
    };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().expect("a head").clone();
    let columns = ["hours_people", "hours_companies"]
        .map(|name| headers.iter().position(|it| it == name).expect("a column"));
    let (mut rows, mut read_well, mut odd) = (0, 0, std::collections::BTreeMap::<String, usize>::new());
    for record in reader.records() {
        let record = record.expect("a row");
        rows += 1;
        for column in columns {
            let hours = &record[column];
            match read(hours, NaiveTime::MIN) {
                Ok(week) => {
                    read_well += 1;
                    assert!(week.iter().any(|day| !day.is_empty()), "{hours}: nothing is open");
                    assert_eq!(read(&write(&week, "ru"), NaiveTime::MIN).as_ref(), Ok(&week), "{hours}");
                }
                Err(unread) => *odd.entry(format!("{unread} in «{hours}»")).or_default() += 1,
            }
        }
    }
    assert_eq!(rows, 278);
    for (what, count) in &odd {
        eprintln!("not read: {count} × {what}");
    }
    // «Does not serve people» and «does not serve companies», one day misspelt, one break that does not say so.
    let by_count: Vec<usize> = odd.values().copied().collect();
    assert_eq!((read_well, by_count), (418, vec![1, 17, 118, 2]), "{odd:#?}");
}
