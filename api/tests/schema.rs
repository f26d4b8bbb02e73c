//! The committed schema is the one the code makes: every change of the interface shows in review.

use std::{fs, path::Path};

#[expect(clippy::disallowed_methods, reason = "a developer asks for new files by TALON_REGENERATE=1")]
fn regenerate() -> bool {
    std::env::var("TALON_REGENERATE").is_ok_and(|value| value == "1")
}

#[test]
fn generated_files_are_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/schema.graphql");
    let text = talon_api::graphql::sdl();
    if regenerate() {
        fs::write(&path, &text).expect("a new schema");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "schemas/schema.graphql is stale: run this test with TALON_REGENERATE=1");
}
