//! The organisation's catalogue: what is accepted, what is refused, what is so already.

use talon_core::{
    ids::{BranchId, GroupId, OperatorId},
    organisation::{Organisation, command::Action},
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
