//! The committed schema is the one the code makes: every change of the interface shows in review.

use std::{fs, path::Path};

use serde_json::Value;
use talon_api::config::Config;
use talon_core::settings::BranchSettings;

#[expect(clippy::disallowed_methods, reason = "a developer asks for new files by TALON_REGENERATE=1")]
fn regenerate() -> bool {
    std::env::var("TALON_REGENERATE").is_ok_and(|value| value == "1")
}

#[test]
fn generated_files_are_fresh() {
    let config = serde_json::to_value(schemars::schema_for!(Config)).expect("JSON");
    let keys = keys(&config);
    let config = serde_json::to_string_pretty(&config).expect("JSON") + "\n";
    let settings = serde_json::to_value(schemars::schema_for!(BranchSettings)).expect("JSON");
    let settings = serde_json::to_string_pretty(&settings).expect("JSON") + "\n";
    for (file, text) in [
        ("schemas/schema.graphql", talon_api::graphql::sdl()),
        ("schemas/openapi.json", talon_api::http::openapi::DOCUMENT.clone()),
        ("schemas/config.schema.json", config),
        ("docs/operating/configuration-keys.md", keys),
        ("schemas/branch-settings.schema.json", settings),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
        if regenerate() {
            fs::write(&path, &text).expect("a new file");
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == text, "{file} is stale: run this test with TALON_REGENERATE=1");
    }
}

/// Every key with its default and what it says of itself, as a page.
fn keys(schema: &Value) -> String {
    let mut page = String::from(
        "# Configuration: every key\n\nMade from the program itself. In the environment `http.listen` is \
         `TALON_HTTP__LISTEN`.\n\n| key | default | meaning |\n| --- | --- | --- |\n",
    );
    let defaults = serde_json::to_value(Config::default()).expect("JSON");
    let sections = schema["properties"].as_object().expect("sections");
    for section in sections.keys() {
        let name = schema["properties"][section]["$ref"].as_str().expect("a reference");
        let definition = &schema["$defs"][name.rsplit('/').next().expect("a name")];
        rows(section, definition, &defaults[section], schema, &mut page);
    }
    page
}

fn rows(section: &str, definition: &Value, defaults: &Value, schema: &Value, page: &mut String) {
    for (key, property) in definition["properties"].as_object().expect("keys") {
        let within =
            property["$ref"].as_str().map(|it| &schema["$defs"][it.rsplit('/').next().expect("a name")]);
        if let Some(within) = within.filter(|it| it["properties"].is_object()) {
            rows(&format!("{section}.{key}"), within, &defaults[key], schema, page);
            continue;
        }
        let default = match &defaults[key] {
            Value::String(text) if text == "***" => "`sqlite:run/talon`".to_owned(),
            Value::String(text) if text.is_empty() => String::new(),
            Value::String(text) => format!("`{text}`"),
            other => format!("`{other}`"),
        };
        let meaning = property["description"].as_str().unwrap_or_default().replace('\n', " ");
        page.push_str(&format!("| `{section}.{key}` | {default} | {meaning} |\n"));
    }
}

#[test]
fn the_description_of_http_names_every_route_and_no_other() {
    let document: Value = serde_json::from_str(&talon_api::http::openapi::DOCUMENT).expect("JSON");
    let described: Vec<&String> = document["paths"].as_object().expect("paths").keys().collect();
    let source = [
        include_str!("../src/http.rs"),
        include_str!("../src/http/access.rs"),
        include_str!("../src/http/account.rs"),
        include_str!("../src/http/own_contacts.rs"),
        include_str!("../src/http/ways.rs"),
    ]
    .concat();
    // Pages, their assets, the demo and the socket are no interface for programs.
    let routes: Vec<&str> = source
        .split(".route(\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|route| !["/graphql/ws", "/openapi.json"].contains(route))
        .collect();
    for route in &routes {
        assert!(described.iter().any(|it| it == route), "{route} is not described in openapi.json");
    }
    for path in described {
        assert!(routes.contains(&path.as_str()), "{path} is described and does not exist");
    }
}

/// Every reference of the description leads to something, and nothing in it is left unused.
#[test]
fn the_description_of_http_is_whole() {
    let document: Value = serde_json::from_str(&talon_api::http::openapi::DOCUMENT).expect("JSON");
    let text = document.to_string();
    let mut named = Vec::new();
    for rest in text.split("\"$ref\":\"#").skip(1) {
        let pointer = rest.split('"').next().expect("a reference");
        assert!(document.pointer(pointer).is_some(), "{pointer} is named and not there");
        named.push(pointer);
    }
    for kind in ["schemas", "parameters", "responses"] {
        for name in document["components"][kind].as_object().expect("components").keys() {
            let pointer = format!("/components/{kind}/{name}");
            assert!(named.contains(&pointer.as_str()), "{pointer} is never used");
        }
    }
    assert!(document["components"]["schemas"]["Board"]["properties"]["rows"].is_object());
}
