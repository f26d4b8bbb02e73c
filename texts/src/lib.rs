//! The words of the house in Russian and English, by code. Knows no other crate: a code is a string, an argument a
//! word or a number. `ru.ftl` is the source, `en.ftl` its twin; what plural forms need is Fluent's business.

use std::sync::LazyLock;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

const RUSSIAN: &str = include_str!("../ru.ftl");
const ENGLISH: &str = include_str!("../en.ftl");

/// A language people are spoken to in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    #[default]
    Ru,
    En,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::Ru, Self::En];

    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// The language of a tag such as `en-GB`.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "ru" => Some(Self::Ru),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// What an `Accept-Language` header prefers among ours; Russian when it names neither.
    #[must_use]
    pub fn accepted(header: &str) -> Self {
        let weighed = header.split(',').filter_map(|part| {
            let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
            let weight = match rest.trim().strip_prefix("q=") {
                Some(number) => number.trim().parse().ok().filter(|it| (0.0..=1.0).contains(it))?,
                None => 1.0_f32,
            };
            (weight > 0.0).then(|| Self::of_tag(tag.trim()).map(|language| (weight, language)))?
        });
        // The first of equals wins, as the browser lists them by preference.
        let best = weighed.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map_or_else(Self::default, |(_, language)| language)
    }
}

/// What is put into a sentence. Only numbers choose plural forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arg<'a> {
    Word(&'a str),
    Number(i64),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(word: &'a str) -> Self {
        Self::Word(word)
    }
}

impl From<i64> for Arg<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Arg<'_> {
    fn from(number: u32) -> Self {
        Self::Number(i64::from(number))
    }
}

/// Why something was not done, in a sentence for whoever asked. A code without words gets the general sentence. The
/// value `what` is the name of a field or a thing and is said in words where there are any.
#[must_use]
pub fn refusal(code: &str, language: Language, args: &[(&str, Arg<'_>)]) -> String {
    let named = args.iter().find_map(|(name, arg)| match arg {
        Arg::Word(word) if *name == "what" => say(&format!("thing-{word}"), language, &[]),
        _ => None,
    });
    let mut args = args.to_vec();
    if let Some(thing) = &named {
        args.retain(|(name, _)| *name != "what");
        args.push(("what", Arg::Word(thing)));
    }
    say(&format!("refusal-{code}"), language, &args)
        .or_else(|| say("refusal", language, &[("code", Arg::Word(code))]))
        .unwrap_or_else(|| code.to_owned())
}

/// Why this ticket was called and no other. `rule` is one of `DECISIONS`.
#[must_use]
pub fn decision(rule: &str, language: Language, args: &[(&str, Arg<'_>)]) -> String {
    say(&format!("decision-{rule}"), language, args).unwrap_or_else(|| rule.to_owned())
}

/// The rules a decision can be explained by; each has its sentence.
pub const DECISIONS: &[&str] =
    &["earliest_due", "class", "booking", "emergency", "fifo", "picked", "direct", "only_one"];

/// What a role of the house is called; one of another house is called by its code.
#[must_use]
pub fn role(code: &str, language: Language) -> String {
    say(&format!("role-{code}"), language, &[]).unwrap_or_else(|| code.to_owned())
}

/// What a permission allows, in a few words.
#[must_use]
pub fn permission(code: &str, language: Language) -> String {
    say(&format!("permission-{code}"), language, &[]).unwrap_or_else(|| code.to_owned())
}

/// What is wrong with one value of a branch's settings. `code` is one of `FAULTS`.
#[must_use]
pub fn fault(code: &str, language: Language) -> String {
    say(&format!("fault-{code}"), language, &[]).unwrap_or_else(|| code.to_owned())
}

/// The faults of settings there are words for.
pub const FAULTS: &[&str] = &[
    "EMPTY",
    "TOO_LONG",
    "TOO_MANY",
    "REPEATED",
    "UNKNOWN",
    "OUT_OF_RANGE",
    "OUT_OF_ORDER",
    "WRONG_FORM",
    "UNREADABLE",
];

/// Why opening hours could not be read, naming what stands at the place. `code` is one of `HOURS`.
#[must_use]
pub fn unread_hours(code: &str, place: &str, language: Language) -> String {
    say(&format!("hours-{code}"), language, &[("text", Arg::Word(place))]).unwrap_or_else(|| code.to_owned())
}

/// Why a row of a file was not brought in, naming the column. `code` is one of `ROWS`.
#[must_use]
pub fn row_fault(code: &str, column: &str, language: Language) -> String {
    say(&format!("row-{code}"), language, &[("column", Arg::Word(column))]).unwrap_or_else(|| code.to_owned())
}

/// The reasons for rows that were not brought in.
pub const ROWS: &[&str] = &["MISSING", "UNREADABLE"];

/// The reasons for hours that could not be read.
pub const HOURS: &[&str] = &[
    "NO_HOURS",
    "UNKNOWN_WORD",
    "NO_DAYS",
    "NOT_A_TIME",
    "BACKWARDS",
    "TWICE",
    "BREAK_OUTSIDE",
    "UNFINISHED",
];

/// A word or a sentence of the paper ticket. `line` is one of `PRINTED`.
#[must_use]
pub fn printed(line: &str, language: Language, args: &[(&str, Arg<'_>)]) -> String {
    say(&format!("ticket-{line}"), language, args).unwrap_or_else(|| line.to_owned())
}

/// The lines of the paper ticket.
pub const PRINTED: &[&str] = &["title", "service", "issued", "ahead", "wait", "follow", "keep", "class"];

/// One part (`subject` or `body`) of a letter; `what` is one of `LETTERS`. Paragraphs are apart by an empty line.
#[must_use]
pub fn letter(what: &str, part: &str, language: Language, args: &[(&str, Arg<'_>)]) -> String {
    say(&format!("letter-{what}-{part}"), language, args).unwrap_or_else(|| what.to_owned())
}

/// The letters there are words for.
pub const LETTERS: &[&str] = &[
    "recovery",
    "invitation",
    "code",
    "contact",
    "password_changed",
    "second_factor_added",
    "second_factor_removed",
    "second_factor_reset",
    "address_changed",
];

/// A short message to a phone; `what` is one of `TEXTS`.
#[must_use]
pub fn text(what: &str, language: Language, args: &[(&str, Arg<'_>)]) -> String {
    say(&format!("text-{what}"), language, args).unwrap_or_else(|| what.to_owned())
}

/// The short messages there are words for.
pub const TEXTS: &[&str] = &["code", "contact"];

/// Every message there is words for, in the order of the file.
#[must_use]
pub fn keys(language: Language) -> Vec<&'static str> {
    let file = match language {
        Language::Ru => RUSSIAN,
        Language::En => ENGLISH,
    };
    let key = |line: &'static str| {
        let starts_a_message = line.starts_with(|c: char| c.is_ascii_alphabetic());
        starts_a_message.then(|| line.split_once(" =").map(|(key, _)| key))?
    };
    file.lines().filter_map(key).collect()
}

fn say(key: &str, language: Language, args: &[(&str, Arg<'_>)]) -> Option<String> {
    let bundle = bundle(language);
    let pattern = bundle.get_message(key)?.value()?;
    let mut given = FluentArgs::with_capacity(args.len());
    for (name, arg) in args {
        let value = match arg {
            Arg::Word(word) => FluentValue::from(*word),
            Arg::Number(number) => FluentValue::from(*number),
        };
        given.set((*name).to_owned(), value);
    }
    let mut faults = Vec::new();
    let sentence = bundle.format_pattern(pattern, Some(&given), &mut faults).into_owned();
    // A sentence that lacks a value would show its place-holder; the general sentence is better.
    faults.is_empty().then_some(sentence)
}

fn bundle(language: Language) -> &'static FluentBundle<FluentResource> {
    static BUNDLES: LazyLock<[FluentBundle<FluentResource>; 2]> =
        LazyLock::new(|| [parse(Language::Ru, RUSSIAN), parse(Language::En, ENGLISH)]);
    match language {
        Language::Ru => &BUNDLES[0],
        Language::En => &BUNDLES[1],
    }
}

fn parse(language: Language, text: &str) -> FluentBundle<FluentResource> {
    let identifier: LanguageIdentifier = language.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
    // Marks of direction around each value would only confuse printers and voices.
    bundle.set_use_isolating(false);
    // A test holds both files free of errors; what could be parsed is used in any case.
    let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    bundle
}
