use talon_core::{
    dry_run,
    settings::{DaySettings, Policy, Target},
    testing::{
        given::{Hall, given},
        samples::*,
    },
};

/// Numbers of those who wait, as called now and as they would be called.
fn orders(hall: &Hall, other: &DaySettings) -> (Vec<String>, Vec<String>) {
    let compared = dry_run::compare(&hall.day, other);
    let before = compared.iter().map(|it| it.number.clone()).collect();
    let mut after = compared;
    after.sort_by_key(|it| it.after.rank);
    (before, after.into_iter().map(|it| it.number).collect())
}

#[test]
fn a_shorter_target_moves_a_ticket_forward_and_writes_nothing() {
    let mut hall = given([takes(1, LETTERS), takes(2, PARCELS)]);
    hall.passes(120);
    hall.does(&kiosk(), takes(3, PENSIONS).1);
    let untouched = hall.day.clone();
    let target = Target { class: class("standard"), service: service(PENSIONS), target_s: 60 };
    let other = DaySettings { targets: vec![target], ..settings() };
    let (before, after) = orders(&hall, &other);
    assert_eq!(before, ["А001", "А002", "В001"]);
    assert_eq!(after, ["В001", "А001", "А002"]);
    let last = dry_run::compare(&hall.day, &other).pop().expect("three wait");
    assert_eq!((last.before.rank, last.after.rank), (3, 1));
    assert_eq!((last.before.due_at - last.after.due_at).num_seconds(), 900 - 60);
    assert_eq!(hall.day, untouched);
}

#[test]
fn the_same_rules_change_nothing_and_another_policy_does() {
    let mut hall = given([takes(1, LEGAL)]);
    hall.passes(60);
    hall.does(&kiosk(), takes_as(2, LETTERS, "privileged").1);
    let (before, after) = orders(&hall, &settings());
    assert_eq!(before, after);
    let (before, after) = orders(&hall, &DaySettings { policy: Policy::Fifo, ..settings() });
    assert_eq!(before, ["А001", "Е001"]);
    assert_eq!(after, ["Е001", "А001"]);
}
