//! Whether the parts of a catalogue fit together. Every fault names its key, in the spelling of the file.

use std::collections::BTreeSet;

use chrono::NaiveTime;
use talon_core::{
    ids::{BranchId, ClassId, GroupId, MalformedId, ReasonCode, ServiceId, WindowId},
    organisation::LETTERS,
    settings::{BranchSettings, LocalInterval, Reason, STANDARD},
    text::LocalText,
};

use super::{Catalogue, CatalogueError, Group};

const DAY_S: i64 = 24 * 3600;
/// Languages the board speaks.
const VOICES: [&str; 2] = ["ru", "en"];

type Checked = Result<(), CatalogueError>;

impl Catalogue {
    pub(super) fn check(&self) -> Checked {
        words("organisation.name", &self.organisation.name)?;
        some("group", &self.groups)?;
        let mut groups = BTreeSet::new();
        let mut services = BTreeSet::new();
        for (index, group) in self.groups.iter().enumerate() {
            let key = format!("group[{index}]");
            form(&format!("{key}.id"), GroupId::parse(group.id.as_str()))?;
            once(&mut groups, &format!("{key}.id"), group.id.as_str())?;
            self.check_group(&key, group, &mut services)?;
        }
        self.check_classes(&services)?;
        self.check_reasons()?;
        let mut positions = BTreeSet::new();
        for (index, position) in self.positions.iter().enumerate() {
            let key = format!("position[{index}]");
            once(&mut positions, &format!("{key}.id"), &position.id)?;
            words(&format!("{key}.name"), &position.name)?;
            known(&format!("{key}.skills"), &services, &position.skills)?;
        }
        some("branch", &self.branches)?;
        let mut branches = BTreeSet::new();
        for (index, branch) in self.branches.iter().enumerate() {
            let key = format!("branch[{index}]");
            form(&format!("{key}.id"), BranchId::parse(branch.id.as_str()))?;
            once(&mut branches, &format!("{key}.id"), branch.id.as_str())?;
            check_branch(&format!("{key}.settings"), &branch.settings, &services)?;
        }
        Ok(())
    }

    fn check_group<'a>(&self, key: &str, group: &'a Group, services: &mut BTreeSet<&'a str>) -> Checked {
        words(&format!("{key}.name"), &group.name)?;
        if !LETTERS.contains(&group.letter) {
            let letters: String = LETTERS.iter().collect();
            return wrong(format!("{key}.letter"), format!("must be one of {letters}, a Cyrillic capital"));
        }
        some(&format!("{key}.service"), &group.services)?;
        for (index, offer) in group.services.iter().enumerate() {
            let key = format!("{key}.service[{index}]");
            form(&format!("{key}.id"), ServiceId::parse(offer.id.as_str()))?;
            once(services, &format!("{key}.id"), offer.id.as_str())?;
            words(&format!("{key}.name"), &offer.name)?;
            if offer.norm_s == 0 {
                return wrong(format!("{key}.norm_s"), "must be greater than 0");
            }
            if offer.p80_s < offer.norm_s {
                return wrong(format!("{key}.p80_s"), "must not be smaller than norm_s");
            }
        }
        Ok(())
    }

    fn check_classes(&self, services: &BTreeSet<&str>) -> Checked {
        let mut classes = BTreeSet::new();
        for (index, class) in self.classes.iter().enumerate() {
            let key = format!("class[{index}]");
            form(&format!("{key}.id"), ClassId::parse(class.id.as_str()))?;
            once(&mut classes, &format!("{key}.id"), class.id.as_str())?;
            words(&format!("{key}.name"), &class.name)?;
            vocabulary(&format!("{key}.reasons"), &class.reasons)?;
            if class.emergency && class.reasons.is_empty() {
                return wrong(
                    format!("{key}.reasons"),
                    "a class that goes before everybody needs its grounds",
                );
            }
        }
        if !classes.contains(STANDARD) {
            return wrong("class".into(), "the class `standard` is missing");
        }
        let mut targets = BTreeSet::new();
        for (index, target) in self.targets.iter().enumerate() {
            let key = format!("target[{index}]");
            if !classes.contains(target.class.as_str()) {
                return wrong(
                    format!("{key}.class"),
                    format!("`{}` is not a class of this file", target.class),
                );
            }
            known(&format!("{key}.service"), services, std::slice::from_ref(&target.service))?;
            let pair = format!("{} at {}", target.class, target.service);
            if !targets.insert(pair.clone()) {
                return wrong(key, format!("`{pair}` has a target already"));
            }
        }
        Ok(())
    }

    fn check_reasons(&self) -> Checked {
        let it = &self.reasons;
        let all = [
            ("outcome", &it.outcome),
            ("park", &it.park),
            ("refuse", &it.refuse),
            ("pick", &it.pick),
            ("pause", &it.pause),
            ("priority", &it.priority),
            ("cancel", &it.cancel),
        ];
        all.into_iter().try_for_each(|(name, words)| vocabulary(&format!("reasons.{name}"), words))
    }
}

fn check_branch(key: &str, settings: &BranchSettings, services: &BTreeSet<&str>) -> Checked {
    words(&format!("{key}.name"), &settings.name)?;
    if settings.location.is_some_and(|it| !it.is_on_earth()) {
        return wrong(
            format!("{key}.location"),
            "must be millionths of a degree, at most 90 and 180 degrees",
        );
    }
    if settings.time_zone.parse::<chrono_tz::Tz>().is_err() {
        let fault = format!("`{}` is not an IANA time zone", settings.time_zone);
        return wrong(format!("{key}.time_zone"), fault);
    }
    some(&format!("{key}.languages"), &settings.languages)?;
    for (index, language) in settings.languages.iter().enumerate() {
        let key = format!("{key}.languages[{index}]");
        if !VOICES.contains(&language.as_str()) {
            return wrong(key, "must be `ru` or `en`");
        }
        if settings.languages[..index].contains(language) {
            return wrong(key, format!("`{language}` is there twice"));
        }
    }
    if let Some(ticker) = &settings.ticker {
        words(&format!("{key}.ticker"), ticker)?;
    }
    some(&format!("{key}.windows"), &settings.windows)?;
    let (mut ids, mut labels) = (BTreeSet::new(), BTreeSet::new());
    for (index, window) in settings.windows.iter().enumerate() {
        let key = format!("{key}.windows[{index}]");
        form(&format!("{key}.id"), WindowId::parse(window.id.as_str()))?;
        once(&mut ids, &format!("{key}.id"), window.id.as_str())?;
        if window.label.trim().is_empty() {
            return wrong(format!("{key}.label"), "must not be empty");
        }
        once(&mut labels, &format!("{key}.label"), &window.label)?;
        known(&format!("{key}.services"), services, &window.services)?;
    }
    known(&format!("{key}.without"), services, &settings.without)?;
    let quotas: Vec<ServiceId> = settings.quotas.services.keys().cloned().collect();
    known(&format!("{key}.quotas.services"), services, &quotas)?;
    for (index, day) in settings.hours.week.iter().enumerate() {
        intervals(&format!("{key}.hours.week[{index}]"), settings.day_starts_at, day)?;
    }
    for (date, day) in &settings.hours.exceptions {
        intervals(&format!("{key}.hours.exceptions.{date}"), settings.day_starts_at, day)?;
    }
    let calling = &settings.calling;
    if calling.max_calls == 0 {
        return wrong(format!("{key}.calling.max_calls"), "must be greater than 0");
    }
    if calling.no_show_after_calls > calling.max_calls {
        return wrong(format!("{key}.calling.no_show_after_calls"), "must not exceed max_calls");
    }
    Ok(())
}

/// In order, with a gap between them, each opening before it closes. Times before the start of the business day belong
/// to the night after its date, as everywhere in the house.
fn intervals(key: &str, day_starts_at: NaiveTime, day: &[LocalInterval]) -> Checked {
    let into_day = |time: NaiveTime| (time - day_starts_at).num_seconds().rem_euclid(DAY_S);
    let mut last = None;
    for (index, interval) in day.iter().enumerate() {
        let opens = into_day(interval.opens);
        let closes = match into_day(interval.closes) {
            0 => DAY_S,
            closes => closes,
        };
        if opens >= closes {
            return wrong(format!("{key}[{index}]"), "must open before it closes");
        }
        if last.is_some_and(|last| opens <= last) {
            return wrong(format!("{key}[{index}]"), "must begin after the one before it has ended");
        }
        last = Some(closes);
    }
    Ok(())
}

fn vocabulary(key: &str, reasons: &[Reason]) -> Checked {
    let mut codes = BTreeSet::new();
    for (index, reason) in reasons.iter().enumerate() {
        let key = format!("{key}[{index}]");
        form(&format!("{key}.code"), ReasonCode::parse(reason.code.as_str()))?;
        once(&mut codes, &format!("{key}.code"), reason.code.as_str())?;
        words(&format!("{key}.name"), &reason.name)?;
    }
    Ok(())
}

fn words(key: &str, text: &LocalText) -> Checked {
    for (language, words) in [("ru", &text.ru), ("en", &text.en)] {
        if words.trim().is_empty() {
            return wrong(format!("{key}.{language}"), "must not be empty");
        }
    }
    Ok(())
}

fn known(key: &str, services: &BTreeSet<&str>, named: &[ServiceId]) -> Checked {
    match named.iter().find(|it| !services.contains(it.as_str())) {
        Some(stranger) => wrong(key.into(), format!("`{stranger}` is not a service of this file")),
        None => Ok(()),
    }
}

fn once<'a>(seen: &mut BTreeSet<&'a str>, key: &str, name: &'a str) -> Checked {
    if seen.insert(name) { Ok(()) } else { wrong(key.into(), format!("`{name}` is there twice")) }
}

fn some<T>(key: &str, things: &[T]) -> Checked {
    if things.is_empty() { wrong(key.into(), "must not be empty") } else { Ok(()) }
}

fn form<T>(key: &str, parsed: Result<T, MalformedId>) -> Checked {
    parsed.map(drop).or_else(|error| wrong(key.into(), error.to_string()))
}

fn wrong(key: String, fault: impl Into<String>) -> Checked {
    Err(CatalogueError::Wrong { key, fault: fault.into() })
}
