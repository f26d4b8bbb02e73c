//! Whether this process can serve: the store answers, the boards follow, the projections are not stuck.

use futures_util::future::join_all;
use serde::Serialize;
use talon_projections::{
    ledger::{self, State},
    projector,
};

use crate::http::App;

/// What `/readyz` tells.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub ready: bool,
    /// A branch is parked in some projection, or a projection stands still: others go on.
    pub degraded: bool,
    pub store: &'static str,
    pub boards: Followed,
    pub projections: Vec<Projection>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Followed {
    pub position: u64,
    pub behind: u64,
}

/// A projection in the database. Without a state the read storage does not answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Projection {
    pub name: &'static str,
    pub state: Option<&'static str>,
    pub position: u64,
    pub behind: u64,
    /// Branches whose facts wait here for somebody to look at one of them.
    pub parked: Vec<String>,
}

/// Asks around.
pub async fn report(app: &App) -> Report {
    let head = app.head();
    // One place at the end: the cheapest question that the log must answer itself.
    let log = async { app.store.read_all(head.saturating_sub(1), 1).await.is_ok() };
    let boards = *app.live.reached().borrow();
    let tables = projector::ALL.map(|projection| async move {
        let (current, parked) = tokio::join!(
            ledger::current(&app.read, projection.name),
            ledger::parked(&app.read, projection.name)
        );
        let (current, parked) = (current.ok().flatten(), parked.unwrap_or_default());
        let position = app.freshness.known(projection.name);
        Projection {
            name: projection.name,
            state: current.map(|it| match it.state {
                State::Rebuilding => "rebuilding",
                State::CatchingUp => "catching_up",
                State::Live => "live",
                State::Retired => "retired",
            }),
            position,
            behind: head.saturating_sub(position),
            parked: parked.into_iter().map(|it| it.branch).collect(),
        }
    });
    // All at once: with the database away each question takes its whole time limit.
    let (answers, projections) = tokio::join!(log, join_all(tables));
    Report {
        ready: answers,
        degraded: projections.iter().any(|it| it.state.is_none() || !it.parked.is_empty()),
        store: if answers { "ok" } else { "unavailable" },
        boards: Followed { position: boards, behind: head.saturating_sub(boards) },
        projections,
    }
}
