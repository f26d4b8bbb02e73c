//! Who is not let in learns nothing from the time it took: the same is done, statement by statement, for an account that
//! does not exist as for one that does. Held by what the databases and the hashing are asked for, not by a watch.

use std::sync::{Arc, Mutex, OnceLock};

use http::StatusCode;
use serde_json::{Value, json};
use talon_core::staff::event::Role;
use tracing::{
    Event, Instrument, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

use crate::{
    messages::fragment,
    over_http::post,
    support::{House, PASSWORD, at, house, house_with_messages},
};

const WATCHED: &str = "watched";

/// What was done within a watched span, in order.
type Steps = Arc<Mutex<Vec<String>>>;

static SEEN: OnceLock<Steps> = OnceLock::new();

struct Watch(Steps);

#[derive(Default)]
struct Told(String);

impl Visit for Told {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if matches!(field.name(), "summary" | "message") {
            self.0 = format!("{value:?}");
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Watch {
    fn enabled(&self, about: &Metadata<'_>, _: Context<'_, S>) -> bool {
        about.is_span()
            || about.target().starts_with("sqlx::query")
            || about.target().starts_with("talon_api::auth")
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let names: Vec<_> =
            context.event_scope(event).into_iter().flatten().map(|span| span.name()).collect();
        // What goes on after the answer is nobody's to measure.
        if names.contains(&WATCHED) && !names.contains(&"afterwards") {
            let mut told = Told::default();
            event.record(&mut told);
            self.0.lock().expect("no test panicked").push(told.0);
        }
    }

    fn on_new_span(&self, _: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {}
}

/// What one request makes the house do. Tests of other modules do not wear the span.
async fn done_for(house: &House, path: &str, body: Value) -> (Vec<String>, StatusCode) {
    let steps = SEEN.get_or_init(|| {
        let steps = Steps::default();
        let watch = tracing_subscriber::registry().with(Watch(steps.clone()));
        tracing::subscriber::set_global_default(watch).expect("nobody else watches here");
        steps
    });
    steps.lock().expect("no test panicked").clear();
    let answer = post(house, path, &[], body).instrument(tracing::info_span!("watched")).await;
    (std::mem::take(&mut steps.lock().expect("no test panicked")), answer.status)
}

#[tokio::test]
async fn whoever_is_not_let_in_is_refused_by_the_same_work() {
    let house = house().await;
    house.anna().await;
    let gone = house.employ("gone@example.org", Role::Head, at("centre")).await;
    house.dismiss(&gone).await;
    let form = |email: &str, password: &str| json!({ "email": email, "password": password });
    // The first of each kind prepares statements and opens the day's stream.
    done_for(&house, "/auth/login", form("warm-up@example.org", "not the password")).await;
    let known = done_for(&house, "/auth/login", form("anna@example.org", "not the password")).await;
    assert_eq!(known.1, StatusCode::UNAUTHORIZED);
    assert!(known.0.iter().any(|step| step.contains("password is checked")), "{:?}", known.0);
    assert!(known.0.iter().any(|step| step.contains("from passwords")), "statements are seen: {:?}", known.0);
    for (why, email, password) in [
        ("unknown", "nobody@example.org", "not the password"),
        ("dismissed, and the password is right", "gone@example.org", PASSWORD),
        ("dismissed", "gone@example.org", "not the password"),
    ] {
        assert_eq!(done_for(&house, "/auth/login", form(email, password)).await, known, "{why}");
    }

    // Locked accounts: nothing about the account is looked at, and the right password changes nothing.
    let mut locked = Vec::new();
    for (email, missed) in [("anna@example.org", 1), ("nobody@example.org", 1), ("gone@example.org", 2)] {
        for _ in missed..5 {
            let miss = done_for(&house, "/auth/login", form(email, "not the password")).await;
            assert_eq!(miss.1, StatusCode::UNAUTHORIZED);
        }
        // Of the first also whether the right password makes a difference; more would lock the address.
        let shown = if locked.is_empty() { &["not the password", PASSWORD][..] } else { &[PASSWORD][..] };
        for password in shown {
            locked.push(done_for(&house, "/auth/login", form(email, password)).await);
        }
    }
    assert_eq!(locked[0].1, StatusCode::TOO_MANY_REQUESTS);
    assert!(locked.iter().all(|it| *it == locked[0]), "{locked:?}");
    assert!(!locked[0].0.iter().any(|step| step.contains("password")), "{:?}", locked[0].0);

    recovery_and_codes().await;
}

/// In the same test: there is one watch for the process.
async fn recovery_and_codes() {
    let house = house_with_messages().await;
    house.anna().await;
    done_for(&house, "/auth/recovery", json!({ "email": "warm-up@example.org" })).await;
    let (known, status) = done_for(&house, "/auth/recovery", json!({ "email": "anna@example.org" })).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert!(!fragment(&house.only_message("mail").await.1).is_empty(), "it was sent all the same");
    let (unknown, _) = done_for(&house, "/auth/recovery", json!({ "email": "nobody@example.org" })).await;
    // The answer goes out first: a request itself counts the try and asks for nobody, whoever is meant.
    assert_eq!(known, unknown);
    assert!(known.iter().any(|step| step.contains("misses")), "tries are counted: {known:?}");
    for table in ["identities", "passwords", "passes", "messages"] {
        assert!(!known.iter().any(|step| step.contains(table)), "{table}: {known:?}");
    }

    let code = |value: &str| json!({ "kind": "phone", "value": value });
    let customers = house.access.customers();
    customers
        .by_contact(talon_core::customer::event::ContactKind::Phone, "+79161234567")
        .await
        .expect("known");
    done_for(&house, "/auth/code", code("+79161234560")).await;
    let known = done_for(&house, "/auth/code", code("+79161234567")).await;
    let unknown = done_for(&house, "/auth/code", code("+79161234568")).await;
    assert_eq!(known.1, StatusCode::ACCEPTED);
    assert_eq!(known, unknown);
    assert!(!known.0.iter().any(|step| step.contains("identities")), "nobody is looked up: {:?}", known.0);
}
