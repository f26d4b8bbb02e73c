//! What a made-up cookie costs: the databases say how often they were asked about devices.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use axum::{body::Body, http::StatusCode};
use talon_api::config::Config;
use talon_core::device::event::DeviceKind;
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

use crate::house::{House, Pass, request};

const WATCHED: &str = "watched looks";

/// Statements about devices within a watched span.
struct Watch(Arc<AtomicUsize>);

#[derive(Default)]
struct Told(bool);

impl Visit for Told {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0 |= matches!(field.name(), "summary" | "db.statement")
            && format!("{value:?}").contains("from devices");
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Watch {
    fn enabled(&self, about: &Metadata<'_>, _: Context<'_, S>) -> bool {
        about.is_span() || about.target().starts_with("sqlx::query")
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if context.event_scope(event).into_iter().flatten().any(|span| span.name() == WATCHED) {
            let mut told = Told::default();
            event.record(&mut told);
            self.0.fetch_add(usize::from(told.0), Ordering::Relaxed);
        }
    }

    fn on_new_span(&self, _: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {}
}

/// How often one request made the house look for a device, and what came of it.
async fn looks(house: &House, pass: &Pass) -> (usize, StatusCode) {
    static SEEN: OnceLock<Arc<AtomicUsize>> = OnceLock::new();
    let seen = SEEN.get_or_init(|| {
        let seen = Arc::<AtomicUsize>::default();
        let watch = tracing_subscriber::registry().with(Watch(seen.clone()));
        tracing::subscriber::set_global_default(watch).expect("nobody else watches here");
        seen
    });
    seen.store(0, Ordering::Relaxed);
    let asked = request("GET", "/api/v1/branches", pass, &[], Body::empty());
    let answer = house.send(asked).instrument(tracing::info_span!("watched looks")).await;
    (seen.load(Ordering::Relaxed), answer.status)
}

fn made_up(text: &str) -> Pass {
    Pass::Device { cookie: text.to_owned(), id: String::new() }
}

#[tokio::test]
async fn a_made_up_cookie_costs_one_look_and_none_once_its_address_must_wait() {
    let mut config = Config::default();
    config.limits.address_per_s = 1;
    let house = House::with(config).await;
    let kiosk = house.device(DeviceKind::Kiosk).await;
    assert_eq!(looks(&house, &kiosk).await, (1, StatusCode::OK), "looks are seen");
    assert_eq!(looks(&house, &made_up("one")).await, (1, StatusCode::OK));
    assert_eq!(looks(&house, &made_up("one")).await, (0, StatusCode::OK), "it is known to be nobody's");
    let mut told_to_wait = false;
    for number in 0..100 {
        let (looks, status) = looks(&house, &made_up(&format!("another {number}"))).await;
        told_to_wait |= status == StatusCode::TOO_MANY_REQUESTS;
        assert_eq!(looks, usize::from(status == StatusCode::OK), "{number}: {status}");
    }
    assert!(told_to_wait);
    assert_eq!(looks(&house, &kiosk).await.1, StatusCode::OK, "a device that was seen pays for itself");
}
