//! The one spelling of a contact, so that a person is found however they write it.

use phonenumber::{Mode, country};
use talon_core::{
    customer::event::ContactKind,
    ids::{CommandId, derived},
};

use crate::auth::AccessDenied;

/// As the standard of mail has it.
const LONGEST_EMAIL: usize = 254;
const LONGEST_PHONE: usize = 40;
const LONGEST_ACCOUNT: usize = 100;

/// The country whose phones may be written without its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region(country::Id);

impl Region {
    /// Two capital letters, as in ISO 3166.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl Default for Region {
    fn default() -> Self {
        Self(country::RU)
    }
}

pub(super) fn normalise(kind: ContactKind, value: &str, region: Region) -> Result<String, AccessDenied> {
    let value = value.trim();
    match kind {
        ContactKind::Phone => phone(value, region).ok_or(AccessDenied::Malformed { field: "phone" }),
        ContactKind::Email => email(value).ok_or(AccessDenied::Malformed { field: "email" }),
        ContactKind::Messenger => {
            let fits = !value.is_empty()
                && value.len() <= LONGEST_ACCOUNT
                && value.chars().all(|it| it.is_ascii_graphic());
            fits.then(|| value.to_owned()).ok_or(AccessDenied::Malformed { field: "messenger" })
        }
    }
}

fn phone(value: &str, region: Region) -> Option<String> {
    if value.len() > LONGEST_PHONE {
        return None;
    }
    let number = phonenumber::parse(Some(region.0), value).ok()?;
    phonenumber::is_valid(&number).then(|| number.format().mode(Mode::E164).to_string())
}

fn email(value: &str) -> Option<String> {
    let (user, host) = value.rsplit_once('@')?;
    let plain = |it: &str| !it.is_empty() && !it.contains(|c: char| c.is_whitespace() || c.is_control());
    let fits = value.len() <= LONGEST_EMAIL && plain(user) && plain(host) && !user.contains('@');
    (fits && host.contains('.')).then(|| value.to_lowercase())
}

/// What a contact is called in its customer's stream: follows from the press that brought it.
pub(super) fn name(command: CommandId) -> String {
    hex::encode(&derived(&[&command.to_string(), "contact"]).as_bytes()[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelt(kind: ContactKind, value: &str) -> Option<String> {
        normalise(kind, value, Region::default()).ok()
    }

    #[test]
    fn a_phone_is_the_same_however_it_is_written() {
        for text in ["+7 (916) 123-45-67", "8 916 123 45 67", "9161234567", " +79161234567 "] {
            assert_eq!(spelt(ContactKind::Phone, text).as_deref(), Some("+79161234567"), "{text}");
        }
        assert_eq!(spelt(ContactKind::Phone, "+49 30 901820").as_deref(), Some("+4930901820"));
        for text in ["", "12", "+7 916", "phone", "+7916123456700000", &"9".repeat(60)] {
            assert_eq!(spelt(ContactKind::Phone, text), None, "{text}");
        }
    }

    #[test]
    fn another_country_writes_its_own_phones_without_a_code() {
        let region = Region::parse("DE").expect("a country");
        assert_eq!(normalise(ContactKind::Phone, "030 901820", region).ok().as_deref(), Some("+4930901820"));
        assert_eq!(Region::parse("Deutschland"), None);
    }

    #[test]
    fn an_address_is_the_same_in_any_case() {
        assert_eq!(spelt(ContactKind::Email, " Anna@Example.ORG ").as_deref(), Some("anna@example.org"));
        for text in
            ["", "anna", "@example.org", "anna@", "anna@localhost", "an na@example.org", "a@b@example.org"]
        {
            assert_eq!(spelt(ContactKind::Email, text), None, "{text}");
        }
    }

    #[test]
    fn an_account_of_a_messenger_is_one_word() {
        assert_eq!(spelt(ContactKind::Messenger, "telegram:42").as_deref(), Some("telegram:42"));
        assert_eq!(spelt(ContactKind::Messenger, "two words"), None);
    }
}
