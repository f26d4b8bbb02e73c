//! The message broker (AMQP 0-9-1): `publisher` tells of events, `listener` hears an outside authentication service.
//! Both keep one connection while this node is the one to do it, and begin anew when it breaks.

pub mod listener;
pub mod publisher;

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use lapin::{Connection, ConnectionProperties};
use talon_core::time::Clock;
use talon_storage::Leadership;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::http::problem::chain;

/// How long the broker may take to answer anything.
const PATIENCE: Duration = Duration::from_secs(30);
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(1);
const LONGEST_PAUSE: TimeDelta = TimeDelta::seconds(30);

/// Why work with the broker ended. Errors of the connection never show its address.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    #[error("the broker did not do as asked")]
    Broker(#[from] lapin::Error),
    #[error("the broker did not answer in time")]
    Silent,
    #[error("the broker did not take a message")]
    NotTaken,
    #[error("the log does not answer")]
    Store(#[from] talon_core::event_store::StoreError),
    #[error("the vault does not answer")]
    Vault(#[from] talon_storage::vault::VaultError),
    #[error("another node moved the checkpoint")]
    Overtaken,
    #[error("the outside service's news could not be noted")]
    NotNoted,
}

async fn connected(url: &str, name: &str) -> Result<Connection, BrokerError> {
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    let connection = crate::outgoing::call("amqp", in_time(Connection::connect(url, properties))).await?;
    Ok(connection)
}

async fn in_time<T>(work: impl Future<Output = Result<T, lapin::Error>>) -> Result<T, BrokerError> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(BrokerError::Silent),
    }
}

/// Keeps at some work with the broker until told to stop, whenever this node is the one to do it; after a failure it
/// begins anew, later each time.
async fn keep_at<'a>(
    name: &'static str,
    leadership: &Leadership,
    clock: &Arc<dyn Clock>,
    stop: &CancellationToken,
    work: impl Fn() -> BoxFuture<'a, Result<(), BrokerError>>,
) {
    let mut pause = FIRST_PAUSE;
    while !stop.is_cancelled() {
        let term = tokio::select! {
            () = stop.cancelled() => return,
            term = leadership.lead(name) => term,
        };
        let began = clock.now();
        let round = tokio::select! {
            () = stop.cancelled() => return,
            () = term.over() => Ok(()),
            round = work() => round,
        };
        drop(term);
        let Err(failed) = round else { continue };
        let was_well = clock.now() - began > TimeDelta::minutes(1);
        pause = if was_well { FIRST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
        warn!(error = %chain(&failed), work = name, "work with the broker pauses");
        metrics::counter!("amqp_failures_total", "work" => name).increment(1);
        tokio::select! {
            () = stop.cancelled() => return,
            () = clock.sleep_until(clock.now() + pause) => {}
        }
    }
}
