//! The living hall: simulated people as clients of the public API, over real HTTP, each with a sign-in of their own.

mod client;
mod queries;

use std::sync::Arc;

use talon_core::{
    ids::{BranchId, WindowId},
    time::Clock,
};
use tokio_util::sync::CancellationToken;

use super::{
    SignIn,
    door::Trouble,
    hall::{Hall, Plan, Rhythm},
    people::{People, PeopleError},
};
use crate::catalogue::CatalogueError;
use client::Client;

/// The share of their time operators are busy in the living hall: lively, and never hopeless.
const BUSY: f64 = 0.85;
/// A hall faster than this outruns its own rules: thirty seconds between two calls stay thirty seconds.
const FASTEST: f64 = 100.0;

/// How the hall is to live.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    pub branch: BranchId,
    /// The same seed makes the same people do the same things.
    pub seed: u64,
    /// How many times faster than life people are; the server's clock is not touched.
    pub speed: f64,
}

/// Why the hall cannot begin to live.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    #[error("the demo's catalogue has a fault")]
    Catalogue(#[from] CatalogueError),
    #[error("nobody can be simulated")]
    People(#[from] PeopleError),
    #[error("no sign-in has a window")]
    NobodyWorks,
    #[error("the HTTP client cannot start")]
    Client(#[from] reqwest::Error),
}

/// Lets the hall live until `stop`. `base_url` is the server's own address on loopback, without a slash at its end;
/// `kiosk_cookie` is the value of the kiosk's device cookie.
///
/// # Errors
/// When it cannot begin; once it lives, outages are waited out.
pub async fn live(
    base_url: &str,
    sign_ins: &[SignIn],
    kiosk_cookie: &str,
    options: &Options,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) -> Result<(), LiveError> {
    let catalogue = super::catalogue()?;
    let people = People::of(&catalogue, options.seed, "present")?;
    let workers: Vec<(SignIn, WindowId)> =
        sign_ins.iter().filter_map(|it| it.window.clone().map(|window| (it.clone(), window))).collect();
    if workers.is_empty() {
        return Err(LiveError::NobodyWorks);
    }
    let windows = workers.iter().map(|(_, window)| window.clone()).collect();
    let workers = workers.into_iter().map(|(person, _)| person).collect();
    let client = Client::new(base_url, options.branch.clone(), workers, kiosk_cookie, clock, stop)?;
    let plan = Plan {
        rhythm: Rhythm::Living { busy: BUSY },
        speed: if options.speed.is_finite() { options.speed.clamp(0.05, FASTEST) } else { 1.0 },
        until: None,
        windows,
        reasons: catalogue.reasons.clone(),
    };
    match Hall::new(&people, &client, plan).run().await {
        Ok(()) | Err(Trouble::Stopped | Trouble::Refused(_)) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
