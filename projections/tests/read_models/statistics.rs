//! Figures of branches: they say what the tickets' rows say, and steps that were undone leave no trace in them.

use std::collections::BTreeMap;

use talon_core::{
    queue_day::{command::Action, ticket::TicketState},
    testing::{
        given::Hall,
        samples::{
            LETTERS, PARCELS, WINDOW_1, anna, calls_next, completes, opens, reason, starts, takes, window,
        },
    },
};
use talon_projections::{branch_stats::read::BranchFigures, tickets::row::GivenEnd};

use crate::{
    rows::Tables,
    stores::Home,
    support::{append, branch, day, recorded, register, salt, stream, whole_day},
    tables::{fresh, history, project},
};

fn total(rows: &[BranchFigures]) -> BranchFigures {
    let mut total = BranchFigures::default();
    rows.iter().for_each(|row| total.merge(row));
    total
}

async fn projected(hall: &Hall) -> Tables {
    let home = Home::sqlite();
    let (storage, clock) = fresh(&home).await;
    let mayak = branch("mayak");
    register(&*storage.events, &[&mayak], false).await;
    append(&*storage.events, &stream(&mayak, day()), recorded(&hall.heard, &mayak, day(), salt(&mayak)))
        .await;
    project(&storage, &clock).await;
    let tables = Tables::of(&storage).await;
    storage.close().await;
    tables
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_tickets_say_what_the_rules_say() {
    for seed in 0..6 {
        let hall = if seed % 2 == 0 { whole_day(seed, 250) } else { crate::support::morning(seed, 400) };
        let tables = projected(&hall).await;
        let rows: BTreeMap<_, _> = tables.tickets.iter().map(|it| (it.ticket_id, it)).collect();
        assert_eq!(rows.len(), hall.day.tickets.len());
        for ticket in hall.day.tickets.values() {
            let row = rows[&ticket.id.0];
            let of = format!("seed {seed}, {row:#?}\n{ticket:#?}");
            assert_eq!(row.state, ticket.state.name(), "{of}");
            assert_eq!(row.number.as_deref(), Some(ticket.number.as_str()), "{of}");
            assert_eq!(row.class, ticket.class.to_string(), "{of}");
            assert_eq!((row.reference, row.due_at), (ticket.place.reference, ticket.place.due_at), "{of}");
            assert_eq!(Some(row.service.as_str()), ticket.service().map(|it| it.as_str()), "{of}");
            assert_eq!(row.returns, i64::from(ticket.returns), "{of}");
            match &ticket.state {
                TicketState::Called { window, called_at, .. } => {
                    assert_eq!(
                        (row.window_id.as_deref(), row.call_at),
                        (Some(window.as_str()), Some(*called_at)),
                        "{of}"
                    );
                    assert_eq!(
                        row.operator_id.as_deref(),
                        ticket.operator.as_ref().map(|it| it.as_str()),
                        "{of}"
                    );
                }
                TicketState::Serving { window, started_at, .. } => {
                    assert_eq!(
                        (row.window_id.as_deref(), row.serving_since),
                        (Some(window.as_str()), Some(*started_at)),
                        "{of}"
                    );
                    assert_eq!(
                        row.operator_id.as_deref(),
                        ticket.operator.as_ref().map(|it| it.as_str()),
                        "{of}"
                    );
                }
                TicketState::Closed { at, .. } => assert_eq!(row.ended_at, Some(*at), "{of}"),
                TicketState::NoShow { since, .. } => assert_eq!(row.ended_at, Some(*since), "{of}"),
                TicketState::Expected | TicketState::Waiting { .. } | TicketState::Parked { .. } => {
                    assert_eq!((row.outcome.as_deref(), row.ended_at), (None, None), "{of}");
                }
            }
            assert!(row.calls >= 0 && row.parks >= 0 && row.transfers >= 0 && row.no_shows >= 0, "{of}");
        }
        let served = hall.day.tallies.served;
        assert_eq!(total(&tables.days).served, i64::from(served));
        let services: (u32, u64) =
            hall.day.tallies.service_times.values().fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
        let days = total(&tables.days);
        assert_eq!(
            (days.service_time.count, days.service_time.ms / 1_000),
            (i64::from(services.0), i64::try_from(services.1).unwrap())
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_add_up_to_the_rows_of_the_tickets() {
    let home = Home::sqlite();
    let (storage, clock) = fresh(&home).await;
    history(&storage, 11).await;
    project(&storage, &clock).await;
    let tables = Tables::of(&storage).await;
    let (days, hours) = (total(&tables.days), total(&tables.hours));
    assert_eq!(days, hours);
    let of_outcome = |outcome: &str| {
        i64::try_from(tables.tickets.iter().filter(|it| it.outcome.as_deref() == Some(outcome)).count())
            .unwrap()
    };
    assert_eq!(days.issued, i64::try_from(tables.tickets.len()).unwrap());
    for (counted, outcome) in [
        (days.served, "served"),
        (days.no_show, "no_show"),
        (days.abandoned, "abandoned"),
        (days.cancelled, "cancelled"),
        (days.refused, "refused"),
        (days.expired, "expired"),
    ] {
        assert_eq!(counted, of_outcome(outcome), "{outcome}");
    }
    assert!(days.served > 10 && days.no_show > 2 && days.expired > 3 && days.refused > 2, "{days:?}");
    let called: Vec<_> = tables.tickets.iter().filter(|it| it.called_at.is_some()).collect();
    assert_eq!((days.called, days.wait.count), (called.len() as i64, called.len() as i64));
    assert_eq!(days.wait.ms, called.iter().filter_map(|it| it.wait_ms).sum::<i64>());
    let completed =
        || tables.tickets.iter().flat_map(|it| &it.given.0).filter(|it| it.end == GivenEnd::Completed);
    assert_eq!(days.given, completed().count() as i64);
    assert_eq!(days.service_time.ms, completed().map(|it| it.ms()).sum::<i64>());
    for durations in [&days.wait, &days.way, &days.service_time, &days.idle] {
        assert_eq!(durations.histogram.count(), durations.count);
        assert!(durations.count > 20);
    }
    let mut waits: Vec<_> = called.iter().filter_map(|it| it.wait_ms).collect();
    waits.sort_unstable();
    for q in [0.5, 0.8, 0.9] {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a rank"
        )]
        let exact = waits[((q * waits.len() as f64).ceil() as usize).max(1) - 1];
        let found = days.wait.histogram.quantile(q).unwrap();
        assert!((found - exact).abs() * 100 <= exact, "{found} for {exact}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_time_runs_from_one_customer_to_the_next() {
    let mut hall = Hall::open();
    let does = |hall: &mut Hall, (actor, action)| {
        hall.does(&actor, action);
    };
    does(&mut hall, opens(anna(), WINDOW_1));
    does(&mut hall, takes(1, LETTERS));
    does(&mut hall, takes(2, PARCELS));
    hall.passes(30);
    does(&mut hall, calls_next(anna(), WINDOW_1)); // idle 30 s
    hall.passes(10);
    does(&mut hall, starts(anna(), 1));
    hall.passes(100);
    does(&mut hall, completes(anna(), 1));
    hall.passes(5);
    let completed = hall.last_event();
    does(&mut hall, (anna(), Action::UndoAction { event: completed })); // it was not idle for these 5 s
    hall.passes(20);
    does(&mut hall, completes(anna(), 1));
    hall.passes(40);
    does(
        &mut hall,
        (anna(), Action::PauseWindow { window: window(WINDOW_1), reason: reason("tea"), until: None }),
    ); // idle 40 s
    hall.passes(6);
    let paused = hall.last_event();
    does(&mut hall, (anna(), Action::UndoAction { event: paused })); // no break: still idle since then
    hall.passes(14);
    does(&mut hall, calls_next(anna(), WINDOW_1)); // idle 60 s, the 40 s taken back
    hall.passes(10);
    does(&mut hall, starts(anna(), 2));
    hall.passes(50);
    does(&mut hall, completes(anna(), 2));
    hall.passes(7);
    does(&mut hall, (anna(), Action::CloseWindow { window: window(WINDOW_1) })); // idle 7 s
    let tables = projected(&hall).await;
    let all = total(&tables.days);
    assert_eq!((all.idle.count, all.idle.ms), (3, 97_000));
    assert_eq!((all.way.count, all.way.ms), (2, 20_000));
    assert_eq!((all.service_time.count, all.service_time.ms), (2, 175_000));
    assert_eq!((all.issued, all.called, all.served, all.given), (2, 2, 2, 2));
    let idle: Vec<_> = tables.days.iter().filter(|it| it.idle.count > 0).collect();
    assert_eq!(
        idle.iter().map(|it| (it.operator.as_str(), it.service.as_str())).collect::<Vec<_>>(),
        [("anna", "")]
    );
    // Nine in Moscow is six in UTC: hours are those of the branch.
    assert_eq!(tables.hours.iter().map(|it| it.hour).max(), Some(Some(9)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_undone_leaves_no_row_behind() {
    let mut hall = Hall::open();
    for step in [opens(anna(), WINDOW_1), takes(1, LETTERS), calls_next(anna(), WINDOW_1), starts(anna(), 1)]
    {
        hall.does(&step.0, step.1);
    }
    let before = projected(&hall).await;
    hall.does(
        &anna(),
        Action::RefuseService {
            ticket: talon_core::testing::samples::ticket(1),
            reason: reason("no_document"),
        },
    );
    let refused = projected(&hall).await;
    assert_eq!(total(&refused.days).refused, 1);
    let event = hall.last_event();
    hall.does(&anna(), Action::UndoAction { event });
    let undone = projected(&hall).await;
    assert_eq!(undone.days, before.days);
    assert_eq!(undone.hours, before.hours);
    let (mut row, was) = (undone.tickets[0].clone(), &before.tickets[0]);
    row.position = was.position;
    assert_eq!(&row, was);
}
