//! Logs and metrics of the process. Personal data and secrets never get here: callers log ids only.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::config;

/// Starts logging to stderr. A second call (in tests) leaves the first in place.
pub fn start_logging(config: &config::Log) {
    let filter = EnvFilter::try_new(&config.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(true);
    let registry = tracing_subscriber::registry().with(filter);
    let started = if config.json {
        registry.with(lines.json().flatten_event(true)).try_init()
    } else {
        registry.with(lines.compact()).try_init()
    };
    drop(started);
}

/// Installs the recorder behind `/metrics`; the second call in one process gives none.
#[must_use]
pub fn start_metrics() -> Option<PrometheusHandle> {
    const SECONDS: [f64; 14] =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
        .ok()?
        .set_buckets_for_metric(Matcher::Suffix("_events".into()), &[1.0, 4.0, 16.0, 64.0, 256.0, 1024.0])
        .ok()?
        .install_recorder()
        .ok()
}
