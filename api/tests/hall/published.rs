//! The demo's secrets open no house but the demo.

use crate::node;

#[test]
fn no_house_opens_with_the_demos_passwords_or_a_key_of_an_example() {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", folder.path().display());
    tokio::runtime::Runtime::new().unwrap().block_on(node::install(&store));
    let args = ["--store", &store, "serve", "--listen", "127.0.0.1:0"];
    let strict = [("TALON_AUTH__PUBLISHED_SECRETS", "false")];
    let ended = node::begin_with(&args, &strict).wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(1), "{told}");
    assert!(told.contains("store.master_key") && told.contains("@demo.talon"), "{told}");
    for person in talon_api::demo::staff() {
        assert!(!told.contains(person.password), "{told}");
    }
    assert!(!String::from_utf8_lossy(&ended.stdout).contains("listening"), "the door stayed shut");
}
