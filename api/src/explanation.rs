//! «Почему этот»: a recorded decision in a sentence that ends a dispute in the hall.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use talon_core::{queue_day::event::Decision, settings::DaySettings};
use talon_texts::Language;

use crate::graphql::model::{LocalText, ticket::Ticket};

/// The sentence in both languages. Times are those of the branch's own clock.
#[must_use]
pub fn of(
    decision: &Decision,
    ticket: &Ticket,
    slot: Option<DateTime<Utc>>,
    settings: Option<&DaySettings>,
) -> LocalText {
    let zone: Tz = settings.and_then(|it| it.time_zone.parse().ok()).unwrap_or(Tz::UTC);
    let rule = rule(decision, ticket, slot, settings);
    let clock = |at: DateTime<Utc>| at.with_timezone(&zone).format("%H:%M").to_string();
    let (due, slot) = (clock(decision.due_at), slot.map(clock).unwrap_or_default());
    let in_language = |language: Language| {
        let reason = decision.reason_code.as_ref().map(|code| {
            let named = settings.and_then(|it| it.reasons.pick.iter().find(|reason| reason.code == *code));
            named.map_or_else(|| code.to_string(), |it| it.name.in_language(language.code()).to_owned())
        });
        talon_texts::decision(
            rule,
            language,
            &[
                ("number", ticket.number.as_str().into()),
                ("due", due.as_str().into()),
                ("slot", slot.as_str().into()),
                ("candidates", decision.candidates.into()),
                ("rank", decision.rank.into()),
                ("reason", reason.as_deref().unwrap_or("—").into()),
            ],
        )
    };
    LocalText { ru: in_language(Language::Ru), en: in_language(Language::En) }
}

/// Which of the rules decided; one of `talon_texts::DECISIONS`.
fn rule(
    decision: &Decision,
    ticket: &Ticket,
    slot: Option<DateTime<Utc>>,
    settings: Option<&DaySettings>,
) -> &'static str {
    let class = settings.and_then(|it| it.classes.iter().find(|class| class.id.as_str() == ticket.class));
    if class.is_some_and(|it| it.emergency) {
        "emergency"
    } else if decision.rank > 1 || decision.reason_code.is_some() {
        "picked"
    } else if ticket.pinned_window.is_some() || ticket.pinned_operator.is_some() {
        "direct"
    } else if decision.candidates <= 1 {
        "only_one"
    } else if decision.policy == "fifo" {
        "fifo"
    } else if slot.is_some() {
        "booking"
    } else if class.is_some_and(|it| it.id.as_str() != "standard") {
        "class"
    } else {
        "earliest_due"
    }
}
