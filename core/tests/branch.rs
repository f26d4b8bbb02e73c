//! A branch's settings: versions, effect times, validity, and the hours they mean.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use talon_core::{
    branch::{
        Branch, Timed,
        command::{Action, PublishSettings},
        day_settings,
        event::ServiceTime,
    },
    ids::WindowId,
    organisation::{self, Organisation},
    refusal::Refusal,
    settings::{
        BranchSettings, LocalInterval, Location, Window,
        fault::{Fault, FaultAt},
    },
    testing::{
        asked::Asked,
        samples::{LEGAL, LETTERS, NINE_OCLOCK, branch_settings, service, settings},
    },
};

fn publish(settings: BranchSettings, expected_version: u64) -> Action {
    publish_from(settings, expected_version, None)
}

fn publish_from(settings: BranchSettings, expected_version: u64, from: Option<DateTime<Utc>>) -> Action {
    Action::PublishSettings(PublishSettings {
        settings: Box::new(settings),
        effective_from: from,
        catalogue: Some(
            talon_core::testing::samples::settings().services.into_iter().map(|it| it.id).collect(),
        ),
        expected_version,
    })
}

/// Published on the Tuesday before the sample day.
fn published(settings: BranchSettings) -> Asked<Branch> {
    Asked::at(NINE_OCLOCK - TimeDelta::days(3)).after(publish(settings, 0))
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn hours(opens: &str, closes: &str) -> LocalInterval {
    let time = |text: &str| text.parse::<NaiveTime>().expect("a time");
    LocalInterval { opens: time(opens), closes: time(closes) }
}

/// Open at the same hours every day of the week.
fn daily(zone: &str, intervals: &[LocalInterval]) -> BranchSettings {
    let mut settings = branch_settings();
    settings.time_zone = zone.into();
    settings.hours.week = std::array::from_fn(|_| intervals.to_vec());
    settings
}

fn catalogue() -> Organisation {
    let day = settings();
    let mut asked = Asked::<Organisation>::default();
    for group in day.groups {
        asked = asked.after(organisation::command::Action::DefineGroup { group });
    }
    for service in day.services {
        asked = asked.after(organisation::command::Action::DefineService { service });
    }
    asked.after(organisation::command::Action::DefineReasons { reasons: day.reasons }).state
}

#[test]
fn settings_are_published_in_versions_and_only_over_the_one_their_author_saw() {
    let first = published(branch_settings());
    assert_eq!(first.state.version(), 1);
    first.refuses(publish(branch_settings(), 0), Refusal::SettingsMoved { version: 1 });
    let second = first.after(publish(branch_settings(), 1));
    assert_eq!(second.state.version(), 2);
    second.refuses(publish(branch_settings(), 1), Refusal::SettingsMoved { version: 2 });
}

#[test]
fn settings_take_effect_at_their_time_and_the_newest_of_them_counts() {
    let tomorrow = NINE_OCLOCK + TimeDelta::days(1);
    let two = published(branch_settings()).after(publish_from(branch_settings(), 1, Some(tomorrow)));
    let at = |branch: &Branch, now| branch.in_force(now).map(|it| it.version);
    assert_eq!(at(&two.state, NINE_OCLOCK), Some(1));
    assert_eq!(at(&two.state, tomorrow), Some(2));
    assert_eq!(two.state.next_due(tomorrow - TimeDelta::hours(1)), Some(tomorrow));
    // A later publication in force at once outlives the earlier one's time.
    let three = two.after(publish(branch_settings(), 2));
    assert_eq!((at(&three.state, NINE_OCLOCK), at(&three.state, tomorrow)), (Some(3), Some(3)));
    let never = Asked::<Branch>::default().state;
    assert_eq!((never.version(), never.in_force(tomorrow)), (0, None));
    let past = publish_from(branch_settings(), 0, Some(NINE_OCLOCK - TimeDelta::days(1)));
    let clamped = Asked::<Branch>::default().after(past).state;
    assert_eq!(clamped.in_force(NINE_OCLOCK).map(|it| it.effective_from), Some(NINE_OCLOCK));
    let in_years = publish_from(branch_settings(), 0, Some(NINE_OCLOCK + TimeDelta::days(800)));
    Asked::<Branch>::default().refuses(in_years, Refusal::Malformed { what: "effectiveFrom" });
}

#[test]
fn settings_that_make_no_sense_are_not_published() {
    let no = |change: &dyn Fn(&mut BranchSettings), path: &str, fault: Fault| {
        let mut settings = branch_settings();
        change(&mut settings);
        let faults = vec![FaultAt::new(path, fault)];
        Asked::<Branch>::default().refuses(publish(settings, 0), Refusal::WrongSettings { faults });
    };
    let window = |id: &str, label: &str| Window {
        id: WindowId::trusted(id),
        label: label.into(),
        services: Vec::new(),
    };
    no(&|it| it.time_zone = "Mars/Olympus".into(), "time_zone", Fault::Unknown);
    no(&|it| it.name.en.clear(), "name.en", Fault::Empty);
    no(&|it| it.address = Some("а".repeat(201)), "address", Fault::TooLong);
    no(&|it| it.languages.clear(), "languages", Fault::Empty);
    no(&|it| it.languages = vec!["ru".into(), "ru".into()], "languages[1]", Fault::Repeated);
    no(&|it| it.languages = vec!["fr".into()], "languages[0]", Fault::Unknown);
    no(&|it| it.windows.clear(), "windows", Fault::Empty);
    no(&|it| it.windows[0] = window("окно 1", "1"), "windows[0].id", Fault::WrongForm);
    no(&|it| it.windows[0] = window("w1", " "), "windows[0].label", Fault::Empty);
    no(&|it| it.windows[1] = window("w1", "7"), "windows[1].id", Fault::Repeated);
    no(&|it| it.windows[1] = window("w7", "1"), "windows[1].label", Fault::Repeated);
    let stranger = || service("never-heard-of");
    no(&|it| it.windows[1].services = vec![stranger()], "windows[1].services[0]", Fault::Unknown);
    no(&|it| it.without = vec![service(LEGAL); 2], "without[1]", Fault::Repeated);
    no(
        &|it| {
            it.quotas.services.insert(stranger(), 5);
        },
        "quotas.services.never-heard-of",
        Fault::Unknown,
    );
    for odd in [hours("18:00:00", "09:00:00"), hours("09:00:00", "09:00:00")] {
        no(&|it| it.hours.week[0] = vec![odd], "hours.week[0][0]", Fault::OutOfOrder);
    }
    let overlapping = || vec![hours("09:00:00", "14:00:00"), hours("13:00:00", "18:00:00")];
    no(&|it| it.hours.week[6] = overlapping(), "hours.week[6][1]", Fault::OutOfOrder);
    no(
        &|it| {
            it.hours.exceptions.insert(date("2026-12-31"), overlapping());
        },
        "hours.exceptions.2026-12-31[1]",
        Fault::OutOfOrder,
    );
    no(&|it| it.calling.no_show_after_calls = 4, "calling.no_show_after_calls", Fault::OutOfRange);
    no(&|it| it.calling.grace_s = 100_000, "calling.grace_s", Fault::OutOfRange);
    no(&|it| it.times.close_after_s = 100_000, "times.close_after_s", Fault::OutOfRange);
    let ticker = talon_core::text::LocalText::new(&"а".repeat(501), "a");
    no(&|it| it.ticker = Some(ticker.clone()), "ticker.ru", Fault::TooLong);
}

#[test]
fn every_fault_of_settings_is_told_at_once() {
    let mut settings = branch_settings();
    settings.calling.max_calls = 0;
    settings.name.ru = " ".into();
    let faults = ["name.ru", "calling.max_calls", "calling.no_show_after_calls"]
        .into_iter()
        .zip([Fault::Empty, Fault::OutOfRange, Fault::OutOfRange])
        .map(|(path, fault)| FaultAt::new(path, fault))
        .collect();
    Asked::<Branch>::default().refuses(publish(settings, 0), Refusal::WrongSettings { faults });
}

#[test]
fn a_version_says_who_published_it_and_when() {
    let branch = published(branch_settings()).state;
    let first = branch.published.first().expect("a version");
    assert_eq!((first.at, first.by.id.as_str()), (NINE_OCLOCK - TimeDelta::days(3), "talon"));
}

#[test]
fn a_day_is_given_everything_it_decides_by() {
    let mut own = branch_settings();
    own.without = vec![service(LEGAL)];
    let branch = published(own).after(Action::LearnServiceTimes {
        times: vec![ServiceTime { service: service(LETTERS), mean_s: 111, p80_s: 222, samples: 40 }],
    });
    let date = date("2026-11-20");
    let day = day_settings(&catalogue(), &branch.state, date, NINE_OCLOCK).expect("settings in force");
    let expected = settings();
    assert_eq!(day.version, 1);
    assert_eq!(day.intervals, expected.intervals);
    assert_eq!(day.ends_at, expected.ends_at);
    assert_eq!(day.service(&service(LEGAL)), None, "not given here");
    let groups: Vec<char> = day.groups.iter().map(|it| it.letter).collect();
    assert_eq!(groups, ['А', 'В'], "a group without services is not shown");
    let letters = day.service(&service(LETTERS)).expect("given here");
    assert_eq!((letters.norm_s, letters.p80_s), (111, 222), "its own times instead of the norm");
    assert_eq!((day.classes.len(), day.windows.len()), (4, 3));
    assert_eq!(day.reasons, expected.reasons);
    assert_eq!(day_settings(&catalogue(), &Branch::default(), date, NINE_OCLOCK), None);
}

#[test]
fn learnt_times_are_kept_by_service_and_must_be_possible() {
    let learn = |mean_s, p80_s| Action::LearnServiceTimes {
        times: vec![ServiceTime { service: service(LETTERS), mean_s, p80_s, samples: 9 }],
    };
    let known = Asked::<Branch>::default().after(learn(100, 150));
    known.has_nothing_to_add(learn(100, 150));
    assert_eq!(known.clone().after(learn(120, 160)).state.learnt[&service(LETTERS)].mean_s, 120);
    for odd in [learn(0, 10), learn(20, 10), learn(10, 100_000)] {
        known.refuses(odd, Refusal::Malformed { what: "times" });
    }
}

#[test]
fn hours_follow_the_week_and_its_exceptions() {
    let mut own = branch_settings();
    own.hours.exceptions.insert(date("2026-11-23"), Vec::new());
    own.hours.exceptions.insert(date("2026-11-28"), vec![hours("10:00:00", "00:00:00")]);
    let branch = published(own).state;
    let on = |text| branch.hours_on(date(text), NINE_OCLOCK);
    assert_eq!(on("2026-11-20").len(), 2, "Friday");
    assert_eq!(on("2026-11-21"), [], "Saturday");
    assert_eq!(on("2026-11-23"), [], "a Monday off");
    let [late] = on("2026-11-28").as_slice().to_vec()[..] else { panic!("one interval") };
    assert_eq!((late.opens, late.closes), (utc("2026-11-28T07:00:00Z"), utc("2026-11-28T21:00:00Z")));
}

#[test]
fn the_next_opening_is_found_over_breaks_nights_weekends_and_holidays() {
    let mut own = branch_settings();
    own.hours.exceptions.insert(date("2026-11-23"), Vec::new());
    let branch = published(own).state;
    let next = |text| branch.next_opening(utc(text));
    assert_eq!(next("2026-11-20T05:00:00Z"), Some(utc("2026-11-20T06:00:00Z")));
    assert_eq!(next("2026-11-20T06:00:00Z"), Some(utc("2026-11-20T11:00:00Z")), "after the break");
    assert_eq!(next("2026-11-20T16:00:00Z"), Some(utc("2026-11-24T06:00:00Z")), "Tuesday");
    let mut shut = branch_settings();
    shut.hours.week = Default::default();
    assert_eq!(published(shut).state.next_opening(NINE_OCLOCK), None);
}

#[test]
fn summer_time_moves_the_hours_with_the_wall_clock() {
    let branch = published(daily("Europe/Berlin", &[hours("01:30:00", "02:30:00")])).state;
    // Three o'clock becomes two: the first half past two counts.
    let [autumn] = branch.hours_on(date("2026-10-25"), NINE_OCLOCK)[..] else { panic!("one interval") };
    assert_eq!((autumn.opens, autumn.closes), (utc("2026-10-24T23:30:00Z"), utc("2026-10-25T00:30:00Z")));
    // Two becomes three: half past two is three.
    let [spring] = branch.hours_on(date("2027-03-28"), NINE_OCLOCK)[..] else { panic!("one interval") };
    assert_eq!((spring.opens, spring.closes), (utc("2027-03-28T00:30:00Z"), utc("2027-03-28T01:00:00Z")));
}

#[test]
fn a_branch_open_at_night_keeps_its_day_until_it_ends() {
    let mut own = daily("Europe/Moscow", &[hours("20:00:00", "02:00:00")]);
    own.day_starts_at = "06:00:00".parse().expect("a time");
    let branch = published(own).state;
    let later = NINE_OCLOCK;
    assert_eq!(branch.business_day_at(later + TimeDelta::hours(16)), date("2026-11-20"), "one at night");
    assert_eq!(
        branch.business_day_at(later + TimeDelta::hours(21)),
        date("2026-11-21"),
        "six in the morning"
    );
    let [night] = branch.hours_on(date("2026-11-20"), later)[..] else { panic!("one interval") };
    assert_eq!((night.opens, night.closes), (utc("2026-11-20T17:00:00Z"), utc("2026-11-20T23:00:00Z")));
    let day = day_settings(&Organisation::default(), &branch, date("2026-11-20"), later).expect("in force");
    assert_eq!(day.ends_at, utc("2026-11-21T03:00:00Z"));
}

#[test]
fn a_branch_that_never_closes_takes_people_in_until_its_day_ends() {
    let intake = |settings: BranchSettings, on: &str| {
        let branch = published(settings);
        let day = day_settings(&catalogue(), &branch.state, date(on), NINE_OCLOCK).expect("published");
        day.times.intake_ends_before_close_s
    };
    let mut round_the_clock = daily("Europe/Moscow", &[hours("00:00", "00:00")]);
    assert_eq!(intake(round_the_clock.clone(), "2026-11-20"), 0);
    round_the_clock.hours.exceptions.insert(date("2026-11-21"), Vec::new());
    assert_eq!(intake(round_the_clock, "2026-11-20"), 600, "before a holiday it closes like any other");
    assert_eq!(intake(daily("Europe/Moscow", &[hours("06:00", "00:00")]), "2026-11-20"), 600);
}

#[test]
fn a_branch_that_never_published_has_the_day_of_utc_and_nothing_due() {
    let branch = Branch::default();
    assert_eq!(branch.business_day_at(utc("2026-11-20T23:30:00Z")), date("2026-11-20"));
    assert_eq!((branch.due(NINE_OCLOCK), branch.next_due(NINE_OCLOCK)), (Vec::new(), None));
}

#[test]
fn a_day_is_opened_half_an_hour_before_its_hours_and_not_after_them() {
    let branch = published(branch_settings()).state;
    let opens = |now| {
        branch
            .due(now)
            .into_iter()
            .filter_map(|(_, it)| match it {
                Timed::OpenDay { date } => Some(date),
                Timed::AdoptSettings { .. } => None,
            })
            .collect::<Vec<_>>()
    };
    let half_past_eight = NINE_OCLOCK - TimeDelta::minutes(30);
    assert_eq!(opens(half_past_eight - TimeDelta::seconds(1)), []);
    assert_eq!(opens(half_past_eight), [date("2026-11-20")]);
    assert_eq!(opens(NINE_OCLOCK + TimeDelta::hours(9) - TimeDelta::seconds(1)), [date("2026-11-20")]);
    assert_eq!(opens(NINE_OCLOCK + TimeDelta::hours(9)), []);
    assert_eq!(branch.next_due(half_past_eight - TimeDelta::hours(1)), Some(half_past_eight));
    // After Friday's opening comes Monday's.
    assert_eq!(branch.next_due(half_past_eight), Some(half_past_eight + TimeDelta::days(3)));
    assert_eq!(
        branch.due(half_past_eight),
        branch.due(half_past_eight + TimeDelta::hours(1)),
        "the same ids"
    );
}

#[test]
fn a_day_that_begins_with_its_date_is_opened_the_evening_before() {
    let asked = published(daily("Europe/Moscow", &[hours("00:00:00", "12:00:00")]));
    let evening = utc("2026-11-19T20:30:00Z");
    let due: Vec<Timed> = asked.state.due(evening).into_iter().map(|(_, it)| it).collect();
    assert_eq!(due, [Timed::OpenDay { date: date("2026-11-20") }]);
    assert_eq!(asked.state.next_due(evening - TimeDelta::hours(1)), Some(evening));
}

#[test]
fn settings_that_took_effect_today_are_adopted_by_the_open_day() {
    let noon = NINE_OCLOCK + TimeDelta::hours(3);
    let branch = published(branch_settings()).after(publish_from(branch_settings(), 1, Some(noon))).state;
    let adopts = |now| branch.due(now).into_iter().any(|(_, it)| matches!(it, Timed::AdoptSettings { .. }));
    assert!(!adopts(noon - TimeDelta::seconds(1)));
    assert!(adopts(noon));
    assert!(!adopts(noon + TimeDelta::days(1)), "that day opens with them");
}

#[test]
fn a_branch_is_found_by_place_postal_code_and_phone_and_each_must_make_sense() {
    let found = |place: (i32, i32), code: &str, phone: &str| BranchSettings {
        location: Some(Location { latitude_e6: place.0, longitude_e6: place.1 }),
        postal_code: Some(code.into()),
        phone: Some(phone.into()),
        ..branch_settings()
    };
    published(found((55_757_930, 37_611_430), "125009", "+7 (495) 000-00-01"));
    published(found((-90_000_000, 180_000_000), "SW1A 1AA", "112"));
    let nothing = Asked::<Branch>::at(NINE_OCLOCK);
    let wrong = [
        (found((90_000_001, 0), "125009", "112"), "location", Fault::OutOfRange),
        (found((0, i32::MIN), "125009", "112"), "location", Fault::OutOfRange),
        (found((0, 0), " ", "112"), "postal_code", Fault::Empty),
        (found((0, 0), "1250091250091", "112"), "postal_code", Fault::TooLong),
        (found((0, 0), "12<50", "112"), "postal_code", Fault::WrongForm),
        (found((0, 0), "125009", "11"), "phone", Fault::WrongForm),
        (found((0, 0), "125009", "8 800 call me"), "phone", Fault::WrongForm),
    ];
    for (settings, path, fault) in wrong {
        let faults = vec![FaultAt::new(path, fault)];
        nothing.refuses(publish(settings, 0), Refusal::WrongSettings { faults });
    }
}
