//! A small post office on one morning: three windows, two operators with a head, five services in three groups.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    fact::{Actor, ActorKind},
    ids::{ClassId, GroupId, OperatorId, ReasonCode, ServiceId, TicketId, WindowId},
    queue_day::{
        command::{Action, AtWindow, IssueTicket, TransferTicket},
        event::Channel,
    },
    settings::{
        BranchSettings, CallingRules, Class, DaySettings, DayTimes, Hours, Interval, LocalInterval, Policy,
        Quotas, Reason, Reasons, Service, ServiceGroup, Window,
    },
    text::LocalText,
};

/// Nine in the morning in Moscow on the sample day.
pub const NINE_OCLOCK: DateTime<Utc> = match NaiveDate::from_ymd_opt(2026, 11, 20) {
    Some(date) => match date.and_hms_opt(6, 0, 0) {
        Some(time) => time.and_utc(),
        None => DateTime::UNIX_EPOCH,
    },
    None => DateTime::UNIX_EPOCH,
};

pub const WINDOW_1: &str = "w1";
pub const WINDOW_2: &str = "w2";
/// Gives parcels only.
pub const WINDOW_3: &str = "w3";

pub const LETTERS: &str = "letters";
pub const STAMPS: &str = "stamps";
pub const PARCELS: &str = "parcels";
pub const PENSIONS: &str = "pensions";
/// A long service.
pub const LEGAL: &str = "legal";

#[must_use]
pub fn window(id: &str) -> WindowId {
    WindowId::trusted(id)
}

#[must_use]
pub fn service(id: &str) -> ServiceId {
    ServiceId::trusted(id)
}

#[must_use]
pub fn class(id: &str) -> ClassId {
    ClassId::trusted(id)
}

#[must_use]
pub fn reason(code: &str) -> ReasonCode {
    ReasonCode::trusted(code)
}

#[must_use]
pub fn ticket(n: u128) -> TicketId {
    TicketId(Uuid::from_u128(0xa11c_0000_0000_0000_0000 + n))
}

fn staff(id: &str, role: &str) -> Actor {
    Actor { kind: ActorKind::Staff, id: id.into(), role: role.into(), session: None, window: None }
}

#[must_use]
pub fn anna() -> Actor {
    staff("anna", "operator")
}

#[must_use]
pub fn boris() -> Actor {
    staff("boris", "operator")
}

#[must_use]
pub fn head() -> Actor {
    staff("vera", "head")
}

#[must_use]
pub fn kiosk() -> Actor {
    Actor { kind: ActorKind::Device, role: "device".into(), ..staff("kiosk-1", "") }
}

/// The sample day: open from 9 to 18 in Moscow with a break from 13 to 14.
#[must_use]
pub fn settings() -> DaySettings {
    let hour = |hour: i64| NINE_OCLOCK + TimeDelta::hours(hour - 9);
    DaySettings {
        catalogue: 0,
        version: 1,
        time_zone: "Europe/Moscow".into(),
        policy: Policy::Edd,
        groups: vec![group("post", 'А'), group("money", 'В'), group("law", 'Е')],
        services: vec![
            of_group(LETTERS, "post", 300),
            of_group(STAMPS, "post", 60),
            of_group(PARCELS, "post", 240),
            of_group(PENSIONS, "money", 180),
            Service { long: true, ..of_group(LEGAL, "law", 1200) },
        ],
        classes: vec![
            of_people("standard", 900, true),
            of_people("privileged", 420, true),
            of_people("booking", 300, false),
            Class { emergency: true, ..of_people("emergency", 0, false) },
        ],
        targets: Vec::new(),
        reasons: Reasons {
            outcome: words(&["done", "partly"]),
            park: words(&["form"]),
            refuse: words(&["no_document"]),
            pick: words(&["quick_question"]),
            pause: words(&["tea"]),
            priority: words(&["veteran", "ambulance"]),
            cancel: words(&["left"]),
        },
        windows: vec![of_hall(WINDOW_1, &[]), of_hall(WINDOW_2, &[]), of_hall(WINDOW_3, &[PARCELS])],
        intervals: vec![
            Interval { opens: hour(9), closes: hour(13) },
            Interval { opens: hour(14), closes: hour(18) },
        ],
        ends_at: hour(24),
        calling: CallingRules::default(),
        times: DayTimes::default(),
        quotas: Quotas { day: None, services: BTreeMap::new() },
    }
}

/// The branch behind the sample day: weekdays from 9 to 13 and from 14 to 18.
#[must_use]
pub fn branch_settings() -> BranchSettings {
    let day = settings();
    let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    let weekday =
        vec![LocalInterval { opens: at(9), closes: at(13) }, LocalInterval { opens: at(14), closes: at(18) }];
    let week = std::array::from_fn(|day| if day < 5 { weekday.clone() } else { Vec::new() });
    BranchSettings {
        name: LocalText::new("Центр", "Centre"),
        address: None,
        location: None,
        postal_code: None,
        phone: None,
        time_zone: day.time_zone,
        public: true,
        languages: vec!["ru".into(), "en".into()],
        ticker: None,
        windows: day.windows,
        without: Vec::new(),
        hours: Hours { week, exceptions: BTreeMap::new() },
        day_starts_at: NaiveTime::MIN,
        policy: day.policy,
        calling: day.calling,
        times: day.times,
        quotas: day.quotas,
    }
}

fn text(word: &str) -> LocalText {
    LocalText::new(word, word)
}

fn group(id: &str, letter: char) -> ServiceGroup {
    ServiceGroup { id: GroupId::trusted(id), name: text(id), letter, icon: None }
}

fn of_group(id: &str, group: &str, norm_s: u32) -> Service {
    Service {
        id: service(id),
        group: GroupId::trusted(group),
        name: text(id),
        norm_s,
        p80_s: norm_s * 3 / 2,
        target_s: None,
        long: false,
    }
}

fn of_people(id: &str, target_s: u32, self_service: bool) -> Class {
    Class { id: class(id), name: text(id), target_s, self_service, emergency: false, reasons: Vec::new() }
}

fn of_hall(id: &str, services: &[&str]) -> Window {
    Window {
        id: window(id),
        label: id.trim_start_matches('w').into(),
        services: services.iter().map(|it| service(it)).collect(),
    }
}

fn words(codes: &[&str]) -> Vec<Reason> {
    codes.iter().map(|code| Reason { code: reason(code), name: text(code) }).collect()
}

/// All the sample's services.
#[must_use]
pub fn every_skill() -> Vec<ServiceId> {
    [LETTERS, STAMPS, PARCELS, PENSIONS, LEGAL].map(service).to_vec()
}

#[must_use]
pub fn at_window(actor: &Actor, at: &str) -> AtWindow {
    AtWindow {
        window: window(at),
        operator: OperatorId::trusted(&actor.id),
        skills: every_skill(),
        services: None,
    }
}

/// An operator with every skill sits down at a window.
#[must_use]
pub fn opens(actor: Actor, at: &str) -> (Actor, Action) {
    let action = Action::OpenWindow(at_window(&actor, at));
    (actor, action)
}

/// What a walk-in asks the kiosk for.
#[must_use]
pub fn wanted(n: u128, services: &[&str]) -> IssueTicket {
    IssueTicket {
        ticket: ticket(n),
        services: services.iter().map(|it| service(it)).collect(),
        class: class("standard"),
        class_reason: None,
        channel: Channel::Kiosk,
        remote: false,
        party_size: 1,
        language: Some("ru".into()),
        booking_id: None,
        slot_start: None,
        customer_ref: None,
        kiosk: None,
        not_before: None,
        quote: None,
    }
}

/// The n-th sample customer takes a ticket for one service.
#[must_use]
pub fn takes(n: u128, service: &str) -> (Actor, Action) {
    (kiosk(), Action::IssueTicket(wanted(n, &[service])))
}

#[must_use]
pub fn takes_as(n: u128, service: &str, of: &str) -> (Actor, Action) {
    (kiosk(), Action::IssueTicket(IssueTicket { class: class(of), ..wanted(n, &[service]) }))
}

#[must_use]
pub fn calls_next(actor: Actor, at: &str) -> (Actor, Action) {
    (actor, Action::CallNext { window: window(at) })
}

#[must_use]
pub fn starts(actor: Actor, n: u128) -> (Actor, Action) {
    (actor, Action::StartService { ticket: ticket(n) })
}

#[must_use]
pub fn completes(actor: Actor, n: u128) -> (Actor, Action) {
    (actor, Action::CompleteService { ticket: ticket(n), outcome: None, quantity: 1 })
}

/// A transfer that names nothing yet.
#[must_use]
pub fn transfer(n: u128) -> TransferTicket {
    TransferTicket {
        ticket: ticket(n),
        to_service: None,
        to_window: None,
        to_operator: None,
        placement: None,
    }
}
