//! Both languages say the same things with the same values put in, and in right grammar.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::FluentResource;
use talon_texts::{
    Arg, DECISIONS, FAULTS, HOURS, LETTERS, Language, PRINTED, ROWS, TEXTS, decision, keys, printed, refusal,
};

const FILES: [(Language, &str); 2] =
    [(Language::Ru, include_str!("../ru.ftl")), (Language::En, include_str!("../en.ftl"))];

/// Each message with the names of the values put in.
fn messages(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines() {
        if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            current = line.split_once(" =").expect("a message").0.to_owned();
            assert!(!found.contains_key(&current), "{current} stands there twice");
            found.insert(current.clone(), BTreeSet::new());
        }
        for part in line.split('$').skip(1) {
            let name: String = part.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
            found.get_mut(&current).expect("inside a message").insert(name);
        }
    }
    found
}

#[test]
fn both_files_parse_without_an_error() {
    for (language, text) in FILES {
        let errors = FluentResource::try_new(text.to_owned()).err().map(|(_, errors)| errors);
        assert!(errors.is_none(), "{}: {errors:?}", language.code());
    }
}

#[test]
fn both_languages_have_the_same_messages_with_the_same_values() {
    let [(_, ru), (_, en)] = FILES;
    assert_eq!(messages(ru), messages(en));
    assert_eq!(keys(Language::Ru), messages_in_order(ru));
    assert_eq!(keys(Language::Ru), keys(Language::En));
}

fn messages_in_order(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()))
        .filter_map(|line| line.split(" =").next())
        .collect()
}

#[test]
fn every_message_without_a_list_of_its_own_elsewhere_is_named_by_a_list_and_every_list_has_its_messages() {
    let named: BTreeSet<String> = DECISIONS
        .iter()
        .map(|rule| format!("decision-{rule}"))
        .chain(PRINTED.iter().map(|line| format!("ticket-{line}")))
        .chain(LETTERS.iter().flat_map(|it| [format!("letter-{it}-subject"), format!("letter-{it}-body")]))
        .chain(FAULTS.iter().map(|code| format!("fault-{code}")))
        .chain(HOURS.iter().map(|code| format!("hours-{code}")))
        .chain(ROWS.iter().map(|code| format!("row-{code}")))
        .chain(TEXTS.iter().map(|it| format!("text-{it}")))
        .collect();
    let written: BTreeSet<String> = keys(Language::Ru)
        .into_iter()
        .filter(|key| !["refusal", "thing-", "role-", "permission-"].iter().any(|it| key.starts_with(it)))
        .map(str::to_owned)
        .collect();
    assert_eq!(written, named);
}

#[test]
fn a_select_in_russian_over_a_number_has_all_its_forms() {
    let (_, text) = FILES[0];
    for message in text.split("\nrefusal-").chain(text.split("\nticket-")) {
        for select in message.split("->").skip(1) {
            let forms = select.split("\n}").next().unwrap_or_default();
            if forms.contains("[one]") {
                assert!(forms.contains("[few]") && forms.contains("*[many]"), "{forms}");
            }
        }
    }
}

fn with(code: &str, language: Language, name: &str, count: i64) -> String {
    refusal(code, language, &[(name, Arg::Number(count))])
}

#[test]
fn russian_counts_decline() {
    let wait = |count| with("RECALL_TOO_EARLY", Language::Ru, "seconds", count);
    assert_eq!(wait(1), "Повторить вызов можно через 1 секунду.");
    assert_eq!(wait(3), "Повторить вызов можно через 3 секунды.");
    assert_eq!(wait(11), "Повторить вызов можно через 11 секунд.");
    assert_eq!(wait(21), "Повторить вызов можно через 21 секунду.");
    assert_eq!(wait(30), "Повторить вызов можно через 30 секунд.");
    let ahead = |count| printed("ahead", Language::Ru, &[("count", Arg::Number(count))]);
    assert_eq!(ahead(0), "Перед вами никого нет");
    assert_eq!(ahead(2), "Перед вами 2 человека");
    assert_eq!(ahead(12), "Перед вами 12 человек");
    assert_eq!(ahead(21), "Перед вами 21 человек");
    let usual = |count| printed("wait", Language::Ru, &[("minutes", Arg::Number(count))]);
    assert_eq!(usual(21), "Обычно ждут до 21 минуты");
    assert_eq!(usual(2), "Обычно ждут до 2 минут");
}

#[test]
fn english_counts_agree() {
    let wait = |count| with("RECALL_TOO_EARLY", Language::En, "seconds", count);
    assert_eq!(wait(1), "You can repeat the call in 1 second.");
    assert_eq!(wait(21), "You can repeat the call in 21 seconds.");
    let calls = |count| with("TOO_MANY_CALLS", Language::En, "max", count);
    assert_eq!(calls(1), "It cannot be called again: there has been 1 call.");
    assert_eq!(calls(3), "It cannot be called again: there have been 3 calls.");
}

#[test]
fn a_no_show_that_is_too_early_names_only_what_is_missing() {
    let early = |language, calls: u32, seconds: u32| {
        refusal("NO_SHOW_TOO_EARLY", language, &[("calls", calls.into()), ("seconds", seconds.into())])
            .trim()
            .to_owned()
    };
    assert_eq!(early(Language::Ru, 1, 0), "Неявку отмечать рано. Нужен ещё 1 вызов.");
    assert_eq!(early(Language::Ru, 0, 42), "Неявку отмечать рано. Подождите ещё 42 секунды.");
    assert_eq!(
        early(Language::Ru, 2, 5),
        "Неявку отмечать рано. Нужно ещё 2 вызова. Подождите ещё 5 секунд."
    );
    assert_eq!(
        early(Language::En, 1, 1),
        "It is too early for a no-show. 1 more call is needed. Wait 1 more second."
    );
}

#[test]
fn states_and_scopes_choose_their_words() {
    let state = |language, state| {
        refusal("WRONG_STATE", language, &[("number", "А105".into()), ("state", Arg::Word(state))])
    };
    assert_eq!(state(Language::Ru, "parked"), "Сейчас этого сделать нельзя: талон А105 отложен.");
    assert_eq!(state(Language::En, "parked"), "This cannot be done now: ticket А105 is on hold.");
    assert_eq!(state(Language::Ru, "new one"), "Сейчас этого сделать нельзя: талон А105 в другом состоянии.");
    let quota = |scope| refusal("QUOTA_REACHED", Language::En, &[("scope", Arg::Word(scope))]);
    assert_ne!(quota("service"), quota("all"));
}

#[test]
fn a_code_without_words_and_a_value_left_out_get_the_general_sentence() {
    assert_eq!(
        refusal("NEVER_HEARD_OF", Language::En, &[]),
        "That was not done (code NEVER_HEARD_OF). Please try again or ask the administrator."
    );
    assert!(refusal("ALREADY_CALLED", Language::Ru, &[]).contains("код ALREADY_CALLED"));
}

#[test]
fn a_field_is_named_in_words() {
    let malformed = |what, language| refusal("MALFORMED", language, &[("what", Arg::Word(what))]);
    assert_eq!(malformed("partySize", Language::Ru), "Неверно указано: число посетителей.");
    assert_eq!(malformed("partySize", Language::En), "This is not filled in correctly: number of visitors.");
    assert_eq!(malformed("wholly new", Language::En), "This is not filled in correctly: wholly new.");
}

#[test]
fn a_decision_names_ticket_and_reason() {
    let why = decision(
        "earliest_due",
        Language::Ru,
        &[("number", "А105".into()), ("due", "14:05".into()), ("candidates", 7_u32.into())],
    );
    assert_eq!(why, "Срок талона А105 наступает раньше всех: в 14:05. Выбирали из 7.");
}

#[test]
fn the_language_asked_for_is_the_one_answered_in() {
    assert_eq!(Language::accepted(""), Language::Ru);
    assert_eq!(Language::accepted("de-DE,de;q=0.9"), Language::Ru);
    assert_eq!(Language::accepted("en"), Language::En);
    assert_eq!(Language::accepted("en-GB,en;q=0.9,ru;q=0.8"), Language::En);
    assert_eq!(Language::accepted("en;q=0.3, ru-RU;q=0.8"), Language::Ru);
    assert_eq!(Language::accepted("fr, en;q=0.5"), Language::En);
    assert_eq!(Language::accepted("en;q=0, ru"), Language::Ru);
    assert_eq!(Language::accepted("en;q=nonsense, ru;q=0.1"), Language::Ru);
}
