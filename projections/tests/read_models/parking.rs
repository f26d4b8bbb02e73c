//! A poison event parks its branch and nothing else; retry heals, skip leaves it out; nobody's event stops the whole.

use std::time::Duration;

use talon_core::event_store::StreamId;
use talon_projections::{
    batch::Trouble,
    ledger,
    parking::{ParkingError, Skip, parked, retry, skip},
    projector::ALL,
    rebuild::rebuild,
    tickets::TICKETS,
};
use talon_storage::{Db, Storage, sqlx};

use crate::{
    rows::Tables,
    support::{append, branch, day, recorded, register, salt, stream, whole_day},
    tables::{Running, fresh, homes, project, surroundings},
};

/// The read storage refuses one ticket, as a bug in a projector would.
async fn poison(storage: &Storage, number: &str, branch: &str) {
    let text = match &storage.read {
        Db::Sqlite { .. } => format!(
            "create trigger poison before insert on tickets_v1 when new.number = '{number}' and new.branch = '{branch}' \
             begin select raise(abort, 'poison'); end"
        ),
        Db::Postgres(_) => format!(
            "create function poison() returns trigger language plpgsql as $$ begin raise exception 'poison'; end $$; \
             create trigger poison before insert on tickets_v1 for each row \
             when (new.number = '{number}' and new.branch = '{branch}') execute function poison()"
        ),
    };
    execute(storage, text).await;
}

async fn cure(storage: &Storage) {
    let text = match &storage.read {
        Db::Sqlite { .. } => "drop trigger poison",
        Db::Postgres(_) => "drop trigger poison on tickets_v1",
    };
    execute(storage, text.into()).await;
}

async fn execute(storage: &Storage, text: String) {
    match &storage.read {
        Db::Sqlite { writer, .. } => {
            sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(writer).await.unwrap();
        }
        Db::Postgres(pool) => {
            sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(pool).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poisoned_branch_waits_others_flow_and_retry_heals() {
    for home in homes().await {
        let (storage, clock) = fresh(&home).await;
        let (mayak, vostok) = (branch("mayak"), branch("vostok"));
        register(&*storage.events, &[&mayak, &vostok], false).await;
        project(&storage, &clock).await;
        poison(&storage, "А003", "mayak").await;
        let running = Running::start(&storage, &clock);
        let mut parts = Vec::new();
        for (of, seed) in [(&mayak, 1), (&vostok, 2)] {
            parts.push((of, recorded(&whole_day(seed, 100).heard, of, day(), salt(of))));
        }
        let half: Vec<_> = parts.iter().map(|(of, events)| (*of, events.len() / 2)).collect();
        for ((of, events), (_, half)) in parts.iter().zip(&half) {
            append(&*storage.events, &stream(of, day()), events[..*half].to_vec()).await;
        }
        running.reaches(storage.tail.head()).await;
        let waits = parked(&storage.read, "tickets").await.unwrap();
        assert_eq!(waits.iter().map(|it| it.branch.as_str()).collect::<Vec<_>>(), ["mayak"]);
        assert!(waits[0].error.contains("poison"), "{}", waits[0].error);
        assert_eq!(parked(&storage.read, "audit_index").await.unwrap(), []);

        // Later events of the branch wait too, also after a restart.
        running.stops().await;
        let running = Running::start(&storage, &clock);
        for ((of, events), (_, half)) in parts.iter().zip(&half) {
            append(&*storage.events, &stream(of, day()), events[*half..].to_vec()).await;
        }
        running.reaches(storage.tail.head()).await;
        let halfway = Tables::of(&storage).await;
        let before = |row: &&talon_projections::tickets::row::TicketRow| row.branch == "mayak";
        assert!(halfway.tickets.iter().filter(before).all(|it| it.position < waits[0].from_position));

        let around = surroundings(&storage, &clock);
        assert!(matches!(
            retry(&around, &TICKETS, "mayak").await,
            Err(ParkingError::Trouble(Trouble::Poisoned(it))) if it.branch.as_deref() == Some("mayak")
        ));
        assert!(matches!(retry(&around, &TICKETS, "vostok").await, Err(ParkingError::NotParked(_))));
        cure(&storage).await;
        let mut healed = Err(ParkingError::NotParked(String::new()));
        for _ in 0..100 {
            // The runner may move the checkpoint at the same instant.
            healed = retry(&around, &TICKETS, "mayak").await;
            if healed.is_ok() {
                break;
            }
        }
        assert!(healed.unwrap() > 50);
        assert_eq!(parked(&storage.read, "tickets").await.unwrap(), []);

        // The runner notices, and goes on with both.
        let date = day().succ_opt().unwrap();
        let more = recorded(&whole_day(3, 40).heard, &mayak, date, 9);
        append(&*storage.events, &stream(&mayak, date), more).await;
        running.reaches(storage.tail.head()).await;
        running.stops().await;
        let healed = Tables::of(&storage).await;
        rebuild(&around, &ALL).await.unwrap();
        healed.assert_same(&Tables::of(&storage).await, "healed and rebuilt");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_skipped_event_is_left_out_with_a_reason_and_rebuilds_leave_it_out_too() {
    for home in homes().await {
        let (storage, clock) = fresh(&home).await;
        let (mayak, vostok) = (branch("mayak"), branch("vostok"));
        register(&*storage.events, &[&mayak, &vostok], false).await;
        let mut spoilt = recorded(&whole_day(4, 80).heard, &mayak, day(), salt(&mayak));
        let middle = spoilt.len() / 2;
        spoilt[middle].data = "[]".into();
        append(&*storage.events, &stream(&mayak, day()), spoilt).await;
        append(
            &*storage.events,
            &stream(&vostok, day()),
            recorded(&whole_day(5, 60).heard, &vostok, day(), salt(&vostok)),
        )
        .await;
        project(&storage, &clock).await;
        let around = surroundings(&storage, &clock);
        let spoilt_at = parked(&storage.read, "tickets").await.unwrap()[0].from_position;
        let Err(Trouble::Poisoned(found)) = rebuild(&around, &ALL).await else {
            panic!("a rebuild went past it")
        };
        assert_eq!(i64::try_from(found.position).unwrap(), spoilt_at);
        assert_eq!(ledger::current(&storage.read, "tickets").await.unwrap().unwrap().version, 1);

        let why = Skip { by: "vera".into(), reason: "written by a faulty build".into() };
        for projection in ALL {
            assert!(skip(&around, projection, "mayak", &why).await.unwrap() > 0);
        }
        let audit: Vec<(i64, String, String)> = talon_storage::ask!(
            &storage.read,
            (i64, String, String),
            "select position, reason, skipped_by from skipped where projector = 'tickets'"
        )
        .unwrap();
        assert_eq!(audit, [(spoilt_at, why.reason.clone(), why.by.clone())]);
        let skipped = Tables::of(&storage).await;
        assert_eq!(u64::try_from(skipped.audit.len()).unwrap(), storage.tail.head() - 1);
        rebuild(&around, &ALL).await.unwrap();
        skipped.assert_same(&Tables::of(&storage).await, "skipped and rebuilt");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_event_of_no_branch_stops_the_projection_before_it() {
    let home = crate::stores::Home::sqlite();
    let (storage, clock) = fresh(&home).await;
    let mayak = branch("mayak");
    register(&*storage.events, &[&mayak], false).await;
    let running = Running::start(&storage, &clock);
    let mut event = recorded(&whole_day(6, 5).heard, &mayak, day(), salt(&mayak)).remove(0);
    event.data = "{}".into();
    running.reaches(1).await;
    append(&*storage.events, &StreamId::new("staff-anna"), vec![event]).await;
    append(&*storage.events, &stream(&mayak, day()), recorded(&whole_day(7, 5).heard, &mayak, day(), 3))
        .await;
    assert!(!running.freshness.reached("tickets", storage.tail.head(), Duration::from_millis(600)).await);
    assert_eq!(ledger::current(&storage.read, "tickets").await.unwrap().unwrap().position, 1);
    running.stops().await;
}
