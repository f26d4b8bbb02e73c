//! What is generated from the events: their JSON Schemas, the page that lists them, and one sample of every schema ever
//! released, which no later build may fail to read. `TALON_REGENERATE=1` writes what is missing or stale; a sample that
//! exists is never written again.

#[path = "generated/samples.rs"]
mod samples;

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use talon_core::{queue_event, upcast};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace lies above core").to_path_buf()
}

fn folder_of(kind: &str) -> PathBuf {
    root().join("schemas/events").join(kind)
}

#[expect(clippy::disallowed_methods, reason = "the switch of `make regenerate`")]
fn regenerates() -> bool {
    std::env::var("TALON_REGENERATE").is_ok_and(|it| it == "1")
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("plain JSON") + "\n"
}

#[track_caller]
fn fresh(path: &Path, wanted: &str) {
    if regenerates() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder to write in");
        fs::write(path, wanted).expect("a file to write");
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    assert!(found == wanted, "{} is stale: run make regenerate", path.display());
}

#[test]
fn generated_files_are_fresh() {
    for (kind, version, schema) in queue_event::catalogue() {
        let path = folder_of(kind).join(format!("v{version}.schema.json"));
        fresh(&path, &pretty(&schema.to_value()));
    }
    fresh(&root().join("docs/EVENTS.md"), &page());
    if regenerates() {
        for event in samples::one_of_each() {
            let (kind, version) = event.wire();
            let path = folder_of(kind).join(format!("v{version}.sample.json"));
            if !path.exists() {
                let data: Value = serde_json::from_slice(&event.data()).expect("an event's JSON");
                fs::write(path, pretty(&data)).expect("a file to write");
            }
        }
    }
}

/// Every sample ever committed, by wire name and schema number.
fn committed() -> BTreeMap<(String, u16), Value> {
    let mut found = BTreeMap::new();
    for folder in fs::read_dir(root().join("schemas/events")).expect("schemas of events") {
        let folder = folder.expect("a readable folder").path();
        let kind = folder.file_name().and_then(|it| it.to_str()).expect("a wire name").to_owned();
        for file in fs::read_dir(&folder).expect("an event's folder") {
            let path = file.expect("a readable file").path();
            let name = path.file_name().and_then(|it| it.to_str()).expect("a name");
            let Some(version) = name.strip_prefix('v').and_then(|it| it.strip_suffix(".sample.json")) else {
                continue;
            };
            let text = fs::read_to_string(&path).expect("a sample");
            let data = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            found.insert((kind.clone(), version.parse().expect("a schema number")), data);
        }
    }
    found
}

#[test]
fn every_sample_ever_released_is_read_and_written_alike() {
    let newest: BTreeMap<&str, u16> =
        queue_event::catalogue().into_iter().map(|(kind, version, _)| (kind, version)).collect();
    for ((kind, version), data) in committed() {
        let bytes = serde_json::to_vec(&data).expect("plain JSON");
        let event = upcast::decode(&kind, version, &bytes)
            .unwrap_or_else(|error| panic!("{kind} v{version} cannot be read: {error}"));
        assert_eq!(event.wire().0, kind, "{kind} is no longer known");
        if newest[kind.as_str()] == version {
            let again: Value = serde_json::from_slice(&event.data()).expect("an event's JSON");
            assert_eq!(again, data, "{kind} v{version} loses something on the way");
        }
    }
}

#[test]
fn every_event_has_a_sample_that_fills_all_its_fields() {
    let samples = committed();
    for (kind, version, schema) in queue_event::catalogue() {
        let sample = samples
            .get(&(kind.to_owned(), version))
            .unwrap_or_else(|| panic!("{kind} has no v{version}.sample.json: run make regenerate"));
        for field in fields(schema.as_value()).keys() {
            assert!(sample.get(field).is_some(), "the sample of {kind} lacks {field}");
        }
    }
}

/// Fields with whether they are always there.
fn fields(schema: &Value) -> BTreeMap<String, bool> {
    let required: Vec<&str> = schema["required"]
        .as_array()
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let Some(properties) = schema["properties"].as_object() else { return BTreeMap::new() };
    properties.keys().map(|name| (name.clone(), required.contains(&name.as_str()))).collect()
}

fn page() -> String {
    const STREAMS: &[(&str, &str)] = &[
        ("A business day: `queue-{branch}~{yyyy-mm-dd}`", "ticket service action alert day window"),
        ("The organisation: `organisation`", "organisation catalogue"),
        ("A branch: `branch-{id}`", "branch"),
        ("A member of staff: `staff-{id}`", "staff"),
        ("A customer: `customer-{id}`", "customer"),
        ("A device: `device-{id}`", "device"),
        ("The doors on one day, in UTC: `access-{yyyy-mm-dd}`", "access"),
    ];
    let mut page = String::from(
        "# Events\n\n\
         Generated from the code by `make regenerate`; do not edit.\n\n\
         A wire name is a literal and never changes its meaning. A field with `?` may be absent. The JSON Schema and a \
         sample of each schema lie in `schemas/events/<wire name>/`. What stands around the data (who, when, why, the \
         hash chain) is the envelope, the same for all.\n",
    );
    let mut listed = 0;
    for (title, prefixes) in STREAMS {
        write!(page, "\n## {title}\n\n| wire name | schema | what happened | fields |\n|---|---|---|---|\n")
            .expect("a string");
        for (kind, version, schema) in queue_event::catalogue() {
            let prefix = kind.split('.').next().unwrap_or_default();
            if !prefixes.split(' ').any(|it| it == prefix) {
                continue;
            }
            listed += 1;
            let value = schema.as_value();
            let name = value["title"].as_str().unwrap_or_default();
            let meaning = value["description"].as_str().unwrap_or(name).replace('\n', " ");
            let named =
                |(field, always): (String, bool)| format!("`{field}`{}", if always { "" } else { "?" });
            let fields = fields(value).into_iter().map(named).collect::<Vec<_>>().join(", ");
            writeln!(page, "| `{kind}` | {version} | {meaning} | {fields} |").expect("a string");
        }
    }
    assert_eq!(listed, queue_event::catalogue().len(), "an event belongs to no stream of this page");
    page
}
