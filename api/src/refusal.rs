//! A rule's no on its way out: the sentence people read and the status HTTP wants. One `match` without wildcard, so
//! that a new refusal does not compile until it has both.

use http::StatusCode;
use talon_core::{ids::WindowId, refusal::Refusal};
use talon_texts::{Arg, Language};

/// The refusal in words. Windows are named by `label`, because people know «3» and not `w3`.
#[must_use]
pub fn sentence(refusal: &Refusal, language: Language, label: impl Fn(&WindowId) -> String) -> String {
    let code = refusal.code();
    let say = |args: &[(&str, Arg<'_>)]| talon_texts::refusal(code, language, args);
    let at = |window: &WindowId| label(window);
    match refusal {
        Refusal::DayNotOpen
        | Refusal::DayAlreadyOpen
        | Refusal::DayClosed
        | Refusal::IntakePaused
        | Refusal::IntakeNotPaused
        | Refusal::NoService
        | Refusal::ClassNotOffered { .. }
        | Refusal::ReasonRequired
        | Refusal::BookingHasTicket { .. }
        | Refusal::UnknownTicket { .. }
        | Refusal::NobodyWaiting
        | Refusal::ReservedForBooking
        | Refusal::TransferNowhere
        | Refusal::OperatorAbsent { .. }
        | Refusal::NothingToUndo
        | Refusal::UndoTooLate
        | Refusal::UndoOvertaken
        | Refusal::UndoNotYours
        | Refusal::NoSuchAlert
        | Refusal::LastAdministrator
        | Refusal::OwnAccount
        | Refusal::SettingsMoved { .. }
        | Refusal::DayIsLive
        | Refusal::LastContact
        | Refusal::CommandIdReused
        | Refusal::Contended => say(&[]),
        Refusal::DayStillBusy { busy: window }
        | Refusal::UnknownWindow { window }
        | Refusal::WindowNotOpen { window }
        | Refusal::WindowTaken { window, .. }
        | Refusal::WindowPaused { window }
        | Refusal::WindowNotPaused { window }
        | Refusal::NotYourWindow { window }
        | Refusal::OperatorElsewhere { window } => say(&[("window", at(window).as_str().into())]),
        Refusal::QuotaReached { service } => {
            say(&[("scope", if service.is_some() { "service" } else { "all" }.into())])
        }
        Refusal::UnknownService { service } => say(&[("service", service.as_str().into())]),
        Refusal::UnknownClass { class } => say(&[("class", class.as_str().into())]),
        Refusal::UnknownReason { reason } => say(&[("reason", reason.as_str().into())]),
        Refusal::WrongState { number, state } => {
            let state = state.to_ascii_lowercase();
            say(&[("number", number.as_str().into()), ("state", state.as_str().into())])
        }
        Refusal::AlreadyCalled { number, window } | Refusal::WindowBusy { number, window } => {
            say(&[("number", number.as_str().into()), ("window", at(window).as_str().into())])
        }
        Refusal::TicketClosed { number }
        | Refusal::PinnedElsewhere { number }
        | Refusal::GraceOver { number } => say(&[("number", number.as_str().into())]),
        Refusal::ServiceNotGiven { service, window } => {
            say(&[("service", service.as_str().into()), ("window", at(window).as_str().into())])
        }
        Refusal::RecallTooEarly { wait_s } => say(&[("seconds", (*wait_s).into())]),
        Refusal::TooManyCalls { max } => say(&[("max", u32::from(*max).into())]),
        Refusal::TooManyContacts { max } => say(&[("max", u32::from(*max).into())]),
        Refusal::NoShowTooEarly { calls_missing, wait_s } => {
            say(&[("calls", u32::from(*calls_missing).into()), ("seconds", (*wait_s).into())])
        }
        Refusal::Malformed { what }
        | Refusal::AlreadyExists { what }
        | Refusal::UnknownThing { what }
        | Refusal::StillInUse { what } => say(&[("what", (*what).into())]),
        Refusal::WrongSettings { faults } => {
            say(&[("count", u32::try_from(faults.len()).unwrap_or(u32::MAX).into())])
        }
        Refusal::MoreThanYours { what } => say(&[("what", what.as_str().into())]),
    }
}

/// The status a refusal has over HTTP: the caller's mistake, something that is not there, or a rule's no.
#[must_use]
pub fn status(refusal: &Refusal) -> StatusCode {
    match refusal.code() {
        "MALFORMED" | "WRONG_SETTINGS" | "NO_SERVICE" | "UNKNOWN_SERVICE" | "UNKNOWN_CLASS"
        | "UNKNOWN_REASON" | "REASON_REQUIRED" | "TRANSFER_NOWHERE" => StatusCode::UNPROCESSABLE_ENTITY,
        "UNKNOWN_TICKET" | "UNKNOWN_WINDOW" | "UNKNOWN" => StatusCode::NOT_FOUND,
        _ => StatusCode::CONFLICT,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::http::problem::Code;

    /// The codes as they stand in the rules' own table, so that no second list can go stale.
    fn codes_of_rules() -> BTreeSet<&'static str> {
        let table = include_str!("../../core/src/refusal.rs");
        let quoted = |line: &'static str| line.trim().split_once("=> \"")?.1.strip_suffix("\",");
        let codes: BTreeSet<_> = table.lines().filter_map(quoted).collect();
        assert!(codes.len() > 40, "the table of codes was not understood: {codes:?}");
        codes
    }

    #[test]
    fn every_code_has_words_in_both_languages_and_no_words_are_left_over() {
        let asked: BTreeSet<String> = codes_of_rules()
            .into_iter()
            .chain(Code::ALL.iter().map(|code| code.name()))
            .map(|code| format!("refusal-{code}"))
            .chain(["refusal".to_owned()])
            .collect();
        for language in Language::ALL {
            let written: BTreeSet<String> = talon_texts::keys(language)
                .into_iter()
                .filter(|key| key.starts_with("refusal"))
                .map(str::to_owned)
                .collect();
            assert_eq!(written, asked, "{}", language.code());
        }
    }

    /// Every `what: "…"` of the rules and every field that the edge finds malformed.
    #[test]
    fn every_thing_that_can_be_wrong_has_words() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        let mut named = BTreeSet::new();
        let mut folders = vec![root.join("core/src"), root.join("api/src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).expect("a source");
                for start in
                    ["what: \"", "malformed(\"", "Malformed { field: \"", "in_field(Code::WeakPassword, \""]
                {
                    named.extend(
                        text.split(start)
                            .skip(1)
                            .filter_map(|rest| rest.split('"').next().map(str::to_owned)),
                    );
                }
            }
        }
        named.retain(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
        for language in Language::ALL {
            let written: BTreeSet<String> = talon_texts::keys(language)
                .into_iter()
                .filter_map(|key| key.strip_prefix("thing-").map(str::to_owned))
                .collect();
            let wordless: Vec<_> = named.difference(&written).collect();
            assert!(wordless.is_empty(), "{}: no words for {wordless:?}", language.code());
        }
    }

    #[test]
    fn every_refusal_gives_its_sentence_the_values_it_needs() {
        use talon_core::{
            ids::{ClassId, OperatorId, ReasonCode, ServiceId, TicketId},
            settings::fault::{Fault, FaultAt},
        };
        let window = WindowId::trusted("w3");
        let number = "А105".to_owned();
        let service = ServiceId::trusted("letters");
        let ticket = TicketId(uuid::Uuid::nil());
        let with_values = [
            Refusal::DayStillBusy { busy: window.clone() },
            Refusal::QuotaReached { service: None },
            Refusal::QuotaReached { service: Some(service.clone()) },
            Refusal::UnknownService { service: service.clone() },
            Refusal::UnknownClass { class: ClassId::trusted("x") },
            Refusal::ClassNotOffered { class: ClassId::trusted("x") },
            Refusal::UnknownReason { reason: ReasonCode::trusted("x") },
            Refusal::BookingHasTicket { ticket },
            Refusal::UnknownTicket { ticket },
            Refusal::WrongState { number: number.clone(), state: "SERVING" },
            Refusal::AlreadyCalled { number: number.clone(), window: window.clone() },
            Refusal::TicketClosed { number: number.clone() },
            Refusal::UnknownWindow { window: window.clone() },
            Refusal::WindowNotOpen { window: window.clone() },
            Refusal::WindowTaken { window: window.clone(), operator: OperatorId::trusted("anna") },
            Refusal::WindowPaused { window: window.clone() },
            Refusal::WindowNotPaused { window: window.clone() },
            Refusal::WindowBusy { window: window.clone(), number: number.clone() },
            Refusal::NotYourWindow { window: window.clone() },
            Refusal::OperatorElsewhere { window: window.clone() },
            Refusal::ServiceNotGiven { service, window },
            Refusal::PinnedElsewhere { number: number.clone() },
            Refusal::RecallTooEarly { wait_s: 12 },
            Refusal::TooManyCalls { max: 3 },
            Refusal::NoShowTooEarly { calls_missing: 1, wait_s: 20 },
            Refusal::TooManyContacts { max: 10 },
            Refusal::GraceOver { number },
            Refusal::Malformed { what: "branch" },
            Refusal::AlreadyExists { what: "branch" },
            Refusal::UnknownThing { what: "branch" },
            Refusal::StillInUse { what: "region" },
            Refusal::MoreThanYours { what: "role".into() },
            Refusal::SettingsMoved { version: 3 },
            Refusal::WrongSettings { faults: vec![FaultAt::new("name.ru", Fault::Empty)] },
        ];
        for refusal in with_values {
            for language in Language::ALL {
                let sentence = sentence(&refusal, language, |_| "3".into());
                assert!(!sentence.contains(refusal.code()), "{refusal:?}: {sentence}");
                assert!(!sentence.contains("w3"), "{refusal:?}: {sentence}");
            }
        }
    }

    #[test]
    fn every_fault_of_settings_has_words() {
        let written: BTreeSet<&str> = talon_texts::FAULTS.iter().copied().collect();
        let all = talon_core::settings::fault::Fault::ALL;
        assert_eq!(written, all.into_iter().map(|it| it.code()).collect());
    }

    #[test]
    fn a_state_of_the_rules_has_words_of_its_own() {
        let told = |state| {
            let refusal = Refusal::WrongState { number: "А105".into(), state };
            sentence(&refusal, Language::En, ToString::to_string)
        };
        assert_eq!(told("NO_SHOW"), "This cannot be done now: ticket А105 is marked as a no-show.");
    }
}
