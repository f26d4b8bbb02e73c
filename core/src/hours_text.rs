//! Opening hours the way people write them: «Пн-Пт: 09:00-19:00, перерыв 13:00-14:00; Сб 10:00-17:00; Вс выходной», in
//! Russian or in English. Read and written here, and nowhere guessed: what can mean two things is refused with its place.

mod words;

use chrono::NaiveTime;

use self::words::{Mark, Token};
use crate::settings::LocalInterval;

pub type Week = [Vec<LocalInterval>; 7];

const DAY: u16 = 24 * 60;

/// Why hours could not be read. `code()` is part of the public contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Nothing is said of any day.
    NoHours,
    UnknownWord,
    /// Times before any day was named.
    NoDays,
    NotATime,
    /// It closes before it opens.
    Backwards,
    /// A day was named before, and which of the two counts is not clear.
    Twice,
    /// A break that does not lie within the hours.
    BreakOutside,
    /// It ends in the middle of something.
    Unfinished,
}

impl Why {
    pub const ALL: [Self; 8] = [
        Self::NoHours,
        Self::UnknownWord,
        Self::NoDays,
        Self::NotATime,
        Self::Backwards,
        Self::Twice,
        Self::BreakOutside,
        Self::Unfinished,
    ];

    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoHours => "NO_HOURS",
            Self::UnknownWord => "UNKNOWN_WORD",
            Self::NoDays => "NO_DAYS",
            Self::NotATime => "NOT_A_TIME",
            Self::Backwards => "BACKWARDS",
            Self::Twice => "TWICE",
            Self::BreakOutside => "BREAK_OUTSIDE",
            Self::Unfinished => "UNFINISHED",
        }
    }
}

/// What could not be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} at sign {at}: {text}", why.code())]
pub struct Unread {
    pub why: Why,
    /// The first sign of the place, counted from 0.
    pub at: usize,
    /// What stands there.
    pub text: String,
}

/// The week that a text means. Days it does not name are days off; times before the start of the business day belong to
/// the night after.
///
/// # Errors
/// The first place that cannot be read, or can be read in two ways.
pub fn read(text: &str, day_starts_at: NaiveTime) -> Result<Week, Unread> {
    let tokens = words::tokens(text)?;
    let mut reader = Reader { tokens: &tokens, next: 0, start: minute(day_starts_at), ..Reader::default() };
    while reader.next < tokens.len() {
        reader.step()?;
    }
    reader.finish(text)
}

/// What a day was said to be, with the size of the group of days it was said of.
#[derive(Debug, Clone)]
struct Said {
    /// Minutes since the start of the business day.
    intervals: Vec<(u16, u16)>,
    group: usize,
    days: usize,
}

#[derive(Default)]
struct Reader<'a> {
    tokens: &'a [Token],
    next: usize,
    start: u16,
    week: [Option<Said>; 7],
    /// The days being spoken of.
    days: Vec<usize>,
    /// Which group of days this is.
    group: usize,
    /// Something was said of them.
    answered: bool,
    /// A separator came after that: a break now is one of all days so far.
    separated: bool,
    is_break: bool,
}

impl Reader<'_> {
    fn step(&mut self) -> Result<(), Unread> {
        let tokens = self.tokens;
        let token = &tokens[self.next];
        self.next += 1;
        match &token.mark {
            Mark::Separator => self.separated = true,
            Mark::Comma | Mark::Dash | Mark::Filler => {}
            Mark::Day(day) => self.name(*day)?,
            Mark::Days(days) if *days == [5, 6] && !self.days.is_empty() && !self.answered => {
                // «Сб, вс — выходные».
                self.say(&[], token)?;
            }
            Mark::Days(days) => {
                self.begin(token)?;
                self.days.extend(days.iter());
            }
            Mark::Closed => self.say(&[], token)?,
            Mark::AllDay => self.say(&[(0, DAY)], token)?,
            Mark::Break => self.is_break = true,
            Mark::Time(opens) => {
                let closes = self.until(token)?;
                let interval = self.interval(*opens, closes, token)?;
                if std::mem::take(&mut self.is_break) {
                    self.pause(interval, token)?;
                } else {
                    self.say(&[interval], token)?;
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, at: &Token) -> Result<(), Unread> {
        if self.separated && !self.answered && !self.days.is_empty() {
            return Err(at.unread(Why::Unfinished));
        }
        if self.answered || self.group == 0 {
            self.days.clear();
            self.group += 1;
        }
        self.answered = false;
        self.separated = false;
        Ok(())
    }

    /// A day, or the first of a range of days.
    fn name(&mut self, first: usize) -> Result<(), Unread> {
        let tokens = self.tokens;
        self.begin(&tokens[self.next - 1])?;
        let range = match self.tokens.get(self.next..) {
            Some([Token { mark: Mark::Dash, .. }, Token { mark: Mark::Day(last), .. }, ..]) => Some(*last),
            _ => None,
        };
        let last = range.unwrap_or(first);
        self.next += if range.is_some() { 2 } else { 0 };
        let mut day = first;
        loop {
            if self.days.contains(&day) {
                return Err(self.tokens[self.next - 1].unread(Why::Twice));
            }
            self.days.push(day);
            if day == last {
                return Ok(());
            }
            // «Сб-Вт» goes on over the end of the week.
            day = (day + 1) % 7;
        }
    }

    /// The time after a dash.
    fn until(&mut self, first: &Token) -> Result<u16, Unread> {
        let rest = self.tokens.get(self.next..).unwrap_or_default();
        match rest {
            [Token { mark: Mark::Dash, .. }, Token { mark: Mark::Time(closes), .. }, ..] => {
                self.next += 2;
                Ok(*closes)
            }
            [Token { mark: Mark::Dash, .. }, other, ..] => Err(other.unread(Why::NotATime)),
            _ => Err(first.unread(Why::Unfinished)),
        }
    }

    fn interval(&self, opens: u16, closes: u16, at: &Token) -> Result<(u16, u16), Unread> {
        let into_day = |time: u16| (time % DAY + DAY - self.start) % DAY;
        let (opens, closes) = (into_day(opens), into_day(closes));
        let closes = if closes == 0 { DAY } else { closes };
        if opens < closes { Ok((opens, closes)) } else { Err(at.unread(Why::Backwards)) }
    }

    /// Says when the days spoken of are open; nothing is a day off.
    fn say(&mut self, intervals: &[(u16, u16)], at: &Token) -> Result<(), Unread> {
        if self.days.is_empty() {
            return Err(at.unread(Why::NoDays));
        }
        for day in self.days.clone() {
            let new = Said { intervals: intervals.to_vec(), group: self.group, days: self.days.len() };
            let Some(said) = &mut self.week[day] else {
                self.week[day] = Some(new);
                continue;
            };
            let apart = |it: &(u16, u16)| intervals.iter().all(|new| new.1 < it.0 || it.1 < new.0);
            let goes_on =
                !intervals.is_empty() && !said.intervals.is_empty() && said.intervals.iter().all(apart);
            if goes_on {
                said.intervals.extend(intervals);
            } else if said.group != self.group && self.days.len() < said.days {
                // «Пн-Пт 9-18; Пт 9-17»: the narrower says more.
                *said = new;
            } else {
                return Err(at.unread(Why::Twice));
            }
        }
        self.answered = true;
        Ok(())
    }

    /// A break of the days spoken of; after a separator, of all days it fits into.
    fn pause(&mut self, (from, to): (u16, u16), at: &Token) -> Result<(), Unread> {
        let everywhere = self.separated || self.days.is_empty();
        let days: Vec<usize> = if everywhere { (0..7).collect() } else { self.days.clone() };
        let mut found = false;
        for day in days {
            let intervals = self.week[day].as_mut().map(|it| &mut it.intervals);
            let around = |it: &(u16, u16)| it.0 < from && to < it.1;
            let fits = intervals.and_then(|all| all.iter().position(around).map(|index| (all, index)));
            match fits {
                Some((all, index)) => {
                    let (opens, closes) = all[index];
                    all.splice(index..=index, [(opens, from), (to, closes)]);
                    found = true;
                }
                None if everywhere => {}
                None => return Err(at.unread(Why::BreakOutside)),
            }
        }
        if found { Ok(()) } else { Err(at.unread(Why::BreakOutside)) }
    }

    fn finish(self, text: &str) -> Result<Week, Unread> {
        let end = |why| Unread { why, at: text.chars().count(), text: String::new() };
        if self.week.iter().all(Option::is_none) && self.days.is_empty() {
            return Err(Unread { at: 0, text: text.trim().to_owned(), ..end(Why::NoHours) });
        }
        if self.is_break || !self.answered {
            return Err(end(Why::Unfinished));
        }
        let start = self.start;
        Ok(self.week.map(|day| {
            let mut intervals = day.map(|it| it.intervals).unwrap_or_default();
            intervals.sort_unstable();
            intervals
                .into_iter()
                .map(|(opens, closes)| LocalInterval {
                    opens: time((opens + start) % DAY),
                    closes: time((closes + start) % DAY),
                })
                .collect()
        }))
    }
}

/// The same hours in words, days that are alike and follow one another together. `read` reads them back.
#[must_use]
pub fn write(week: &Week, language: &str) -> String {
    let words = words::written(language);
    let mut parts = Vec::new();
    let mut day = 0;
    while day < 7 {
        let alike = week[day..].iter().take_while(|it| **it == week[day]).count();
        let days = match alike {
            1 => words.days[day].to_owned(),
            2 => format!("{},{}", words.days[day], words.days[day + 1]),
            _ => format!("{}-{}", words.days[day], words.days[day + alike - 1]),
        };
        parts.push(format!("{days}: {}", hours(&week[day], &words)));
        day += alike;
    }
    parts.join("; ")
}

fn hours(day: &[LocalInterval], words: &words::Written) -> String {
    let (Some(first), Some(last)) = (day.first(), day.last()) else { return words.closed.to_owned() };
    let span = |from: NaiveTime, to: NaiveTime| {
        let to = if to == NaiveTime::MIN { "24:00".to_owned() } else { to.format("%H:%M").to_string() };
        format!("{}-{to}", from.format("%H:%M"))
    };
    let mut text = span(first.opens, last.closes);
    for pair in day.windows(2) {
        text.push_str(&format!(", {} {}", words.pause, span(pair[0].closes, pair[1].opens)));
    }
    text
}

fn minute(time: NaiveTime) -> u16 {
    let minutes = chrono::Timelike::num_seconds_from_midnight(&time) / 60;
    u16::try_from(minutes).unwrap_or_default()
}

fn time(minute: u16) -> NaiveTime {
    NaiveTime::from_hms_opt(u32::from(minute / 60), u32::from(minute % 60), 0).unwrap_or_default()
}
