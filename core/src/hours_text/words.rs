//! The words of opening hours, in Russian and in English, and where each stands in the text.

use super::{Unread, Why};

/// What a word means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    /// Monday is 0.
    Day(usize),
    Days(&'static [usize]),
    /// Minutes since midnight; 24:00 is 1440.
    Time(u16),
    Dash,
    Comma,
    /// A semicolon or a new line.
    Separator,
    Closed,
    AllDay,
    Break,
    /// Says nothing by itself.
    Filler,
}

#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) mark: Mark,
    at: usize,
    text: String,
}

impl Token {
    pub(super) fn unread(&self, why: Why) -> Unread {
        Unread { why, at: self.at, text: self.text.clone() }
    }
}

const EVERY_DAY: &[usize] = &[0, 1, 2, 3, 4, 5, 6];
const WEEKDAYS: &[usize] = &[0, 1, 2, 3, 4];
const WEEKEND: &[usize] = &[5, 6];

/// The names of days by what they begin with: the shortest that is no other day's.
const DAYS: [(&str, usize); 14] = [
    ("понедельник", 0),
    ("вторник", 1),
    ("среда", 2),
    ("четверг", 3),
    ("пятница", 4),
    ("суббота", 5),
    ("воскресенье", 6),
    ("monday", 0),
    ("tuesday", 1),
    ("wednesday", 2),
    ("thursday", 3),
    ("friday", 4),
    ("saturday", 5),
    ("sunday", 6),
];
/// Shorter than these, and cases of the longer names.
const SHORT_DAYS: [(&str, usize); 17] = [
    ("пн", 0),
    ("вт", 1),
    ("ср", 2),
    ("чт", 3),
    ("пт", 4),
    ("сб", 5),
    ("вс", 6),
    ("среду", 2),
    ("пятницу", 4),
    ("субботу", 5),
    ("mo", 0),
    ("tu", 1),
    ("we", 2),
    ("th", 3),
    ("fr", 4),
    ("sa", 5),
    ("su", 6),
];

/// Words of two words are looked for first.
const PHRASES: [(&str, Mark); 15] = [
    ("без выходных", Mark::Days(EVERY_DAY)),
    ("каждый день", Mark::Days(EVERY_DAY)),
    ("every day", Mark::Days(EVERY_DAY)),
    ("рабочие дни", Mark::Days(WEEKDAYS)),
    ("по будням", Mark::Days(WEEKDAYS)),
    ("по выходным", Mark::Days(WEEKEND)),
    ("не работает", Mark::Closed),
    ("не работаем", Mark::Closed),
    ("day off", Mark::Closed),
    ("24 часа", Mark::AllDay),
    ("24 hours", Mark::AllDay),
    ("без перерыва", Mark::Filler),
    ("без перерывов", Mark::Filler),
    ("без обеда", Mark::Filler),
    ("no break", Mark::Filler),
];

fn word(text: &str) -> Option<Mark> {
    let whole = DAYS.iter().chain(&SHORT_DAYS).find(|(name, _)| *name == text);
    let begun = || DAYS.iter().find(|(name, _)| text.chars().count() >= 3 && name.starts_with(text));
    if let Some((_, day)) = whole.or_else(begun) {
        return Some(Mark::Day(*day));
    }
    Some(match text {
        "ежедневно" | "daily" => Mark::Days(EVERY_DAY),
        "будни" | "будние" | "weekdays" => Mark::Days(WEEKDAYS),
        "выходные" | "weekend" | "weekends" => Mark::Days(WEEKEND),
        "выходной" | "вых" | "закрыто" | "закрыт" | "closed" | "off" => Mark::Closed,
        "круглосуточно" => Mark::AllDay,
        "перерыв" | "обед" | "обеденный" | "break" | "lunch" => Mark::Break,
        "до" | "по" | "to" | "till" | "until" => Mark::Dash,
        "и" | "and" => Mark::Comma,
        "с" | "со" | "from" | "на" | "for" | "дни" | "дня" | "день" | "days" | "ч" | "час" | "часов"
        | "h" => Mark::Filler,
        _ => return None,
    })
}

/// A text as the things it is made of.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Unread> {
    let signs: Vec<char> = text.chars().collect();
    let mut found: Vec<Token> = Vec::new();
    let mut at = 0;
    while at < signs.len() {
        let (mark, length) = match signs[at] {
            ';' | '\n' | '|' => (Some(Mark::Separator), 1),
            ',' | '+' | '&' | '/' => (Some(Mark::Comma), 1),
            '-' | '–' | '—' | '−' | '‑' => (Some(Mark::Dash), 1),
            sign if sign.is_whitespace() || ":.()".contains(sign) => (None, 1),
            sign if sign.is_ascii_digit() => number(&signs, at)?,
            sign if sign.is_alphabetic() => spoken(&signs, at)?,
            _ => return Err(unknown(&signs, at, 1)),
        };
        if let Some(mark) = mark {
            let text = signs[at..at + length].iter().collect();
            found.push(Token { mark, at, text });
        }
        at += length;
    }
    Ok(found)
}

type Read = Result<(Option<Mark>, usize), Unread>;

/// `9`, `09:00`, `9.00`, `9:00 pm`, `24 часа`.
fn number(signs: &[char], at: usize) -> Read {
    if let Some(found) = phrase(signs, at) {
        return Ok(found);
    }
    let digits = |from: usize| signs[from..].iter().take_while(|it| it.is_ascii_digit()).count();
    let value = |from: usize, length: usize| {
        signs[from..from + length].iter().fold(0_u16, |sum, it| {
            sum.saturating_mul(10)
                .saturating_add(it.to_digit(10).and_then(|it| it.try_into().ok()).unwrap_or(0))
        })
    };
    let hour_signs = digits(at);
    let after = at + hour_signs;
    let has_minutes =
        matches!(signs.get(after), Some(':' | '.')) && signs.get(after + 1).is_some_and(char::is_ascii_digit);
    let minute_signs = if has_minutes { digits(after + 1) } else { 0 };
    let mut length = hour_signs + if has_minutes { 1 + minute_signs } else { 0 };
    let (mut hour, minute) = (value(at, hour_signs), value(after + usize::from(has_minutes), minute_signs));
    let half: String = signs[at + length..]
        .iter()
        .skip_while(|it| **it == ' ')
        .take_while(|it| it.is_ascii_alphabetic())
        .flat_map(|it| it.to_lowercase())
        .collect();
    let is_half = (1..=12).contains(&hour) && (half == "am" || half == "pm");
    if is_half {
        hour = hour % 12 + if half == "pm" { 12 } else { 0 };
        length += signs[at + length..].iter().take_while(|it| **it == ' ').count() + 2;
    }
    let is_time = hour_signs <= 2
        && (!has_minutes || minute_signs == 2)
        && minute < 60
        && (hour < 24 || (hour == 24 && minute == 0));
    if is_time {
        return Ok((Some(Mark::Time(hour * 60 + minute)), length));
    }
    let text = signs[at..at + length].iter().collect();
    Err(Unread { why: Why::NotATime, at, text })
}

fn spoken(signs: &[char], at: usize) -> Read {
    if let Some(found) = phrase(signs, at) {
        return Ok(found);
    }
    let length = signs[at..].iter().take_while(|it| it.is_alphabetic()).count();
    match word(&plain(&signs[at..at + length])) {
        Some(Mark::Filler) => Ok((None, length)),
        Some(mark) => Ok((Some(mark), length)),
        None => Err(unknown(signs, at, length)),
    }
}

fn phrase(signs: &[char], at: usize) -> Option<(Option<Mark>, usize)> {
    PHRASES.iter().find_map(|(phrase, mark)| {
        let length = phrase.chars().count();
        let here = signs.get(at..at + length)?;
        let ends = signs.get(at + length).is_none_or(|it| !it.is_alphanumeric());
        (ends && plain(here) == *phrase)
            .then(|| (Some(mark.clone()).filter(|it| *it != Mark::Filler), length))
    })
}

/// Small letters; a Latin letter that slipped into a Russian word is the Russian one it looks like.
fn plain(signs: &[char]) -> String {
    let is_russian = signs.iter().any(|it| matches!(it, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё'));
    let lookalike = |it: char| match it {
        'ё' => 'е',
        'a' if is_russian => 'а',
        'b' if is_russian => 'в',
        'c' if is_russian => 'с',
        'e' if is_russian => 'е',
        'h' if is_russian => 'н',
        'o' if is_russian => 'о',
        'p' if is_russian => 'р',
        't' if is_russian => 'т',
        'x' if is_russian => 'х',
        'y' if is_russian => 'у',
        it => it,
    };
    signs.iter().flat_map(|it| it.to_lowercase()).map(lookalike).collect()
}

fn unknown(signs: &[char], at: usize, length: usize) -> Unread {
    Unread { why: Why::UnknownWord, at, text: signs[at..at + length].iter().collect() }
}

/// The words hours are written with.
pub(super) struct Written {
    pub(super) days: [&'static str; 7],
    pub(super) closed: &'static str,
    pub(super) pause: &'static str,
}

pub(super) fn written(language: &str) -> Written {
    if language.starts_with("en") {
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        return Written { days, closed: "closed", pause: "break" };
    }
    let days = ["Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс"];
    Written { days, closed: "выходной", pause: "перерыв" }
}
