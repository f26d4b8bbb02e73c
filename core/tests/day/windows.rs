use talon_core::{
    fact::Actor,
    ids::OperatorId,
    queue_day::{
        command::{Action, AtWindow},
        event::{CallRevoked, RevokeReason, WindowClosed, WindowOpened},
        ticket::TicketState,
    },
    queue_event::QueueEvent,
    refusal::Refusal,
    testing::{
        given::{Hall, given},
        samples::*,
    },
};

use super::{at, called, serving, stands, two_at_work};

fn pause(until: Option<i64>) -> Action {
    let until = until.map(at);
    Action::PauseWindow { window: window(WINDOW_1), reason: reason("tea"), until }
}

fn close(id: &str) -> Action {
    Action::CloseWindow { window: window(id) }
}

fn takes_over(who: Actor, at: &str) -> (Actor, Action) {
    let action = Action::TakeOverWindow(at_window(&who, at));
    (who, action)
}

fn taken_by(at: &str, who: &str) -> Refusal {
    Refusal::WindowTaken { window: window(at), operator: OperatorId::trusted(who) }
}

fn services(names: &[&str]) -> Vec<talon_core::ids::ServiceId> {
    names.iter().map(|it| service(it)).collect()
}

#[test]
fn a_window_opens_with_what_was_asked_and_the_branch_allows_there() {
    let wants = |at, names: &[&str]| {
        let it = AtWindow { services: Some(services(names)), ..at_window(&anna(), at) };
        (anna(), Action::OpenWindow(it))
    };
    let hall = Hall::open().when(wants(WINDOW_3, &[LETTERS, PARCELS])).then([WindowOpened {
        window: window(WINDOW_3),
        operator: OperatorId::trusted("anna"),
        skills: every_skill(),
        services: services(&[PARCELS]),
    }]);
    assert_eq!(hall.day.windows[&window(WINDOW_3)].services, services(&[PARCELS]));
    let hall = Hall::open().when(opens(anna(), WINDOW_1)).granted();
    assert_eq!(hall.day.windows[&window(WINDOW_1)].services, every_skill(), "nothing asked is everything");
    let no = |request, refusal| drop(Hall::open().when(request).rejected(refusal));
    let not_given = Refusal::ServiceNotGiven { service: service(LETTERS), window: window(WINDOW_3) };
    no(wants(WINDOW_3, &[LETTERS]), not_given);
    no(wants(WINDOW_1, &[]), Refusal::NoService);
    no(wants(WINDOW_1, &["flying"]), Refusal::UnknownService { service: service("flying") });
    no(wants("w9", &[LETTERS]), Refusal::UnknownWindow { window: window("w9") });
}

#[test]
fn one_operator_per_window_and_one_window_per_operator() {
    let hall = given([opens(anna(), WINDOW_1)]);
    let hall = hall.when(opens(boris(), WINDOW_1)).rejected(taken_by(WINDOW_1, "anna"));
    let hall = hall.when(opens(anna(), WINDOW_1)).rejected(taken_by(WINDOW_1, "anna"));
    let elsewhere = Refusal::OperatorElsewhere { window: window(WINDOW_1) };
    let hall = hall.when(opens(anna(), WINDOW_2)).rejected(elsewhere.clone());
    let hall = hall.when(opens(boris(), WINDOW_2)).granted();
    hall.when(takes_over(anna(), WINDOW_2)).rejected(elsewhere);
}

#[test]
fn people_sit_down_for_themselves_and_heads_for_anybody() {
    let for_anna = Action::OpenWindow(at_window(&anna(), WINDOW_1));
    let not_yours = Refusal::NotYourWindow { window: window(WINDOW_1) };
    Hall::open().when((boris(), for_anna.clone())).rejected(not_yours.clone());
    Hall::open().when((kiosk(), for_anna.clone())).rejected(not_yours);
    Hall::open().when((head(), for_anna)).granted();
}

#[test]
fn who_takes_a_window_over_takes_the_ticket_that_stands_there() {
    let gleb = Actor { id: "gleb".into(), ..boris() };
    let hall = serving().when(takes_over(gleb.clone(), WINDOW_1)).then_only("window.taken_over");
    assert_eq!(hall.day.windows[&window(WINDOW_1)].ticket, Some(ticket(1)));
    assert_eq!(stands(&hall, 1).operator, Some(OperatorId::trusted("gleb")));
    let not_yours = Refusal::NotYourWindow { window: window(WINDOW_1) };
    let hall = hall.when(completes(anna(), 1)).rejected(not_yours);
    hall.when(completes(gleb, 1)).granted();
}

#[test]
fn a_window_is_taken_over_only_from_somebody_else_who_is_there() {
    let hall = two_at_work();
    let hall = hall.when(takes_over(anna(), WINDOW_1)).rejected(taken_by(WINDOW_1, "anna"));
    let gleb = Actor { id: "gleb".into(), ..boris() };
    hall.when(takes_over(gleb, WINDOW_3)).rejected(Refusal::WindowNotOpen { window: window(WINDOW_3) });
}

#[test]
fn a_pause_is_for_a_free_window_and_ends_by_hand_or_by_itself() {
    let busy = Refusal::WindowBusy { window: window(WINDOW_1), number: "А001".into() };
    called().when((anna(), pause(None))).rejected(busy);
    let past = Refusal::Malformed { what: "until" };
    let hall = two_at_work().when((anna(), pause(Some(0)))).rejected(past);
    let hall = hall.when((anna(), pause(Some(10)))).then_only("window.paused");
    let paused = Refusal::WindowPaused { window: window(WINDOW_1) };
    let mut hall = hall.when((anna(), pause(None))).rejected(paused).later(600);
    let happened = hall.lets_time_act();
    assert!(matches!(happened.as_slice(), [QueueEvent::WindowResumed(_)]), "{happened:?}");
    let resume = || (anna(), Action::ResumeWindow { window: window(WINDOW_1) });
    let hall = hall.when(resume()).rejected(Refusal::WindowNotPaused { window: window(WINDOW_1) });
    let hall = hall.when((anna(), pause(None))).granted().when(resume()).granted();
    let odd = Action::PauseWindow { window: window(WINDOW_1), reason: reason("sleep"), until: None };
    hall.when((anna(), odd)).rejected(Refusal::UnknownReason { reason: reason("sleep") });
}

#[test]
fn closing_takes_back_a_call_and_waits_for_whoever_is_served() {
    let closed = WindowClosed { window: window(WINDOW_1), operator: OperatorId::trusted("anna") };
    let revoked = CallRevoked { ticket: ticket(1), window: window(WINDOW_1), reason: RevokeReason::SignOut };
    let events: [QueueEvent; 2] = [revoked.into(), closed.into()];
    let hall = called().when((anna(), close(WINDOW_1))).then(events);
    assert!(matches!(stands(&hall, 1).state, TicketState::Waiting { .. }));
    assert!(!hall.day.windows.contains_key(&window(WINDOW_1)));
    let busy = Refusal::WindowBusy { window: window(WINDOW_1), number: "А001".into() };
    serving().when((anna(), close(WINDOW_1))).rejected(busy);
}

#[test]
fn only_the_operator_and_heads_pause_resume_close_and_change_a_window() {
    let not_yours = Refusal::NotYourWindow { window: window(WINDOW_1) };
    let set = Action::SetWindowServices { window: window(WINDOW_1), services: services(&[LETTERS]) };
    let resume = Action::ResumeWindow { window: window(WINDOW_1) };
    for action in [pause(None), resume, close(WINDOW_1), set] {
        two_at_work().when((boris(), action)).rejected(not_yours.clone());
    }
    two_at_work().when((head(), close(WINDOW_1))).granted();
    let nobody = Refusal::WindowNotOpen { window: window(WINDOW_3) };
    two_at_work().when((head(), close(WINDOW_3))).rejected(nobody);
}

#[test]
fn services_of_a_window_are_switched_one_by_one() {
    let set =
        |names: &[&str]| Action::SetWindowServices { window: window(WINDOW_1), services: services(names) };
    let mut hall = two_at_work();
    let off = hall.does(&anna(), set(&[LETTERS, PARCELS]));
    assert!(off.iter().all(|it| it.wire().0 == "window.service_disabled") && off.len() == 3);
    let changed = hall.does(&anna(), set(&[STAMPS, PARCELS]));
    let kinds: Vec<_> = changed.iter().map(|it| it.wire().0).collect();
    assert_eq!(kinds, ["window.service_enabled", "window.service_disabled"]);
    assert_eq!(hall.does(&anna(), set(&[STAMPS, PARCELS])), [], "what is so already writes nothing");
    let hall = hall.when(calls_next(anna(), WINDOW_1)).rejected(Refusal::NobodyWaiting);
    hall.when((anna(), set(&[]))).rejected(Refusal::NoService);
}

#[test]
fn new_skills_count_at_once_where_their_owner_sits() {
    let skills = |names: &[&str]| Action::AdoptSkills {
        operator: OperatorId::trusted("anna"),
        skills: services(names),
    };
    let mut hall = two_at_work();
    hall.does(&Actor::system(), skills(&[PARCELS]));
    hall.clone().when(calls_next(anna(), WINDOW_1)).rejected(Refusal::NobodyWaiting);
    assert_eq!(hall.does(&Actor::system(), skills(&[PARCELS])), []);
    hall.does(&anna(), close(WINDOW_1));
    assert_eq!(hall.does(&Actor::system(), skills(&[LETTERS])), [], "who sits nowhere learns nothing here");
}

fn leave(at: &str) -> Action {
    Action::LeaveWindow { window: window(at) }
}

#[test]
fn a_window_leaves_for_another_day_only_while_nobody_stands_at_it() {
    let closed = WindowClosed { window: window(WINDOW_1), operator: OperatorId::trusted("anna") };
    two_at_work().when((Actor::system(), leave(WINDOW_1))).then([closed]);
    let busy = Refusal::WindowBusy { window: window(WINDOW_1), number: "А001".into() };
    called().when((Actor::system(), leave(WINDOW_1))).rejected(busy.clone());
    serving().when((Actor::system(), leave(WINDOW_1))).rejected(busy);
    let nobody = Refusal::WindowNotOpen { window: window(WINDOW_3) };
    two_at_work().when((Actor::system(), leave(WINDOW_3))).rejected(nobody);
    let not_yours = Refusal::NotYourWindow { window: window(WINDOW_1) };
    two_at_work().when((boris(), leave(WINDOW_1))).rejected(not_yours);
}

fn send_away() -> (Actor, Action) {
    (Actor::system(), Action::SendAway { operator: OperatorId::trusted("anna") })
}

#[test]
fn whoever_is_dismissed_leaves_a_window_that_closes() {
    let closed = || WindowClosed { window: window(WINDOW_1), operator: OperatorId::trusted("anna") };
    two_at_work().when(send_away()).then([closed()]);
    let mut gone = two_at_work().when(send_away()).granted();
    assert_eq!(gone.does(&Actor::system(), send_away().1), [], "and is gone");
    let nowhere = given([opens(boris(), WINDOW_2)]);
    assert_eq!(nowhere.clone().does(&Actor::system(), send_away().1), []);
    assert_eq!(
        Hall::empty().does(&Actor::system(), send_away().1),
        [],
        "a day that is not open knows nobody"
    );
}

#[test]
fn whoever_stood_before_a_dismissed_operator_has_their_place_back() {
    let before = stands(&two_at_work(), 1).place;
    let kinds = |hall: &mut Hall| {
        let happened = hall.does(&Actor::system(), send_away().1);
        happened.iter().map(|it| it.wire().0).collect::<Vec<_>>()
    };
    let mut called = called();
    assert_eq!(kinds(&mut called), ["ticket.call_revoked", "window.closed"]);
    let mut served = serving().later(120);
    assert_eq!(kinds(&mut served), ["ticket.returned", "window.closed"]);
    for hall in [called, served] {
        assert_eq!((stands(&hall, 1).state.name(), stands(&hall, 1).place), ("WAITING", before));
        hall.when(calls_next(boris(), WINDOW_2)).then_only("ticket.called");
    }
}
