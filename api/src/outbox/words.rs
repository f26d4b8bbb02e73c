//! What letters and short messages say, from the texts of the house: plain text, and the same as plain HTML.

use talon_texts::{Arg, Language};

/// What a letter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterKind<'a> {
    /// A new password was asked for; the link is good for half an hour.
    Recovery {
        link: &'a str,
    },
    /// Somebody joins the staff and chooses a password.
    Invitation {
        name: &'a str,
        link: &'a str,
    },
    SignInCode {
        code: &'a str,
    },
    /// A customer adds this address to those they are known by.
    ContactCode {
        code: &'a str,
    },
    PasswordChanged,
    SecondFactorAdded,
    SecondFactorRemoved,
    /// An administrator took it away.
    SecondFactorReset,
    /// To the address that was; the other one stands nowhere in it.
    AddressChanged,
}

/// What a short message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind<'a> {
    SignInCode {
        code: &'a str,
    },
    /// A customer adds this phone to those they are known by.
    ContactCode {
        code: &'a str,
    },
}

/// A letter in words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

impl LetterKind<'_> {
    /// Whether it goes again when nobody can say whether it went: better twice than not at all.
    pub(super) fn goes_again(&self) -> bool {
        match self {
            Self::Recovery { .. }
            | Self::Invitation { .. }
            | Self::SignInCode { .. }
            | Self::ContactCode { .. }
            | Self::PasswordChanged
            | Self::SecondFactorAdded
            | Self::SecondFactorRemoved
            | Self::SecondFactorReset
            | Self::AddressChanged => true,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Recovery { .. } => "recovery",
            Self::Invitation { .. } => "invitation",
            Self::SignInCode { .. } => "code",
            Self::ContactCode { .. } => "contact",
            Self::PasswordChanged => "password_changed",
            Self::SecondFactorAdded => "second_factor_added",
            Self::SecondFactorRemoved => "second_factor_removed",
            Self::SecondFactorReset => "second_factor_reset",
            Self::AddressChanged => "address_changed",
        }
    }

    fn args(&self) -> Vec<(&'static str, Arg<'_>)> {
        match *self {
            Self::Recovery { link } => vec![("link", link.into())],
            Self::Invitation { name, link } => vec![("name", name.into()), ("link", link.into())],
            Self::SignInCode { code } | Self::ContactCode { code } => vec![("code", code.into())],
            Self::PasswordChanged
            | Self::SecondFactorAdded
            | Self::SecondFactorRemoved
            | Self::SecondFactorReset
            | Self::AddressChanged => Vec::new(),
        }
    }
}

impl TextKind<'_> {
    pub(super) fn goes_again(&self) -> bool {
        match self {
            Self::SignInCode { .. } | Self::ContactCode { .. } => true,
        }
    }
}

pub(super) fn letter(what: &LetterKind<'_>, language: Language) -> Words {
    let args = what.args();
    let say = |part| talon_texts::letter(what.name(), part, language, &args);
    // A name with a line break in it must not begin a header of its own.
    let subject = say("subject").replace(['\r', '\n'], " ");
    let text = say("body");
    let html = html(what, &subject, &text, language);
    Words { subject, text, html }
}

pub(super) fn short(what: &TextKind<'_>, language: Language) -> String {
    let (name, code) = match *what {
        TextKind::SignInCode { code } => ("code", code),
        TextKind::ContactCode { code } => ("contact", code),
    };
    talon_texts::text(name, language, &[("code", code.into())])
}

/// The same paragraphs; a link stands as a link, a code large enough to be read across the room.
fn html(what: &LetterKind<'_>, subject: &str, text: &str, language: Language) -> String {
    let (link, code) = match *what {
        LetterKind::Recovery { link } | LetterKind::Invitation { link, .. } => (Some(link), None),
        LetterKind::SignInCode { code } | LetterKind::ContactCode { code } => (None, Some(code)),
        LetterKind::PasswordChanged
        | LetterKind::SecondFactorAdded
        | LetterKind::SecondFactorRemoved
        | LetterKind::SecondFactorReset
        | LetterKind::AddressChanged => (None, None),
    };
    let paragraph = |words: &str| {
        let shown = escaped(words);
        if link == Some(words) {
            format!("<p><a href=\"{shown}\">{shown}</a></p>\n")
        } else if code == Some(words) {
            format!("<p style=\"font-size:32px;letter-spacing:6px\"><strong>{shown}</strong></p>\n")
        } else {
            format!("<p>{shown}</p>\n")
        }
    };
    let body: String = text.split("\n\n").map(str::trim).filter(|it| !it.is_empty()).map(paragraph).collect();
    format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\n\
         <body style=\"font-family:sans-serif;font-size:16px;line-height:1.5\">\n{body}</body></html>\n",
        language.code(),
        escaped(subject)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_says_the_same_twice_and_nothing_of_it_is_markup_of_strangers() {
        let link = "https://queue.example.org/login/invite#abc";
        let what = LetterKind::Invitation { name: "<b>Анна</b>\r\nBcc: all@example.org", link };
        let words = letter(&what, Language::Ru);
        assert!(words.text.contains(link) && !words.subject.contains('\n'));
        assert!(words.html.contains(&format!("<p><a href=\"{link}\">{link}</a></p>")), "{}", words.html);
        assert!(words.html.contains("&lt;b&gt;Анна&lt;/b&gt;") && !words.html.contains("<b>"));
        assert!(words.html.starts_with("<!doctype html>\n<html lang=\"ru\">"));
    }

    #[test]
    fn every_letter_has_words_in_both_languages() {
        let all = [
            LetterKind::Recovery { link: "https://a/b#c" },
            LetterKind::Invitation { name: "Анна", link: "https://a/b#c" },
            LetterKind::SignInCode { code: "123456" },
            LetterKind::ContactCode { code: "123456" },
            LetterKind::PasswordChanged,
            LetterKind::SecondFactorAdded,
            LetterKind::SecondFactorRemoved,
            LetterKind::SecondFactorReset,
            LetterKind::AddressChanged,
        ];
        assert_eq!(all.map(|it| it.name()).as_slice(), talon_texts::LETTERS);
        for (what, language) in all.iter().flat_map(|it| Language::ALL.map(|language| (it, language))) {
            let words = letter(what, language);
            assert!(words.subject.len() > 10 && words.text.contains("\n\n"), "{words:?}");
            for (_, arg) in what.args() {
                let Arg::Word(word) = arg else { continue };
                assert!(words.text.contains(word) && words.html.contains(word), "{word} in {words:?}");
            }
        }
        for code in [TextKind::SignInCode { code: "123456" }, TextKind::ContactCode { code: "123456" }] {
            assert!(Language::ALL.iter().all(|it| short(&code, *it).contains("123456")));
        }
    }
}
