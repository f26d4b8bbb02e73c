//! Boards are a fold of the log: the same whether they followed it or were folded from it, and no call is lost.

use std::{sync::Arc, time::Duration};

use chrono::{Days, TimeDelta};
use serde_json::Value;
use talon_core::{
    ids::BranchId,
    queue_event::{Event, QueueEvent},
    testing::{
        given::Hall,
        samples::{LETTERS, NINE_OCLOCK, WINDOW_1, anna, calls_next, opens, starts, takes},
    },
    time::{Clock, ManualClock},
    waiting_time::Formula,
};
use talon_projections::board::Live;
use talon_storage::Storage;
use tokio_util::sync::CancellationToken;

use crate::support::{
    append, branch, clock, day, memory, morning, recorded, register, salt, stream, whole_day,
};

async fn live(storage: &Storage, clock: &Arc<ManualClock>) -> (Arc<Live>, CancellationToken) {
    let live =
        Live::start(&storage.tail, storage.events.clone(), clock.clone(), Arc::new(Formula)).await.unwrap();
    let stop = CancellationToken::new();
    let (following, tail, until) = (live.clone(), storage.tail.clone(), stop.clone());
    tokio::spawn(async move { following.follow(tail, until).await });
    (live, stop)
}

async fn reached(live: &Live, position: u64) {
    assert!(live.wait_for(position, Duration::from_secs(20)).await, "boards never reached {position}");
}

fn board(live: &Live, clock: &ManualClock, of: &BranchId) -> Value {
    let view = live.branch(of).expect("a live branch").borrow().clone();
    assert_eq!(view.stuck, None);
    serde_json::from_slice(&view.board_at(clock.now())).unwrap()
}

#[tokio::test]
async fn boards_that_followed_equal_boards_folded_from_the_log() {
    let storage = memory().await;
    let clock = clock();
    let (mayak, vostok) = (branch("mayak"), branch("vostok-2"));
    register(&*storage.events, &[&mayak, &vostok], false).await;
    let (followed, stop) = live(&storage, &clock).await;
    let yesterday = day() - Days::new(1);
    let mut last = 0;
    for (of, seed) in [(&mayak, 3), (&vostok, 4)] {
        let before = recorded(&whole_day(seed, 150).heard, of, yesterday, salt(of) + 1);
        append(&*storage.events, &stream(of, yesterday), before).await;
        let hall = morning(seed + 10, 400);
        clock.set(hall.now);
        for part in recorded(&hall.heard, of, day(), salt(of)).chunks(37) {
            last = append(&*storage.events, &stream(of, day()), part.to_vec()).await;
        }
    }
    reached(&followed, last).await;
    let (folded, stop_folded) = live(&storage, &clock).await;
    for of in [&mayak, &vostok] {
        let mine = followed.branch(of).unwrap().borrow().clone();
        let other = folded.branch(of).unwrap().borrow().clone();
        assert_eq!(mine.board_at(clock.now()), other.board_at(clock.now()), "{of}");
        let (date, state) = followed.day(of, None).unwrap();
        assert_eq!(date, day());
        assert!(*state == *folded.day(of, None).unwrap().1);
        let shown = board(&followed, &clock, of);
        assert_eq!(shown["businessDay"], "2026-11-20");
        assert!(mine.before.is_none(), "yesterday is closed");
        assert_eq!(shown["waiting"], state.open().filter(|it| it.state.name() == "WAITING").count());
    }
    stop.cancel();
    stop_folded.cancel();
}

#[tokio::test]
async fn a_start_folds_yesterday_only_while_it_is_open() {
    let storage = memory().await;
    let clock = clock();
    let (closed, open) = (branch("mayak"), branch("vostok-2"));
    register(&*storage.events, &[&closed, &open], false).await;
    let yesterday = day() - Days::new(1);
    for (of, hall) in [(&closed, whole_day(5, 60)), (&open, morning(6, 60))] {
        append(&*storage.events, &stream(of, yesterday), recorded(&hall.heard, of, yesterday, salt(of) + 1))
            .await;
        let today = recorded(&morning(7, 40).heard, of, day(), salt(of));
        append(&*storage.events, &stream(of, day()), today).await;
    }
    let (live, stop) = live(&storage, &clock).await;
    assert!(live.day(&closed, Some(yesterday)).is_none(), "nobody of a day that is over is in the hall");
    assert!(live.day(&open, Some(yesterday)).is_some(), "somebody may still be served");
    for of in [&closed, &open] {
        assert!(live.day(of, Some(day())).is_some());
    }
    stop.cancel();
}

#[tokio::test]
async fn a_board_carries_the_last_eight_calls_though_states_were_skipped() {
    let storage = memory().await;
    let clock = clock();
    let mayak = branch("mayak");
    register(&*storage.events, &[&mayak], false).await;
    let (live, stop) = live(&storage, &clock).await;
    let hall = morning(5, 600);
    clock.set(hall.now);
    let last =
        append(&*storage.events, &stream(&mayak, day()), recorded(&hall.heard, &mayak, day(), 0)).await;
    reached(&live, last).await;
    let board = board(&live, &clock, &mayak);
    let spoken: Vec<_> = board["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["eventId"].as_str().unwrap().to_owned())
        .collect();
    let mut expected = Vec::new();
    for heard in &hall.heard {
        match &heard.event {
            Event::Queue(QueueEvent::TicketCalled(_) | QueueEvent::TicketRecalled(_)) => {
                expected.push((heard.id, heard));
            }
            Event::Queue(QueueEvent::TicketTransferred(it)) if it.to_window.is_some() => {
                expected.push((heard.id, heard));
            }
            Event::Queue(QueueEvent::ActionUndone(it)) => expected.retain(|(id, _)| !it.undone.contains(id)),
            _ => {}
        }
    }
    let revoked =
        hall.heard.iter().filter(|it| matches!(it.event, Event::Queue(QueueEvent::CallRevoked(_)))).count();
    assert!(revoked > 0, "the sample revokes no call");
    assert!(expected.len() > 20, "the sample calls too few");
    // Calls that were revoked are not spoken; all the others of the last eight are, newest first.
    assert!(!spoken.is_empty() && spoken.len() <= 8);
    let order: Vec<_> =
        expected.iter().rev().map(|(id, _)| id.to_string()).filter(|id| spoken.contains(id)).collect();
    assert_eq!(spoken, order);
    stop.cancel();
}

#[tokio::test]
async fn a_called_ticket_is_shown_with_its_window_and_spoken_once_revoked_no_more() {
    let storage = memory().await;
    let clock = clock();
    let mayak = branch("mayak");
    register(&*storage.events, &[&mayak], false).await;
    let (live, stop) = live(&storage, &clock).await;
    let mut hall = Hall::open();
    for (actor, action) in
        [opens(anna(), WINDOW_1), takes(1, LETTERS), takes(2, LETTERS), calls_next(anna(), WINDOW_1)]
    {
        hall.does(&actor, action);
    }
    let first = hall.heard.len();
    let last =
        append(&*storage.events, &stream(&mayak, day()), recorded(&hall.heard, &mayak, day(), 0)).await;
    reached(&live, last).await;
    let shown = board(&live, &clock, &mayak);
    assert_eq!(shown["rows"][0]["number"], "А001");
    assert_eq!(shown["rows"][0]["windowLabel"], "1");
    assert_eq!(shown["rows"][0]["state"], "CALLED");
    assert_eq!(shown["calls"][0]["kind"], "CALL");
    assert_eq!(shown["waiting"], 1);
    assert_eq!(shown["state"], "OPEN");
    assert_eq!(shown["serverTime"], "2026-11-20T06:00:00.000Z");
    let letters = shown["services"].as_array().unwrap().iter().find(|it| it["code"] == LETTERS).unwrap();
    assert_eq!((&letters["waiting"], &letters["open"]), (&1.into(), &true.into()));
    assert!(letters["p80Seconds"].as_u64().unwrap() >= 60);

    hall.passes(5);
    let called = hall.last_event();
    hall.does(&anna(), talon_core::queue_day::command::Action::UndoAction { event: called });
    let rest = recorded(&hall.heard[first..], &mayak, day(), 0);
    let last = append(&*storage.events, &stream(&mayak, day()), rest).await;
    reached(&live, last).await;
    let shown = board(&live, &clock, &mayak);
    assert_eq!(shown["rows"], Value::Array(Vec::new()));
    assert_eq!(shown["calls"], Value::Array(Vec::new()));
    assert_eq!(shown["waiting"], 2);
    stop.cancel();
}

#[tokio::test]
async fn a_new_branch_is_followed_and_an_imported_one_is_not() {
    let storage = memory().await;
    let clock = clock();
    let (live, stop) = live(&storage, &clock).await;
    let (mayak, archive) = (branch("mayak"), branch("archive"));
    register(&*storage.events, &[&mayak], false).await;
    register(&*storage.events, &[&archive], true).await;
    let hall = morning(6, 60);
    let last =
        append(&*storage.events, &stream(&mayak, day()), recorded(&hall.heard, &mayak, day(), 0)).await;
    reached(&live, last).await;
    assert_eq!(live.branches(), vec![mayak.clone()]);
    assert!(live.branch(&archive).is_none());
    let (_, state) = live.day(&mayak, None).unwrap();
    assert!(*state == hall.day);
    let closed = hall.day.tickets.values().find(|it| !it.is_open()).expect("somebody was served");
    assert_eq!(live.find_ticket(&closed.id), Some((mayak, day(), closed.clone())));
    stop.cancel();
}

#[tokio::test]
async fn an_unreadable_event_stops_its_branch_and_no_other() {
    let storage = memory().await;
    let clock = clock();
    let (mayak, vostok) = (branch("mayak"), branch("vostok"));
    register(&*storage.events, &[&mayak, &vostok], false).await;
    let (live, stop) = live(&storage, &clock).await;
    let hall = morning(7, 40);
    let mut spoilt = recorded(&hall.heard, &mayak, day(), salt(&mayak));
    let middle = spoilt.len() / 2;
    spoilt[middle].data = "{}".into();
    append(&*storage.events, &stream(&mayak, day()), spoilt).await;
    let last =
        append(&*storage.events, &stream(&vostok, day()), recorded(&hall.heard, &vostok, day(), 0)).await;
    reached(&live, last).await;
    assert!(live.branch(&mayak).unwrap().borrow().stuck.is_some());
    assert!(live.day(&mayak, None).unwrap().1.tickets.len() < hall.day.tickets.len());
    assert_eq!(live.branch(&vostok).unwrap().borrow().stuck, None);
    assert!(*live.day(&vostok, None).unwrap().1 == hall.day);
    stop.cancel();
}

#[tokio::test]
async fn the_clock_alone_changes_only_the_time_on_a_board() {
    let storage = memory().await;
    let clock = clock();
    let mayak = branch("mayak");
    register(&*storage.events, &[&mayak], false).await;
    let mut hall = Hall::open();
    for (actor, action) in
        [opens(anna(), WINDOW_1), takes(1, LETTERS), calls_next(anna(), WINDOW_1), starts(anna(), 1)]
    {
        hall.does(&actor, action);
    }
    append(&*storage.events, &stream(&mayak, day()), recorded(&hall.heard, &mayak, day(), 0)).await;
    let (live, stop) = live(&storage, &clock).await;
    let view = live.branch(&mayak).unwrap().borrow().clone();
    assert_eq!(view.board(), view.board_at(NINE_OCLOCK));
    let mut later: Value =
        serde_json::from_slice(&view.board_at(NINE_OCLOCK + TimeDelta::minutes(5))).unwrap();
    assert_eq!(later["serverTime"], "2026-11-20T06:05:00.000Z");
    later["serverTime"] = "2026-11-20T06:00:00.000Z".into();
    assert_eq!(later, serde_json::from_slice::<Value>(&view.board()).unwrap());
    stop.cancel();
}
