//! Real queue logs against figures computed independently. Other people's data: found beside the project or skipped.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::NaiveDateTime;
use clap::Parser;
use serde_json::Value;
use talon_core::{event_store::EventStore, seal};
use talon_replay::{figures::figures, history::History, import, instant::instant, progress::Progress};

use crate::{hall::clock, store::Log};

/// Keys of a data set that are compared.
const FIGURES: [&str; 12] = [
    "tickets",
    "branches",
    "services",
    "operators",
    "first_issued",
    "last_issued",
    "events",
    "outcomes",
    "overall",
    "days",
    "service_total_s_by_operator",
    "served_by_operator",
];

#[derive(Parser)]
pub(crate) struct Command {
    #[command(flatten)]
    pub(crate) args: import::Args,
}

pub(crate) fn folder(test: &str) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "a test is told by its environment where the logs lie")]
    let told = std::env::var("TALON_LOGS").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = told.unwrap_or_else(|_| beside());
    if folder.join("reference_visible.json").is_file() {
        return Some(folder);
    }
    eprintln!("skipped {test}: no queue logs at {} (set TALON_LOGS)", folder.display());
    None
}

/// Where two values differ by the rules of comparison; `null` in the reference is not compared.
fn differences(at: &str, expected: &Value, found: &Value, into: &mut Vec<String>) {
    let differs = |into: &mut Vec<String>| into.push(format!("{at}: expected {expected}, found {found}"));
    match (expected, found) {
        (Value::Null, _) => {}
        (Value::Object(expected), Value::Object(found)) => {
            for (key, expected) in expected {
                differences(
                    &format!("{at}.{key}"),
                    expected,
                    found.get(key).unwrap_or(&Value::from(0)),
                    into,
                );
            }
            for (key, found) in found {
                if !expected.contains_key(key) && found != 0 {
                    into.push(format!("{at}.{key}: not expected, found {found}"));
                }
            }
        }
        (Value::Number(expected), Value::Number(found)) => {
            let exact = expected.is_i64() && found.is_i64() && expected == found;
            let near = |a: f64, b: f64| (a - b).abs() <= 0.001;
            let both = expected.as_f64().zip(found.as_f64());
            if !exact && (expected.is_i64() && found.is_i64() || !both.is_some_and(|(a, b)| near(a, b))) {
                differs(into);
            }
        }
        (Value::String(expected), Value::String(found)) => {
            let time = |text: &str| text.replace(' ', "T").parse::<NaiveDateTime>().ok();
            if expected != found && (time(expected).is_none() || time(expected) != time(found)) {
                differs(into);
            }
        }
        _ if expected == found => {}
        _ => differs(into),
    }
}

async fn matches(test: &str, name: &str, zone: &str) {
    let Some(folder) = folder(test) else { return };
    let reference = std::fs::read_to_string(folder.join("reference_visible.json")).unwrap();
    let reference: Value = serde_json::from_str(&reference).unwrap();
    let reference = &reference["visible"][name];
    let file = folder.join(format!("{name}.csv.gz"));
    let given = ["import", file.to_str().unwrap(), "--time-zone", zone];
    let args = Command::parse_from(given).args;
    let log = Arc::new(Log::default());
    let store: Arc<dyn EventStore> = Arc::clone(&log) as _;
    let summary = import::run(&args, Arc::clone(&store), clock(), &Progress::silent()).await.unwrap();
    assert_eq!((summary.data_set.as_str(), summary.rejected), (name, 0));
    assert_eq!(Value::from(summary.events_written), reference["events"]["total"]);

    let history = History::read(&store, name, &Progress::silent()).await.unwrap();
    let found = serde_json::to_value(figures(&history)).unwrap();
    let mut wrong = Vec::new();
    for key in FIGURES {
        differences(key, &reference[key], &found[key], &mut wrong);
    }
    let instants = reference["instants"].as_array().unwrap();
    for expected in instants {
        let at = expected["at"].as_str().unwrap();
        let found = serde_json::to_value(instant(&history, at.parse().unwrap())).unwrap();
        differences(&format!("at {at}"), expected, &found, &mut wrong);
    }
    assert!(
        !instants.is_empty() && wrong.is_empty(),
        "{} differ: {:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(20)]
    );
    assert!(log.facts().iter().all(seal::holds));

    let again = import::run(&args, Arc::clone(&store), clock(), &Progress::silent()).await.unwrap();
    assert_eq!((again.events_written, again.already_there), (0, summary.tickets_written));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_centre_matches_its_reference() {
    matches("a_call_centre_matches_its_reference", "callcentre", "Asia/Jerusalem").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn branches_of_a_bank_match_their_reference() {
    matches("branches_of_a_bank_match_their_reference", "bank_branches", "America/Sao_Paulo").await;
}

#[test]
fn the_comparison_sees_what_differs() {
    let differ = |expected: Value, found: Value| {
        let mut wrong = Vec::new();
        differences("", &expected, &found, &mut wrong);
        wrong.len()
    };
    let expected =
        serde_json::json!({ "a": 1, "b": 2.5, "c": null, "d": { "e": "2016-08-01 09:00:00" }, "f": ["x"] });
    let same =
        serde_json::json!({ "a": 1, "b": 2.5009, "d": { "e": "2016-08-01T09:00:00" }, "f": ["x"], "g": 0 });
    assert_eq!(differ(expected.clone(), same.clone()), 0);
    for (key, other) in [
        ("a", Value::from(2)),
        ("a", Value::Null),
        ("b", Value::from(2.502)),
        ("d", serde_json::json!({})),
        ("d", serde_json::json!({ "e": "2016-08-01T09:00:01" })),
        ("f", serde_json::json!(["x", "y"])),
        ("g", Value::from(1)),
    ] {
        let mut found = same.clone();
        found[key] = other;
        assert_eq!(differ(expected.clone(), found.clone()), 1, "{found}");
    }
}
