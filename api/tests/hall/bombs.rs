//! Documents made to keep a server busy: each is turned away at once, with a code.

use std::time::{Duration, Instant};

use serde_json::json;
use talon_core::staff::event::Role;

use crate::{
    feeds::Socket,
    house::{Answer, House, Pass},
};

/// Far more than turning somebody away takes, far less than walking into the bomb.
const AT_ONCE: Duration = Duration::from_secs(10);

fn repeated(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(" ")
}

/// What each document is, its text, and the code it gets.
fn bombs() -> Vec<(&'static str, String, &'static str)> {
    let nested = |count: usize| {
        let open = "{ ticket { next { ticket ".repeat(count);
        format!("{{ window(branch: \"centre\", code: \"w6\") {open}{{ id }} {}}}", "} } } ".repeat(count))
    };
    let doubling =
        repeated(30, |it| format!("fragment f{it} on Query {{ ...f{next} ...f{next} }}", next = it + 1));
    vec![
        (
            "ten thousand aliases",
            format!("{{ {} }}", repeated(10_000, |it| format!("a{it}: position"))),
            "TOO_COMPLEX",
        ),
        ("ten thousand times one field", format!("{{ {} }}", "position ".repeat(10_000)), "TOO_COMPLEX"),
        ("depth", nested(20), "MALFORMED"),
        ("endless depth", "{a".repeat(60_000), "MALFORMED"),
        (
            "endless lists",
            format!("{{ board(branch: {}1) {{ position }} }}", "[".repeat(100_000)),
            "MALFORMED",
        ),
        (
            "doubling fragments",
            format!("{{ ...f0 }} {doubling} fragment f30 on Query {{ position }}"),
            "TOO_COMPLEX",
        ),
        (
            "a circle of fragments",
            "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }".into(),
            "TOO_COMPLEX",
        ),
        ("directives", format!("{{ position {} }}", "@include(if: true) ".repeat(10_000)), "TOO_COMPLEX"),
        (
            "a huge literal",
            format!("{{ branch(code: \"{}\") {{ code }} }}", "x".repeat(200_000)),
            "MALFORMED",
        ),
        (
            "a huge number",
            format!("{{ tickets(first: {}) {{ pageInfo {{ endCursor }} }} }}", "9".repeat(1_000)),
            "MALFORMED",
        ),
        (
            "introspection in circles",
            format!(
                "{{ __schema {} }}",
                "{ types { fields { type ".repeat(12) + "{ name }" + &"} } } ".repeat(12)
            ),
            "MALFORMED",
        ),
    ]
}

fn is_turned_away(name: &str, answer: &Answer, code: &str, started: Instant) {
    assert!(started.elapsed() < AT_ONCE, "{name}: {:?}", started.elapsed());
    assert!(!answer.status.is_server_error(), "{name}: {} {:.200}", answer.status, answer.text);
    let found = answer.code();
    let is_either = found.as_deref() == Some(code) || found.as_deref() == Some("TOO_COMPLEX");
    assert!(is_either, "{name} is not {code}: {} {:.200}", answer.status, answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_are_turned_away_at_once() {
    let house = House::open().await;
    let admin = house.staff(Role::Admin, None).await;
    let before = house.log_length().await;
    for pass in [&Pass::Nobody, &admin] {
        for (name, query, code) in bombs() {
            let started = Instant::now();
            let answer = house.graphql(pass, &query, json!({})).await;
            is_turned_away(name, &answer, code, started);
        }
    }
    assert_eq!(house.log_length().await, before);
    let alive = house.graphql(&admin, "{ position }", json!({})).await;
    assert_eq!(alive.code(), None, "{}", alive.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_turn_them_away_as_well() {
    let house = House::open().await;
    let address = house.listen().await;
    for (name, query, code) in bombs() {
        let started = Instant::now();
        let answer = Socket::open(address, &Pass::Nobody).await.first(&query, &json!({})).await;
        is_turned_away(name, &answer, code, started);
    }
}
