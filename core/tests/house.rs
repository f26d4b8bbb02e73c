//! The house rules that keep commands going up and facts coming down: who may depend on whom, what a floor must
//! never name, that no SQL file lies about unused. Reads the tree as text, so that it needs no other tool.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Each crate and the crates of the house it may depend on, tests included.
const EDGES: &[(&str, &[&str])] = &[
    ("talon-core", &[]),
    ("talon-texts", &[]),
    ("talon-storage", &["talon-core"]),
    ("talon-projections", &["talon-core", "talon-storage"]),
    ("talon-replay", &["talon-core", "talon-storage", "talon-projections"]),
    ("talon-api", &["talon-core", "talon-texts", "talon-storage", "talon-projections", "talon-replay"]),
];

/// What a floor must never know, as dependencies outside its tests.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("talon-core", &["sqlx", "axum", "async-graphql", "reqwest", "rand"]),
    ("talon-texts", &["serde_json", "sqlx", "axum", "tokio"]),
    ("talon-storage", &["axum", "async-graphql"]),
    ("talon-projections", &["axum", "async-graphql", "reqwest", "rand"]),
    ("talon-replay", &["axum", "async-graphql", "reqwest"]),
    ("talon-api", &["sqlx"]),
];

/// What the sources of `core` must never name.
const NOT_IN_CORE: &[&str] = &["sqlx", "axum", "Utc::now", "SystemTime", "std::env"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace lies above core").to_path_buf()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below a folder, without what builds and package managers put there.
fn files(folder: &Path) -> Vec<PathBuf> {
    const SKIPPED: &[&str] = &["target", "node_modules", "dist", "run", ".git", ".stamp"];
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_symlink() || SKIPPED.contains(&name) {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn with_extension(folder: &Path, extension: &str) -> Vec<PathBuf> {
    files(folder).into_iter().filter(|path| path.extension().is_some_and(|it| it == extension)).collect()
}

/// Rust sources without their comments and without the tests at their end.
fn code(path: &Path) -> String {
    let text = read(path);
    let body = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    body.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn names_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part)
    })
}

struct Manifest {
    package: String,
    ordinary: BTreeSet<String>,
    all: BTreeSet<String>,
}

/// The dependencies of a manifest by the names of their packages, renamed ones too.
fn dependencies(table: &toml::Table, section: &str) -> BTreeSet<String> {
    let name_of = |(key, value): (&String, &toml::Value)| {
        value.get("package").and_then(toml::Value::as_str).unwrap_or(key).to_owned()
    };
    let section_of = |table: &toml::Table| match table.get(section).and_then(toml::Value::as_table) {
        Some(section) => section.iter().map(name_of).collect(),
        None => BTreeSet::new(),
    };
    let mut found = section_of(table);
    if let Some(targets) = table.get("target").and_then(toml::Value::as_table) {
        for target in targets.values().filter_map(toml::Value::as_table) {
            found.extend(section_of(target));
        }
    }
    found
}

fn manifests() -> BTreeMap<String, Manifest> {
    let workspace: toml::Table = read(&root().join("Cargo.toml")).parse().expect("the workspace's manifest");
    let members = workspace["workspace"]["members"].as_array().expect("a list of members");
    let manifest = |member: &toml::Value| {
        let folder = member.as_str().expect("a folder's name");
        let table: toml::Table =
            read(&root().join(folder).join("Cargo.toml")).parse().expect("a member's manifest");
        let package = table["package"]["name"].as_str().expect("a package's name").to_owned();
        let ordinary = dependencies(&table, "dependencies");
        let all = ["dependencies", "dev-dependencies", "build-dependencies"]
            .iter()
            .flat_map(|section| dependencies(&table, section))
            .collect();
        (folder.to_owned(), Manifest { package, ordinary, all })
    };
    members.iter().map(manifest).collect()
}

#[test]
fn crates_depend_only_downwards() {
    let allowed: BTreeMap<_, _> = EDGES.iter().copied().collect();
    for manifest in manifests().values() {
        let package = manifest.package.as_str();
        let edges =
            allowed.get(package).unwrap_or_else(|| panic!("{package} has no row in EDGES: give it a floor"));
        for dependency in manifest.all.iter().filter(|name| name.starts_with("talon-") && *name != package) {
            assert!(edges.contains(&dependency.as_str()), "{package} must not depend on {dependency}");
        }
    }
}

#[test]
fn no_floor_knows_what_it_must_not_know() {
    let forbidden: BTreeMap<_, _> = FORBIDDEN.iter().copied().collect();
    for manifest in manifests().values() {
        for name in forbidden.get(manifest.package.as_str()).copied().unwrap_or_default() {
            assert!(!manifest.ordinary.contains(*name), "{} must not depend on {name}", manifest.package);
        }
    }
}

#[test]
fn the_rules_name_no_database_no_network_and_no_clock() {
    for path in with_extension(&root().join("core/src"), "rs") {
        let code = code(&path);
        for name in NOT_IN_CORE {
            assert!(!names_word(&code, name), "{} names {name}", path.display());
        }
    }
}

#[test]
fn compose_alone_names_concrete_stores() {
    let implementation = "impl EventStore for ";
    let stores: BTreeSet<String> = with_extension(&root().join("storage/src"), "rs")
        .iter()
        .flat_map(|path| {
            let after = |line: &str| line.trim().strip_prefix(implementation).map(str::to_owned);
            code(path).lines().filter_map(after).collect::<Vec<_>>()
        })
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric()).collect())
        .collect();
    for path in with_extension(&root().join("api/src"), "rs") {
        if path.ends_with("api/src/compose.rs") {
            continue;
        }
        let code = code(&path);
        for store in &stores {
            assert!(
                !names_word(&code, store),
                "{} names {store}: ask compose.rs for the port",
                path.display()
            );
        }
    }
}

#[test]
fn every_sql_file_is_used() {
    for folder in ["storage", "projections"] {
        let sources: String =
            with_extension(&root().join(folder), "rs").iter().map(|path| code(path)).collect();
        let sql = root().join(folder).join("sql");
        for path in with_extension(&sql, "sql") {
            let name =
                path.strip_prefix(&sql).expect("a file below sql").to_string_lossy().replace('\\', "/");
            let stem = name.trim_end_matches(".sql");
            let stem =
                stem.strip_suffix(".sqlite").or_else(|| stem.strip_suffix(".postgres")).unwrap_or(stem);
            assert!(sources.contains(stem), "{folder}/sql/{name} is named by no source file");
        }
    }
}

#[test]
fn no_file_holds_a_path_of_somebodys_machine() {
    const TEXTS: &[&str] = &[
        "rs", "toml", "md", "sql", "ts", "tsx", "mjs", "js", "json", "html", "css", "sh", "yml", "yaml",
        "ftl", "service",
    ];
    let machines = ["home", "Users", "work", "root"].map(|name| format!("/{name}/"));
    for path in files(&root()) {
        let extension = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
        let is_lock = path.file_name().is_some_and(|name| name == "package-lock.json");
        if is_lock || !(TEXTS.contains(&extension) || path.ends_with("Makefile") || path.ends_with(".ci/run"))
        {
            continue;
        }
        let text = read(&path);
        for machine in &machines {
            let absolute = |(at, _): (usize, &str)| {
                // The same word inside a longer path or an address is no absolute path.
                !text[..at].ends_with(|c: char| {
                    c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '~' | '}' | ')')
                })
            };
            assert!(
                !text.match_indices(machine.as_str()).any(absolute),
                "{} holds {machine}…",
                path.display()
            );
        }
    }
}
