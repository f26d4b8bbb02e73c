//! How hard a password is to guess, asked where somebody chooses one. Length alone says little: the estimate knows
//! common passwords, words, dates and rows of keys, and the person's own name and address.

use zxcvbn::{Score, feedback::Warning, matching::patterns::MatchPattern, zxcvbn};

use super::{LONGEST_PASSWORD, SHORTEST_PASSWORD};

/// What would make a password better: codes for whoever writes the sentence beside the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    TooShort,
    TooLong,
    /// One's own name or address stands in it.
    Personal,
    Repeats,
    Sequence,
    Keyboard,
    Common,
    Word,
    Name,
    Date,
    /// Nothing of the above, and guessed too soon all the same.
    AddWords,
}

impl Hint {
    pub const ALL: [Self; 11] = [
        Self::TooShort,
        Self::TooLong,
        Self::Personal,
        Self::Repeats,
        Self::Sequence,
        Self::Keyboard,
        Self::Common,
        Self::Word,
        Self::Name,
        Self::Date,
        Self::AddWords,
    ];

    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooShort => "TOO_SHORT",
            Self::TooLong => "TOO_LONG",
            Self::Personal => "PERSONAL",
            Self::Repeats => "REPEATS",
            Self::Sequence => "SEQUENCE",
            Self::Keyboard => "KEYBOARD",
            Self::Common => "COMMON",
            Self::Word => "WORD",
            Self::Name => "NAME",
            Self::Date => "DATE",
            Self::AddWords => "ADD_WORDS",
        }
    }
}

/// What is wrong with a password's length; its strength is another question. Counted are characters (Unicode scalar
/// values) as typed: a password is neither cut nor rewritten, so that its hash is that of the very keys pressed.
pub(super) fn length(password: &str) -> Result<(), Hint> {
    match u32::try_from(password.chars().count()) {
        Ok(..SHORTEST_PASSWORD) => Err(Hint::TooShort),
        Ok(SHORTEST_PASSWORD..=LONGEST_PASSWORD) => Ok(()),
        _ => Err(Hint::TooLong),
    }
}

/// What is wrong with a password of somebody of whom `about` is known. Takes some milliseconds of a core.
pub(super) fn judge(password: &str, about: &[String]) -> Result<(), Hint> {
    length(password)?;
    let known = words_of(about);
    let inputs: Vec<&str> = known.iter().map(String::as_str).collect();
    let guessed = zxcvbn(password, &inputs);
    if guessed.score() >= Score::Three {
        return Ok(());
    }
    let is_own = guessed.sequence().iter().any(|part| match &part.pattern {
        MatchPattern::Dictionary(it) => known.contains(&it.matched_word.to_lowercase()),
        _ => false,
    });
    if is_own {
        return Err(Hint::Personal);
    }
    Err(match guessed.feedback().and_then(zxcvbn::feedback::Feedback::warning) {
        Some(Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess) => {
            Hint::Keyboard
        }
        Some(
            Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess,
        ) => Hint::Repeats,
        Some(
            Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword
            | Warning::ThisIsSimilarToACommonlyUsedPassword,
        ) => Hint::Common,
        Some(Warning::SequencesLikeAbcAreEasyToGuess) => Hint::Sequence,
        Some(Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess) => Hint::Date,
        Some(Warning::AWordByItselfIsEasyToGuess) => Hint::Word,
        Some(
            Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
            | Warning::CommonNamesAndSurnamesAreEasyToGuess,
        ) => Hint::Name,
        None => Hint::AddWords,
    })
}

/// The words somebody who knows a person would try first: whole, and in their parts.
fn words_of(about: &[String]) -> Vec<String> {
    let whole = about.iter().map(|it| it.trim().to_lowercase());
    let parts = about
        .iter()
        .flat_map(|it| it.split(|letter: char| !letter.is_alphanumeric()))
        .map(str::to_lowercase)
        .filter(|it| it.chars().count() > 2);
    let mut all: Vec<String> = whole.chain(parts).chain(["talon".into(), "талон".into()]).collect();
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(password: &str) -> Result<(), Hint> {
        judge(password, &["anna.polyakova@example.org".into(), "Анна Полякова".into()])
    }

    #[test]
    fn what_is_guessed_soon_is_refused_and_told_why() {
        let found: Vec<_> = [
            "short",
            "aaaaaaaaaaaa",
            "qwertyuiop[]",
            "password1234",
            "polyakova2024",
            "полякова2024",
            "abcdefghijkl",
            "199019911992",
        ]
        .map(|password| (password, of(password)))
        .into_iter()
        .filter(|(_, found)| found.is_ok())
        .collect();
        assert!(found.is_empty(), "let through: {found:?}");
        assert_eq!(of("short"), Err(Hint::TooShort));
        assert_eq!(of("polyakova2024"), Err(Hint::Personal));
        assert_eq!(of(&"длинный пароль ".repeat(50)), Err(Hint::TooLong));
        assert_eq!(of("aaaaaaaaaaaa"), Err(Hint::Repeats));
    }

    #[test]
    fn a_few_unrelated_words_are_enough_in_any_script() {
        for good in ["correct horse battery", "кобыла ждёт трамвая", "Vj7#qLw2!pRz"] {
            assert_eq!(of(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn twelve_to_128_characters_are_a_password_however_many_bytes_they_take() {
        // Each of these takes a different number of bytes; the last is two characters that look like one.
        for letter in ["q", "ж", "語", "🎫"] {
            let of = |count: usize| length(&letter.repeat(count));
            assert_eq!(of(11), Err(Hint::TooShort), "{letter}");
            assert_eq!((of(12), of(64), of(128)), (Ok(()), Ok(()), Ok(())), "{letter}");
            assert_eq!(of(129), Err(Hint::TooLong), "{letter}");
        }
        assert_eq!(length(&"и\u{306}".repeat(6)), Ok(()), "counted as typed, not as drawn");
    }

    #[test]
    fn codes_are_different() {
        let codes: std::collections::BTreeSet<_> = Hint::ALL.map(Hint::code).into();
        assert_eq!(codes.len(), Hint::ALL.len());
    }
}
