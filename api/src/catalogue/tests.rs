use std::sync::Arc;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use talon_core::{
    branch::{self, Branch},
    dispatch::Dispatch,
    event_store::EventStore,
    fact::Actor,
    ids::{BranchId, ServiceId},
    organisation::{self, Organisation},
    time::Clock,
};
use talon_storage::{Access, Storage, StoreUrl};

use super::{Applied, Catalogue, CatalogueError};
use crate::demo::{CATALOGUE, clock::LeapingClock};

/// The demo's file with one place spelt differently.
fn changed(from: &str, to: &str) -> String {
    assert!(CATALOGUE.contains(from), "the demo's catalogue has no `{from}`");
    CATALOGUE.replacen(from, to, 1)
}

#[track_caller]
fn fault(from: &str, to: &str) -> CatalogueError {
    Catalogue::parse(&changed(from, to)).expect_err("a fault was built in")
}

#[track_caller]
fn wrong_key(from: &str, to: &str) -> String {
    match fault(from, to) {
        CatalogueError::Wrong { key, .. } => key,
        other => panic!("another fault: {other}"),
    }
}

#[test]
fn the_demo_has_eight_groups_with_letters_of_their_own_and_six_windows() {
    let catalogue = Catalogue::parse(CATALOGUE).unwrap();
    let mut letters: Vec<char> = catalogue.groups.iter().map(|it| it.letter).collect();
    letters.sort_unstable();
    letters.dedup();
    assert_eq!(letters.len(), 8);
    assert_eq!(catalogue.branches[0].settings.windows.len(), 6);
    assert_eq!(catalogue.services().count(), 18);
}

#[test]
fn a_missing_value_is_named_with_its_line() {
    let CatalogueError::Unreadable { line, key, fault } = fault("norm_s = 90\n", "") else {
        panic!("another fault")
    };
    assert_eq!(key, "group[0].service[0]");
    assert!(fault.contains("norm_s"), "{fault}");
    assert!(line > 5);
}

#[test]
fn a_value_of_another_form_is_named() {
    let CatalogueError::Unreadable { key, line, .. } = fault("norm_s = 140", "norm_s = \"long\"") else {
        panic!("another fault")
    };
    assert_eq!(key, "group[0].service[1].norm_s");
    let expected = CATALOGUE[..CATALOGUE.find("norm_s = 140").unwrap()].lines().count() + 1;
    assert_eq!(line, expected);
}

#[test]
fn a_misspelt_key_is_not_passed_over() {
    let error = fault("ticker]", "tikcer]");
    assert_eq!(error, CatalogueError::UnknownKey { key: "branch.0.settings.tikcer".into() });
}

#[test]
fn a_text_that_is_not_toml_is_named_by_its_line() {
    assert!(matches!(Catalogue::parse("[organisation\n"), Err(CatalogueError::Unreadable { line: 1, .. })));
}

#[test]
fn what_makes_no_sense_is_named_by_its_key() {
    for (from, to, key) in [
        ("letter = \"В\"", "letter = \"B\"", "group[1].letter"),
        ("id = \"transfer-send\"", "id = \"letter-send\"", "group[1].service[0].id"),
        ("id = \"letter-send\"", "id = \"письмо\"", "group[0].service[0].id"),
        ("norm_s = 90", "norm_s = 0", "group[0].service[0].norm_s"),
        ("p80_s = 130", "p80_s = 13", "group[0].service[0].p80_s"),
        ("ru = \"Отправить перевод\"", "ru = \" \"", "group[1].service[0].name.ru"),
        ("id = \"standard\"", "id = \"ordinary\"", "class"),
        ("service = \"pension-payout\"", "service = \"pension\"", "target[0].service"),
        ("class = \"privileged\"", "class = \"lucky\"", "target[0].class"),
        ("{ code = \"done\"", "{ code = \"DONE\"", "reasons.outcome[0].code"),
        ("{ code = \"lunch\"", "{ code = \"rest\"", "reasons.pause[1].code"),
        ("skills = [\n  \"letter-send\"", "skills = [\n  \"letters\"", "position[0].skills"),
        ("Europe/Moscow", "Europe/Moskow", "branch[0].settings.time_zone"),
        ("languages = [\"ru\", \"en\"]", "languages = [\"ru\", \"ru\"]", "branch[0].settings.languages[1]"),
        ("id = \"w2\"", "id = \"w1\"", "branch[0].settings.windows[1].id"),
        ("label = \"3\"", "label = \"2\"", "branch[0].settings.windows[2].label"),
        (
            "{ opens = \"04:00\", closes = \"04:00\" }",
            "{ opens = \"09:00\", closes = \"08:00\" }",
            "branch[0].settings.hours.week[0][0]",
        ),
        (
            "{ opens = \"04:00\", closes = \"04:00\" }",
            "{ opens = \"09:00\", closes = \"14:00\" }, { opens = \"13:00\", closes = \"18:00\" }",
            "branch[0].settings.hours.week[0][1]",
        ),
        ("id = \"centre\"", "id = \"Centre\"", "branch[0].id"),
    ] {
        assert_eq!(wrong_key(from, to), key, "{to}");
    }
}

struct House {
    _storage: Storage,
    store: Arc<dyn EventStore>,
    organisation: Dispatch<Organisation>,
    branches: Dispatch<Branch>,
}

async fn house() -> House {
    let storage = Storage::open(&StoreUrl::Memory, Access::Owner, None).await.unwrap();
    let store = storage.events.clone();
    let clock: Arc<dyn Clock> =
        Arc::new(LeapingClock::at("2026-11-20T12:00:00Z".parse().unwrap(), ChaCha8Rng::seed_from_u64(1)));
    House {
        _storage: storage,
        organisation: Dispatch::new(store.clone(), clock.clone()),
        branches: Dispatch::new(store.clone(), clock),
        store,
    }
}

impl House {
    async fn apply(&self, text: &str) -> Applied {
        let catalogue = Catalogue::parse(text).unwrap();
        let applied =
            catalogue.apply(self.store.as_ref(), &self.organisation, &self.branches, &Actor::system()).await;
        applied.unwrap()
    }

    async fn events(&self) -> usize {
        self.store.read_all(0, 10_000).await.unwrap().len()
    }

    async fn norm_of(&self, service: &str) -> u32 {
        let id = ServiceId::trusted(service);
        let view = |it: &Organisation| it.current_services().find(|it| it.id == id).map(|it| it.norm_s);
        self.organisation.read(&organisation::stream(), view).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn applied_twice_a_catalogue_writes_nothing_the_second_time() {
    let house = house().await;
    let first = house.apply(CATALOGUE).await;
    let written = house.events().await;
    assert_eq!(first.changes, written);
    assert_eq!(house.apply(CATALOGUE).await, Applied { changes: 0 });
    assert_eq!(house.events().await, written);
}

#[tokio::test]
async fn an_applied_catalogue_makes_a_branch_that_can_open() {
    let house = house().await;
    house.apply(CATALOGUE).await;
    let id = BranchId::trusted("centre");
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    let organisation = house.organisation.read(&organisation::stream(), Organisation::clone).await.unwrap();
    let branch = house.branches.read(&branch::stream(&id), Branch::clone).await.unwrap();
    assert!(organisation.branches.contains_key(&id));
    let day = branch::day_settings(&organisation, &branch, branch.business_day_at(now), now).unwrap();
    assert_eq!(day.services.len(), 18);
    assert_eq!(day.windows.len(), 6);
    // Round the clock: the one interval begins where the business day does and ends with it.
    assert_eq!(day.intervals.len(), 1);
    assert_eq!((day.intervals[0].closes - day.intervals[0].opens).num_hours(), 24);
    assert_eq!(day.intervals[0].closes, day.ends_at);
}

#[tokio::test]
async fn a_catalogue_that_goes_back_to_an_earlier_wording_is_applied() {
    let house = house().await;
    house.apply(CATALOGUE).await;
    let other = changed("norm_s = 90", "norm_s = 95");
    for (text, norm) in [(other.as_str(), 95), (CATALOGUE, 90), (&other, 95), (CATALOGUE, 90)] {
        assert_eq!(house.apply(text).await.changes, 1);
        assert_eq!(house.norm_of("letter-send").await, norm);
    }
}

#[tokio::test]
async fn what_a_file_leaves_out_stays() {
    let house = house().await;
    house.apply(CATALOGUE).await;
    let packaging = CATALOGUE.find("[[group.service]]\nid = \"packaging\"").unwrap();
    let end = packaging + CATALOGUE[packaging..].find("[[group]]").unwrap();
    let without = format!("{}{}", &CATALOGUE[..packaging], &CATALOGUE[end..]);
    let without = without.replace("\"packaging\",", "").replace(", \"packaging\"", "");
    // The positions and windows that could pack are told anew; the service itself stays.
    house.apply(&without).await;
    assert_eq!(house.norm_of("packaging").await, 50);
}
