//! The program itself, on an embedded store: imported by the library, read beside it by `talon-replay`.

use std::{
    path::Path,
    process::{Command, Output},
    sync::Arc,
};

use serde_json::Value;
use talon_core::event_store::EventStore;
use talon_replay::{import, progress::Progress, queue_log::QueueLog};
use talon_storage::{
    Access, Storage, StoreUrl,
    sqlx::{self, AssertSqlSafe, Connection, Executor, SqliteConnection},
};

use crate::hall::{HEADER, args, clock};

const ROWS: &str = "\
s1,b-1,S,1,,2016-08-01T09:00:00,2016-08-01T09:02:00,2016-08-01T09:02:30,2016-08-01T09:10:00,served,ann,,q1
a1,b-1,S,0,,2016-08-01T09:00:00,,,,abandoned,,2016-08-01T09:30:00,q1
n1,b-2,T,0,,2016-08-01T23:50:00,2016-08-02T00:10:00,,,no_show,bob,2016-08-02T00:12:00,q2
";

async fn imported(directory: &Path) -> Storage {
    let url = StoreUrl::Sqlite(directory.to_owned());
    let storage = Storage::open(&url, Access::Owner, None).await.unwrap();
    let log = || QueueLog::from_bytes(format!("{HEADER}{ROWS}").into_bytes()).unwrap();
    let run = |store: Arc<dyn EventStore>| async move {
        import::from_log(&args(&[]), log(), 0, store, clock(), &Progress::silent()).await.unwrap()
    };
    assert_eq!(run(Arc::clone(&storage.events)).await.events_written, 9);
    assert_eq!(run(Arc::clone(&storage.events)).await.events_written, 0);
    storage
}

fn replay(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_talon-replay"))
        .arg(format!("--store=sqlite:{}", directory.display()))
        .args(arguments)
        .env_remove("TALON_STORE__URL")
        .output()
        .unwrap()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "no progress where nobody watches");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_reads_beside_a_running_owner() {
    let directory = tempfile::tempdir().unwrap();
    let storage = imported(directory.path()).await;
    let ask = |arguments: &[&str]| replay(directory.path(), arguments);

    let figures = json(&ask(&["figures", "--dataset", "hall", "--json"]));
    assert_eq!((&figures["tickets"], &figures["events"]["total"]), (&Value::from(3), &Value::from(9)));
    assert_eq!(figures["first_issued"], "2016-08-01T09:00:00");
    assert_eq!(figures["days"]["2016-08-01"]["no_show"], 1);

    let state = json(&ask(&["state", "--at", "2016-08-01 09:05:00", "--dataset", "hall", "--json"]));
    assert_eq!((&state["waiting"], &state["in_service"]), (&Value::from(1), &Value::from(1)));
    assert_eq!(state["oldest_waiting_ticket"], "a1");

    let verified = json(&ask(&["verify", "--json"]));
    assert_eq!((&verified["events"], &verified["broken"]), (&Value::from(11), &Value::Null));

    let ticket = import::ticket_id("hall", "n1").to_string();
    let told = json(&ask(&["timeline", "--ticket", &ticket, "--json"]));
    let kinds: Vec<_> = told["moments"].as_array().unwrap().iter().map(|it| it["type"].clone()).collect();
    assert_eq!(kinds, ["ticket.issued", "ticket.called", "ticket.no_show"]);
    assert_eq!(told["moments"][1]["local_time"], "2016-08-02T00:10:00");

    let exported = ask(&["export", "--stream", "organisation"]);
    assert_eq!(String::from_utf8(exported.stdout).unwrap().lines().count(), 2);

    for arguments in [&["figures", "--dataset", "hall"][..], &["verify"], &["timeline", "--ticket", &ticket]]
    {
        let output = ask(arguments);
        assert!(output.status.success() && !output.stdout.is_empty(), "{arguments:?}");
    }
    storage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_answered_has_its_exit_code() {
    let directory = tempfile::tempdir().unwrap();
    let absent = replay(&directory.path().join("nowhere"), &["verify"]);
    assert_eq!(absent.status.code(), Some(1));
    assert!(!directory.path().join("nowhere").exists(), "reading makes no store");

    imported(directory.path()).await.close().await;
    let code = |arguments: &[&str]| replay(directory.path(), arguments).status.code();
    assert_eq!(code(&["figures", "--dataset", "nobody"]), Some(1));
    assert_eq!(code(&["timeline", "--ticket", "00000000-0000-0000-0000-000000000000"]), Some(1));
    assert_eq!(code(&["timeline", "--number", "A1"]), Some(2));
    assert_eq!(code(&["state", "--at", "yesterday", "--dataset", "hall"]), Some(2));
    assert_eq!(code(&["verify", "--help"]), Some(0));
    let said = replay(directory.path(), &["figures", "--dataset", "nobody"]).stderr;
    assert!(String::from_utf8_lossy(&said).contains("it has: hall"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_goes_around_the_triggers_is_found() {
    let directory = tempfile::tempdir().unwrap();
    imported(directory.path()).await.close().await;
    let url = format!("sqlite:{}", directory.path().join("log.db").display());
    let mut file = SqliteConnection::connect(&url).await.unwrap();
    let change = "update events set data = cast(replace(cast(data as text), 'import', 'hearsay') as blob) \
                  where type = 'ticket.abandoned'";
    file.execute(change).await.expect_err("the log refuses");
    let triggers = "select name from sqlite_master where type = 'trigger'";
    for (name,) in sqlx::query_as::<_, (String,)>(triggers).fetch_all(&mut file).await.unwrap() {
        file.execute(AssertSqlSafe(format!("drop trigger {name}"))).await.unwrap();
    }
    file.execute(change).await.unwrap();
    file.close().await.unwrap();
    let output = replay(directory.path(), &["verify", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["broken"]["flaw"]["what"], "seal");
    assert_eq!(report["broken"]["stream"], "queue-b-1~2016-08-01");
}
