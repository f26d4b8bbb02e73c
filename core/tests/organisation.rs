//! The organisation's catalogue: what is accepted, what is refused, what is so already.

use talon_core::{
    ids::{BranchId, GroupId, OperatorId, RoleCode},
    organisation::{
        Organisation,
        command::{Action, Seen},
        event::{BranchMoved, RoleShape},
    },
    queue_event::{Event, OrganisationEvent},
    refusal::Refusal,
    settings::{Class, Reason, Reasons, Service, ServiceGroup, Target},
    testing::{
        asked::Asked,
        samples::{LEGAL, LETTERS, class, reason, service, settings},
    },
    text::LocalText,
};

fn text(word: &str) -> LocalText {
    LocalText::new(word, word)
}

fn group(id: &str, letter: char) -> ServiceGroup {
    ServiceGroup { id: GroupId::trusted(id), name: text(id), letter, icon: None }
}

fn letters() -> Service {
    settings().services.remove(0)
}

fn with_a_group() -> Asked<Organisation> {
    Asked::default().after(Action::DefineGroup { group: group("post", 'А') })
}

fn with_a_service() -> Asked<Organisation> {
    with_a_group().after(Action::DefineService { service: letters() })
}

fn malformed(what: &'static str) -> Refusal {
    Refusal::Malformed { what }
}

#[test]
fn it_has_a_name_in_both_languages() {
    let named = Asked::<Organisation>::default().after(Action::Name { name: text("Почта") });
    assert_eq!(named.state.name, text("Почта"));
    named.has_nothing_to_add(Action::Name { name: text("Почта") });
    named.refuses(Action::Name { name: LocalText::new("Почта", " ") }, malformed("name"));
    named.refuses(Action::Name { name: text(&"а".repeat(201)) }, malformed("name"));
}

#[test]
fn a_group_has_a_letter_that_reads_alike_in_both_alphabets() {
    with_a_group().has_nothing_to_add(Action::DefineGroup { group: group("post", 'А') });
    let moved = with_a_group().after(Action::DefineGroup { group: group("post", 'Х') });
    assert_eq!(moved.state.groups, [group("post", 'Х')]);
    // The second is the Latin twin.
    for letter in ['Ж', 'A', '1'] {
        let odd = Action::DefineGroup { group: group("post", letter) };
        with_a_group().refuses(odd, malformed("letter"));
    }
    with_a_group().refuses(Action::DefineGroup { group: group("по чте", 'А') }, malformed("group"));
    let nameless = ServiceGroup { name: LocalText::default(), ..group("post", 'А') };
    with_a_group().refuses(Action::DefineGroup { group: nameless }, malformed("name"));
}

#[test]
fn a_service_belongs_to_a_group_and_has_times_that_can_be() {
    let define = |service| Action::DefineService { service };
    Asked::<Organisation>::default().refuses(define(letters()), Refusal::UnknownThing { what: "group" });
    let no = |service, refusal| with_a_group().refuses(define(service), refusal);
    no(Service { norm_s: 0, p80_s: 0, ..letters() }, malformed("normSeconds"));
    no(Service { norm_s: 9 * 3600, p80_s: 9 * 3600, ..letters() }, malformed("normSeconds"));
    no(Service { p80_s: 10, ..letters() }, malformed("p80Seconds"));
    no(Service { target_s: Some(9 * 3600), ..letters() }, malformed("targetSeconds"));
    no(Service { id: service("пись ма"), ..letters() }, malformed("service"));
    no(Service { name: text(""), ..letters() }, malformed("name"));
}

#[test]
fn a_service_is_defined_changed_archived_and_defined_again() {
    let longer = Service { norm_s: 400, p80_s: 600, ..letters() };
    let known = with_a_service();
    known.has_nothing_to_add(Action::DefineService { service: letters() });
    known.refuses(
        Action::DefineService { service: longer.clone() },
        Refusal::AlreadyExists { what: "service" },
    );
    known.has_nothing_to_add(Action::ChangeService { service: letters() });
    let changed = known.after(Action::ChangeService { service: longer.clone() });
    assert_eq!(changed.state.services, vec![longer.clone()]);
    let archived = changed.after(Action::ArchiveService { service: service(LETTERS) });
    assert_eq!(archived.state.current_services().count(), 0);
    let unknown = || Refusal::UnknownService { service: service(LETTERS) };
    archived.refuses(Action::ArchiveService { service: service(LETTERS) }, unknown());
    archived.refuses(Action::ChangeService { service: longer.clone() }, unknown());
    let again = archived.after(Action::DefineService { service: longer });
    assert_eq!(again.state.current_services().count(), 1);
    with_a_group().refuses(Action::ArchiveService { service: service(LETTERS) }, unknown());
}

#[test]
fn it_starts_with_four_classes_and_may_redefine_and_add() {
    let targets = |it: &Organisation| {
        it.classes().into_iter().map(|it| (it.id.to_string(), it.target_s)).collect::<Vec<_>>()
    };
    let fresh = Organisation::default();
    let house = [("standard", 900), ("privileged", 420), ("booking", 300), ("emergency", 0)];
    assert_eq!(targets(&fresh), house.map(|(id, target)| (id.to_owned(), target)));
    let stricter = Class { target_s: 300, ..fresh.classes().remove(1) };
    let business = Class { id: class("business"), ..fresh.classes().remove(0) };
    let own = Asked::<Organisation>::default()
        .after(Action::DefineClass { class: stricter.clone() })
        .after(Action::DefineClass { class: business });
    assert_eq!(targets(&own.state)[1], ("privileged".into(), 300));
    assert_eq!(targets(&own.state)[4].0, "business");
    own.has_nothing_to_add(Action::DefineClass { class: stricter.clone() });
    let no = |it, what| own.refuses(Action::DefineClass { class: it }, malformed(what));
    no(Class { emergency: true, ..fresh.classes().remove(0) }, "emergency");
    no(Class { id: class("Льготный"), ..stricter.clone() }, "class");
    no(Class { target_s: 9 * 3600, ..stricter.clone() }, "targetSeconds");
    no(Class { name: text(""), ..stricter }, "name");
}

#[test]
fn a_target_joins_a_class_and_a_service_that_exist() {
    let set = |of, wish, target_s| {
        let target = Target { class: class(of), service: service(wish), target_s };
        Action::SetTarget { target }
    };
    let known = with_a_service();
    known.refuses(set("royal", LETTERS, 60), Refusal::UnknownClass { class: class("royal") });
    known.refuses(set("standard", LEGAL, 60), Refusal::UnknownService { service: service(LEGAL) });
    known.refuses(set("standard", LETTERS, 9 * 3600), malformed("targetSeconds"));
    let twice = known.after(set("standard", LETTERS, 60)).after(set("standard", LETTERS, 120));
    assert_eq!(twice.state.targets.len(), 1);
    twice.has_nothing_to_add(set("standard", LETTERS, 120));
}

#[test]
fn vocabularies_hold_each_word_once() {
    let word = |code: &str| Reason { code: reason(code), name: text("слово") };
    let define =
        |words: Vec<Reason>| Action::DefineReasons { reasons: Reasons { park: words, ..Reasons::default() } };
    let known = Asked::<Organisation>::default().after(define(vec![word("form"), word("copy")]));
    known.has_nothing_to_add(define(vec![word("form"), word("copy")]));
    let twice = define(vec![word("form"), word("form")]);
    known.refuses(twice, Refusal::AlreadyExists { what: "reasonCode" });
    known.refuses(define(vec![word("Форма")]), malformed("reasonCode"));
    known.refuses(define(vec![Reason { name: text(""), ..word("form") }]), malformed("name"));
}

#[test]
fn a_branch_is_registered_once_in_a_region_that_exists() {
    let register = |id: &str, region: Option<&str>, imported| Action::RegisterBranch {
        branch: BranchId::trusted(id),
        region: region.map(Into::into),
        imported,
    };
    let empty = Asked::<Organisation>::default();
    empty.refuses(register("centre", Some("north"), false), Refusal::UnknownThing { what: "region" });
    empty.refuses(register("Centre!", None, false), malformed("branch"));
    let north = || Action::DefineRegion { region: "north".into(), name: text("Север") };
    let known = empty.after(north()).after(register("centre", Some("north"), false));
    known.has_nothing_to_add(north());
    known.has_nothing_to_add(register("centre", Some("north"), false));
    known.refuses(register("centre", None, true), Refusal::AlreadyExists { what: "branch" });
    let odd = Action::DefineRegion { region: "north pole".into(), name: text("Север") };
    known.refuses(odd, malformed("region"));
}

#[test]
fn a_position_names_skills_of_the_catalogue_and_staff_is_listed_once() {
    let clerk = |skill| Action::DefinePosition {
        position: "clerk".into(),
        name: text("Оператор"),
        skills: vec![service(skill)],
    };
    let known = with_a_service();
    known.refuses(clerk(LEGAL), Refusal::UnknownService { service: service(LEGAL) });
    let with = known.after(clerk(LETTERS));
    with.has_nothing_to_add(clerk(LETTERS));
    let odd =
        Action::DefinePosition {
            position: "старший оператор".into(), name: text("О"), skills: Vec::new()
        };
    with.refuses(odd, malformed("position"));
    let list = || Action::ListStaff { staff: OperatorId::trusted("anna") };
    with.after(list()).has_nothing_to_add(list());
}

fn region(id: &str) -> Action {
    Action::DefineRegion { region: id.into(), name: text(id) }
}

fn move_to(region: Option<&str>) -> Action {
    Action::MoveBranch { branch: BranchId::trusted("centre"), region: region.map(Into::into) }
}

#[test]
fn a_branch_moves_between_regions_and_a_region_goes_when_it_is_empty() {
    let register =
        Action::RegisterBranch { branch: BranchId::trusted("centre"), region: None, imported: false };
    let known = Asked::<Organisation>::default().after(region("north")).after(register);
    known.refuses(move_to(Some("south")), Refusal::UnknownThing { what: "region" });
    known.has_nothing_to_add(move_to(None));
    let elsewhere = Action::MoveBranch { branch: BranchId::trusted("elsewhere"), region: None };
    known.refuses(elsewhere, Refusal::UnknownThing { what: "branch" });
    let archive = || Action::ArchiveRegion { region: "north".into() };
    let mut there = known.after(move_to(Some("north")));
    there.refuses(archive(), Refusal::StillInUse { what: "region" });
    let back = there.ask(move_to(None)).expect("a move");
    let was = BranchMoved { branch: BranchId::trusted("centre"), region: None, was: Some("north".into()) };
    assert_eq!(back, [Event::Organisation(was.into())]);
    there.after(archive()).refuses(archive(), Refusal::UnknownThing { what: "region" });
}

#[test]
fn a_changed_position_tells_what_it_was_and_an_archived_one_lends_nothing() {
    let clerk = |skills: &[&str]| Action::DefinePosition {
        position: "clerk".into(),
        name: text("Оператор"),
        skills: skills.iter().map(|it| service(it)).collect(),
    };
    let positions = ["clerk".to_owned()];
    let mut known = with_a_service().after(clerk(&[LETTERS]));
    assert_eq!(known.state.skills_of(&[], &positions), [service(LETTERS)]);
    assert_eq!(known.state.skills_of(&[service(LEGAL)], &positions), [service(LEGAL), service(LETTERS)]);
    let changed = known.ask(clerk(&[])).expect("another shape");
    let [Event::Organisation(OrganisationEvent::JobPositionChanged(it))] = changed.as_slice() else {
        panic!("{changed:?}")
    };
    assert_eq!(it.was.skills, [service(LETTERS)]);
    let archive = || Action::ArchivePosition { position: "clerk".into() };
    let archived = known.after(clerk(&[LETTERS])).after(archive());
    archived.has_nothing_to_add(archive());
    assert_eq!(archived.state.skills_of(&[], &positions), []);
    // Nobody has said anything about them yet: they can do whatever is given here.
    assert_eq!(archived.state.skills_of(&[], &[]), [service(LETTERS)]);
    let again = archived.after(clerk(&[LETTERS]));
    assert_eq!(again.state.skills_of(&[], &positions), [service(LETTERS)]);
}

#[test]
fn an_organisation_makes_roles_of_its_own_and_leaves_those_of_the_house_alone() {
    let define = |code: &str, permissions: &[&str]| Action::DefineRole {
        role: RoleCode::trusted(code),
        shape: RoleShape {
            name: text("Дежурный"),
            permissions: permissions.iter().map(|it| (*it).to_owned()).collect(),
        },
    };
    let empty = Asked::<Organisation>::default();
    for taken in ["admin", "operator", "device", "customer", "nobody"] {
        empty.refuses(define(taken, &[]), Refusal::AlreadyExists { what: "role" });
    }
    empty.refuses(define("Дежурный", &[]), malformed("role"));
    let archive = || Action::ArchiveRole { role: RoleCode::trusted("duty") };
    empty.refuses(archive(), Refusal::UnknownThing { what: "role" });
    let mut known = empty.after(define("duty", &["READ_QUEUE"]));
    known.has_nothing_to_add(define("duty", &["READ_QUEUE"]));
    let changed = known.ask(define("duty", &["READ_QUEUE", "MANAGE_DAY"])).expect("another shape");
    let [Event::Organisation(OrganisationEvent::RoleChanged(it))] = changed.as_slice() else {
        panic!("{changed:?}")
    };
    assert_eq!(it.was.permissions, ["READ_QUEUE"]);
    let archived = known.after(archive());
    archived.has_nothing_to_add(archive());
    let again = archived.after(define("duty", &["READ_QUEUE"]));
    assert!(!again.state.roles[&RoleCode::trusted("duty")].archived);
}

#[test]
fn one_administrator_is_always_left() {
    let name = |id: &str| Action::NameAdministrator { staff: OperatorId::trusted(id) };
    let relieve = |id: &str, active: &[&str]| Action::RelieveAdministrator {
        staff: OperatorId::trusted(id),
        active: active.iter().map(|it| OperatorId::trusted(it)).collect(),
    };
    let both = Asked::<Organisation>::default().after(name("anna")).after(name("boris"));
    both.has_nothing_to_add(name("anna"));
    // Two nodes relieve one another's administrator, each still believing in both: the second comes too late.
    let without_anna = both.clone().after(relieve("anna", &["anna", "boris"]));
    without_anna.refuses(relieve("boris", &["anna", "boris"]), Refusal::LastAdministrator);
    without_anna.has_nothing_to_add(relieve("anna", &["boris"]));
    // Named once, but without the role by now.
    both.refuses(relieve("anna", &["anna"]), Refusal::LastAdministrator);
    both.refuses(relieve("anna", &["anna", "victor"]), Refusal::LastAdministrator);
    let back = without_anna.after(name("anna"));
    assert!(back.clone().ask(relieve("boris", &["anna", "boris"])).is_ok());
}

#[test]
fn a_target_can_be_taken_back_and_every_change_of_the_catalogue_is_counted() {
    let target = Target { class: class("standard"), service: service(LETTERS), target_s: 300 };
    let with = with_a_service().after(Action::SetTarget { target: target.clone() });
    assert_eq!(with.state.catalogue_version, 3);
    let remove = || Action::RemoveTarget { class: target.class.clone(), service: target.service.clone() };
    let without = with.after(remove());
    assert_eq!((without.state.targets.len(), without.state.catalogue_version), (0, 4));
    without.has_nothing_to_add(remove());
    let named = without.after(Action::Name { name: text("Почта") });
    assert_eq!(named.state.catalogue_version, 4, "a name is not of the catalogue");
}

#[test]
fn two_people_who_edit_the_same_service_do_not_overwrite_one_another() {
    let seen = letters();
    let slower = |service: Service, seen: &Service| Action::Unless {
        moved: Box::new(Seen::Service(seen.clone())),
        action: Box::new(Action::ChangeService { service }),
    };
    let longer = Service { norm_s: 200, ..letters() };
    let longest = Service { norm_s: 250, ..letters() };
    let changed = with_a_service().after(slower(longer.clone(), &seen));
    assert_eq!(changed.state.services, std::slice::from_ref(&longer));
    changed.refuses(slower(longest.clone(), &seen), Refusal::SettingsMoved { version: 3 });
    changed.has_nothing_to_add(slower(longer.clone(), &seen));
    assert_eq!(changed.after(slower(longest.clone(), &longer)).state.services, [longest]);
}

#[test]
fn each_thing_of_the_catalogue_knows_who_changed_it_last() {
    let touched = with_a_service().state.touched;
    let keys: Vec<&str> = touched.keys().map(String::as_str).collect();
    assert_eq!(keys, ["group/post", "service/letters"]);
    assert_eq!(touched["group/post"].by, talon_core::fact::Actor::system());
}
