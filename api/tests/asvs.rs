//! The table of OWASP ASVS in `docs/security/asvs.md`: whole, and true as far as its tests go.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Levels 1 and 2 of version 4.0.3, without what it has deleted.
const REQUIREMENTS: &str = "1.1:1-7 1.2:1-4 1.4:1,4,5 1.5:1-4 1.6:1-4 1.7:1-2 1.8:1-2 1.9:1-2 1.10:1 1.11:1-2 1.12:2 \
    1.14:1-6 2.1:1-12 2.2:1-3 2.3:1-3 2.4:1-5 2.5:1-7 2.6:1-3 2.7:1-6 2.8:1-7 2.9:1-3 2.10:1-4 3.1:1 3.2:1-4 3.3:1-4 \
    3.4:1-5 3.5:1-3 3.7:1 4.1:1-3,5 4.2:1-2 4.3:1-3 5.1:1-5 5.2:1-8 5.3:1-10 5.4:1-3 5.5:1-4 6.1:1-3 6.2:1-6 6.3:1-2 \
    6.4:1-2 7.1:1-4 7.2:1-2 7.3:1,3-4 7.4:1-3 8.1:1-4 8.2:1-3 8.3:1-8 9.1:1-3 9.2:1-4 10.2:1-2 10.3:1-3 11.1:1-8 \
    12.1:1-3 12.2:1 12.3:1-6 12.4:1-2 12.5:1-2 12.6:1 13.1:1,3-5 13.2:1-3,5-6 13.3:1-2 13.4:1-2 14.1:1-4 14.2:1-6 \
    14.3:2-3 14.4:1-7 14.5:1-4";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Where a requirement is met, and the tests named for it.
struct Row {
    place: String,
    tests: Vec<String>,
}

fn table() -> BTreeMap<String, Row> {
    let page = fs::read_to_string(root().join("docs/security/asvs.md")).expect("the page");
    let mut rows = BTreeMap::new();
    for line in page.lines().filter(|it| it.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [id, _, place, tests] = cells.as_slice() else { continue };
        if !id.starts_with(|it: char| it.is_ascii_digit()) {
            continue;
        }
        let tests = tests.split(',').map(|it| it.trim().trim_matches('`').to_owned());
        let row = Row { place: (*place).to_owned(), tests: tests.filter(|it| !it.is_empty()).collect() };
        assert!(rows.insert((*id).to_owned(), row).is_none(), "{id} stands there twice");
    }
    rows
}

fn requirements() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for section in REQUIREMENTS.split_whitespace() {
        let (section, numbers) = section.split_once(':').expect("a section");
        for range in numbers.split(',') {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let number = |text: &str| text.parse::<u32>().expect("a number");
            all.extend((number(first)..=number(last)).map(|it| format!("{section}.{it}")));
        }
    }
    all
}

/// The names of all tests: functions of Rust, and sentences of the panel with `_` for whatever is no letter.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in ["core", "texts", "storage", "projections", "replay-tools", "api"] {
        gather(&root().join(folder), "rs", &mut |text| {
            let mut is_test = false;
            for line in text.lines().map(str::trim_start) {
                if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                    is_test = true;
                } else if is_test && !line.starts_with("#[") {
                    found.extend(named(line).map(str::to_owned));
                    is_test = false;
                }
            }
        });
    }
    gather(&root().join("panel/test"), "ts", &mut |text| {
        let sentences = text.split("it(\"").skip(1).filter_map(|it| it.split('"').next());
        found.extend(sentences.map(|it| it.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_")));
    });
    found
}

fn named(line: &str) -> Option<&str> {
    line.split_once("fn ").and_then(|(_, rest)| rest.split('(').next())
}

fn gather(folder: &Path, ending: &str, read: &mut impl FnMut(&str)) {
    for entry in fs::read_dir(folder).expect("a folder").map(|it| it.expect("an entry").path()) {
        let name = entry.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        if entry.is_dir() && !["target", "node_modules", "sql"].contains(&name) {
            gather(&entry, ending, read);
        } else if entry.extension().is_some_and(|it| it == ending) {
            read(&fs::read_to_string(&entry).expect("a text"));
        }
    }
}

#[test]
fn every_requirement_of_level_two_has_its_row() {
    let (rows, wanted) = (table(), requirements());
    let there: BTreeSet<String> = rows.keys().cloned().collect();
    assert_eq!(wanted.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "left out");
    assert_eq!(there.difference(&wanted).collect::<Vec<_>>(), Vec::<&String>::new(), "not in the standard");
    for (id, row) in rows {
        assert!(row.place.len() > 3 || row.place.starts_with("n/a"), "{id}: where?");
    }
}

#[test]
fn every_test_named_in_the_table_exists() {
    let (rows, known) = (table(), tests());
    assert!(known.len() > 300, "tests were not found in the sources: {}", known.len());
    let missing: Vec<_> = rows
        .iter()
        .flat_map(|(id, row)| row.tests.iter().map(move |test| (id, test)))
        .filter(|(_, test)| !known.contains(*test))
        .collect();
    assert_eq!(missing, Vec::new(), "named and not there");
    let tested = rows.values().filter(|row| !row.tests.is_empty()).count();
    assert!(tested > 120, "most of what can be tested is: {tested}");
}
