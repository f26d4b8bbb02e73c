//! What a row becomes, and what a second run adds.

use std::{collections::BTreeMap, sync::Arc};

use talon_core::{
    event_store::{EventStore, StreamId},
    fact::{ActorKind, Fact},
    queue_day::event::{Channel, Evidence},
    queue_event::{Event, OrganisationEvent, QueueEvent},
    seal,
};
use talon_replay::import::{ImportError, ticket_id};
use uuid::Uuid;

use crate::{
    hall::{HEADER, figures_of, import, import_bytes, instant_of, refused},
    store::{Log, day_opened},
};

const FOUR: &str = "\
s1,Hall A,S,1,c-9,2016-08-01T09:00:00,2016-08-01T09:02:00,2016-08-01T09:02:30,2016-08-01T09:10:00,served,ann,,q1
a1,Hall A,S,0,,2016-08-01T09:00:00,,,,abandoned,,2016-08-01T09:30:00,q1
n1,b-2,T,0,,2016-08-01T23:50:00,2016-08-02T00:10:00,,,no_show,bob,2016-08-02T00:12:00,q2
o1,b-2,T,0,,2016-08-02T10:00:00,2016-08-02T10:00:00,,,other,,,q2
";

fn decode(log: &Log) -> Vec<Fact> {
    log.facts().iter().map(|fact| Fact::decode(fact).unwrap()).collect()
}

fn kind(event: &Event) -> &str {
    match event {
        Event::Queue(it) => it.wire().0,
        Event::Organisation(it) => it.wire().0,
        _ => "other",
    }
}

#[tokio::test]
async fn a_row_becomes_the_facts_it_stands_for() {
    let log = Arc::new(Log::default());
    let summary = import(&log, FOUR, &["--branch-prefix", "old-", "--class", "1=privileged"]).await.unwrap();
    assert_eq!((summary.tickets_written, summary.events_written, summary.rejected), (4, 12, 0));
    let facts = decode(&log);
    assert!(log.facts().iter().all(seal::holds));
    let days: Vec<_> =
        facts.iter().map(|fact| fact.stream.to_string()).filter(|it| it != "organisation").collect();
    assert!(days.iter().all(|day| day.starts_with("queue-old-")), "{days:?}");
    assert!(days.iter().any(|day| day == "queue-old-b-2~2016-08-01"));

    let of = |external: &str| -> Vec<&Fact> {
        let of = |fact: &&Fact| fact.meta.source.as_ref().is_some_and(|it| it.external_id == external);
        facts.iter().filter(of).collect()
    };
    let served = of("s1");
    assert_eq!(served.len(), 4);
    for fact in &served {
        let source = fact.meta.source.as_ref().unwrap();
        assert_eq!(
            (source.data_set.as_str(), source.branch.as_str(), source.operator.as_deref()),
            ("hall", "Hall A", Some("ann"))
        );
        assert_eq!((source.queue.as_str(), source.priority.as_str()), ("q1", "1"));
        assert_eq!(fact.meta.correlation_id, ticket_id("hall", "s1"));
        assert_eq!(fact.meta.actor.kind, ActorKind::Import);
        assert_eq!(fact.meta.time_zone.as_deref(), Some("Europe/Moscow"));
        assert_eq!(fact.meta.business_day.unwrap().to_string(), "2016-08-01");
        assert!(fact.recorded_at > fact.occurred_at);
    }
    let Event::Queue(QueueEvent::TicketIssued(issued)) = &*served[0].event else { panic!() };
    assert_eq!(
        (issued.class.as_str(), issued.channel, &issued.number),
        ("privileged", Channel::Import, &None)
    );
    assert!(issued.customer_ref.is_none());
    assert_eq!(served[0].occurred_at.to_rfc3339(), "2016-08-01T06:00:00+00:00");

    let Event::Queue(QueueEvent::TicketAbandoned(abandoned)) = &*of("a1")[1].event else { panic!() };
    assert_eq!(abandoned.evidence, Evidence::Import);

    let no_show = of("n1");
    let Event::Queue(QueueEvent::TicketNoShow(it)) = &*no_show[2].event else { panic!() };
    assert_eq!(it.grace_until, no_show[2].occurred_at, "final at once");
    assert!(
        no_show.iter().all(|fact| fact.stream.as_str() == "queue-old-b-2~2016-08-01"),
        "also past midnight"
    );

    let Event::Queue(QueueEvent::ServiceRefused(it)) = &*of("o1")[2].event else { panic!() };
    assert_eq!(it.reason_code.as_str(), "no_service_record");
    assert!(!facts.iter().any(|fact| matches!(*fact.event, Event::Queue(QueueEvent::BusinessDayOpened(_)))));
    let registered: Vec<_> = facts
        .iter()
        .filter_map(|fact| match &*fact.event {
            Event::Organisation(OrganisationEvent::BranchRegistered(it)) => {
                Some((it.branch.as_str(), it.imported))
            }
            _ => None,
        })
        .collect();
    assert_eq!(registered.len(), 2);
    assert!(registered.iter().all(|(branch, imported)| branch.starts_with("old-") && *imported));
}

#[tokio::test]
async fn a_second_import_adds_nothing_in_whatever_guise_it_comes() {
    let log = Arc::new(Log::default());
    import(&log, FOUR, &[]).await.unwrap();
    let before = log.facts();
    let backwards: String = FOUR.lines().rev().map(|line| format!("{line}\n")).collect();
    for (rows, more) in [
        (FOUR, &[][..]),
        (&backwards, &[]),
        (FOUR, &["--branch-prefix", "elsewhere-"]),
        (FOUR, &["--class", "0=privileged"]),
    ] {
        let summary = import(&log, rows, more).await.unwrap();
        assert_eq!((summary.events_written, summary.already_there), (0, 4));
    }
    assert_eq!(log.facts(), before);
    // Another data set is another ticket.
    let summary = import(&log, FOUR, &["--dataset", "twin"]).await.unwrap();
    assert_eq!(summary.tickets_written, 4);
}

#[tokio::test]
async fn a_known_ticket_with_other_content_is_reported_and_the_log_keeps_what_it_has() {
    let log = Arc::new(Log::default());
    import(&log, FOUR, &[]).await.unwrap();
    // The same ticket, said to be of the next day.
    let moved = FOUR.lines().nth(1).unwrap().replace("2016-08-01", "2016-08-02");
    let summary = import(&log, &moved, &[]).await.unwrap();
    assert_eq!((summary.events_written, summary.rejected), (0, 1));
    assert_eq!((summary.rejected_rows[0].line, summary.rejected_rows[0].code), (2, "DIFFERS"));
    assert_eq!(figures_of(&log).await.tickets, 4);
}

#[tokio::test]
async fn bad_rows_are_skipped_or_stop_the_run() {
    let bad = FOUR.replace("abandoned", "vanished");
    let log = Arc::new(Log::default());
    let summary = import(&log, &bad, &[]).await.unwrap();
    assert_eq!((summary.tickets_written, summary.rejected, summary.exit_code()), (3, 1, 0));
    assert_eq!((summary.rejected_rows[0].line, summary.rejected_rows[0].code), (3, "OUTCOME"));

    let log = Arc::new(Log::default());
    let summary = import(&log, &bad, &["--on-error", "stop"]).await.unwrap();
    assert_eq!((summary.tickets_written, summary.rejected, summary.exit_code()), (1, 1, 1));
    assert!(summary.stopped);
}

#[tokio::test]
async fn history_lies_between_1970_and_now() {
    let log = Arc::new(Log::default());
    let rows = "t,b,s,0,,2031-08-01T09:00:00,,,,abandoned,,2031-08-01T09:00:00,q\n\
                u,b,s,0,,1969-08-01T09:00:00,,,,abandoned,,1999-08-01T09:00:00,q\n";
    let summary = import(&log, rows, &[]).await.unwrap();
    let codes: Vec<_> = summary.rejected_rows.iter().map(|it| it.code).collect();
    assert_eq!(codes, ["FUTURE", "TOO_OLD"]);
    assert_eq!(log.facts().len(), 0);
}

#[tokio::test]
async fn a_day_that_was_opened_live_takes_no_imported_tickets() {
    let log = Arc::new(Log::default());
    log.append(&StreamId::new("queue-b-2~2016-08-01"), 0, vec![day_opened(1)]).await.unwrap();
    let summary = import(&log, FOUR, &[]).await.unwrap();
    assert_eq!((summary.tickets_written, summary.rejected), (3, 1));
    assert_eq!((summary.rejected_rows[0].line, summary.rejected_rows[0].code), (4, "DAY_IS_LIVE"));
}

#[tokio::test]
async fn a_run_that_was_killed_is_completed_by_running_it_again() {
    let rows: String = (0..400)
        .map(|i| {
            let (day, minute) = (1 + i % 5, i / 10);
            format!(
                "t{i},b{},S,0,,2016-08-0{day}T09:{minute:02}:00,2016-08-0{day}T10:00:00,2016-08-0{day}T10:00:00,\
                 2016-08-0{day}T10:30:00,served,op{},,q\n",
                i % 3,
                i % 7
            )
        })
        .collect();
    let whole = Arc::new(Log::default());
    import(&whole, &rows, &[]).await.unwrap();
    let expected = figures_of(&whole).await;
    for appends in [0, 1, 2, 5, 9, 14] {
        let log = Arc::new(Log::default());
        log.fail_after(Some(appends));
        let broken = import(&log, &rows, &[]).await;
        assert!(matches!(broken, Err(ImportError::Store(_))), "{appends}");
        log.fail_after(None);
        let mut facts: BTreeMap<Uuid, u32> = BTreeMap::new();
        for fact in decode(&log).iter().filter(|fact| fact.is_imported()) {
            *facts.entry(fact.meta.correlation_id).or_default() += 1;
        }
        assert_eq!(facts.is_empty(), appends < 2);
        assert!(facts.values().all(|&count| count == 4), "a ticket is never half there");
        let rest = import(&log, &rows, &[]).await.unwrap();
        assert_eq!(rest.tickets_written + rest.already_there, 400);
        assert_eq!(figures_of(&log).await, expected);
        assert_eq!(import(&log, &rows, &[]).await.unwrap().events_written, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_imports_at_once_write_every_ticket_once() {
    let rows: Vec<_> = (0..600)
        .map(|i| {
            let day = 1 + i % 3;
            format!(
                "t{i},b,S,0,,2016-08-0{day}T09:00:00,,,,abandoned,,2016-08-0{day}T09:{:02}:00,q\n",
                i % 60
            )
        })
        .collect();
    let backwards: String = rows.iter().rev().map(String::as_str).collect();
    let log = Arc::new(Log::default());
    let rows = rows.concat();
    let few = ["--hold", "40"];
    let (one, other) = tokio::join!(import(&log, &rows, &few), import(&log, &backwards, &few));
    // Who meets the other's tickets in the middle of an append reads on and writes the rest.
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.tickets_written + other.tickets_written, 600);
    assert_eq!(one.already_there + other.already_there, 600);
    let figures = figures_of(&log).await;
    assert_eq!((figures.tickets, figures.events["total"]), (600, 1200));
    assert!(log.facts().iter().all(seal::holds));
}

#[tokio::test]
async fn a_day_opened_while_we_write_takes_no_more() {
    let log = Arc::new(Log::default());
    let rows: String = (0..900)
        .map(|i| format!("t{i},b,S,0,,2016-08-01T09:00:00,,,,abandoned,,2016-08-01T09:{:02}:00,q\n", i % 60))
        .collect();
    log.open_after(1, "queue-b~2016-08-01");
    let summary = import(&log, &rows, &[]).await.unwrap();
    assert_eq!((summary.tickets_written, summary.rejected), (500, 400));
    assert!(summary.rejected_rows.iter().all(|row| row.code == "DAY_IS_LIVE"));
}

#[tokio::test]
async fn tickets_of_a_day_lie_in_the_order_of_time() {
    let log = Arc::new(Log::default());
    let rows = "\
z,b,s,0,,2016-08-01T09:00:00,2016-08-01T09:05:00,2016-08-01T09:05:00,2016-08-01T09:10:00,served,,,q
y,b,s,0,,2016-08-01T09:10:00,2016-08-01T09:10:00,2016-08-01T09:10:00,2016-08-01T09:10:00,served,,,q
x,b,s,0,,2016-08-01T08:00:00,2016-08-01T09:10:00,,,no_show,,2016-08-01T09:10:00,q
w,b,s,0,,2016-08-01T08:59:00,,,,abandoned,,2016-08-01T09:10:00,q
";
    import(&log, rows, &[]).await.unwrap();
    let order: Vec<_> = decode(&log)
        .iter()
        .filter_map(|fact| Some(format!("{} {}", fact.meta.source.as_ref()?.external_id, kind(&fact.event))))
        .collect();
    assert_eq!(
        order,
        [
            "x ticket.issued",
            "w ticket.issued",
            "z ticket.issued",
            "z ticket.called",
            "z service.started",
            "z service.completed",
            "w ticket.abandoned",
            "x ticket.called",
            "x ticket.no_show",
            "y ticket.issued",
            "y ticket.called",
            "y service.started",
            "y service.completed",
        ]
    );
    let ids: Vec<_> = decode(&log).iter().filter(|it| it.is_imported()).map(|fact| fact.event_id).collect();
    assert!(ids.is_sorted(), "ids sort as the facts do");
    let at = instant_of(&log, "2016-08-01T09:09:59").await;
    assert_eq!((at.waiting, at.in_service, at.oldest_waiting_ticket.as_deref()), (2, 1, Some("x")));
    let at = instant_of(&log, "2016-08-01T09:10:00").await;
    assert_eq!((at.waiting, at.in_service, at.issued_so_far_that_day), (0, 0, 4));
}

#[tokio::test]
async fn a_file_that_breaks_off_leaves_what_was_read_and_says_so() {
    let log = Arc::new(Log::default());
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let rows: String = (0..5_000)
        .map(|i| format!("t{i},b,S,0,,2016-08-01T09:00:00,,,,abandoned,,2016-08-01T09:00:00,q\n"))
        .collect();
    std::io::Write::write_all(&mut packed, format!("{HEADER}{rows}").as_bytes()).unwrap();
    let mut packed = packed.finish().unwrap();
    packed.truncate(packed.len() * 2 / 3);
    let broken = import_bytes(&log, packed, &[]).await;
    assert!(matches!(broken, Err(ImportError::Read(_))));
    let tickets = figures_of(&log).await.tickets;
    assert!(tickets > 0 && tickets < 5_000, "{tickets}");
    assert_eq!(import(&log, &rows, &[]).await.unwrap().already_there, tickets);
}

#[test]
fn wrong_usage_is_said_before_anything_is_read() {
    for (more, part) in [
        (&["--class", "privileged"][..], "PRIORITY=CLASS"),
        (&["--class", "1=Very Important"], "class must match"),
        (&["--branch-prefix", "Old_"], "a-z, 0-9"),
        (&["--dataset", ""], "1 to 200"),
        (&["--on-error", "panic"], "skip"),
    ] {
        let said = refused(more);
        assert!(said.contains(part), "{said}");
    }
}
