//! Once in a cluster: a job that only one node may do holds an advisory lock of PostgreSQL on a connection of its own.
//! When that connection breaks the job has lost its term and must stop; another node takes over. An embedded store has
//! one process, which always leads.

use std::{sync::Arc, time::Duration};

use sha2::{Digest, Sha256};
use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long a node that does not lead waits before it asks again, and how often one that leads proves it still does.
const HEARTBEAT: Duration = Duration::from_millis(1_000);
/// A leader whose connection does not answer for so long has lost its term.
const SILENCE: Duration = Duration::from_secs(2);

/// Where terms are won.
#[derive(Debug, Clone)]
pub struct Leadership {
    cluster: Option<Arc<PgConnectOptions>>,
}

/// A term of leadership; dropping it steps down.
#[derive(Debug)]
pub struct Term {
    lost: CancellationToken,
    /// Tells the keeper of the connection to let go.
    _resign: Option<DropGuard>,
}

impl Leadership {
    pub(crate) fn sole() -> Self {
        Self { cluster: None }
    }

    pub(crate) fn cluster(options: PgConnectOptions) -> Self {
        // A server that finds the client's host gone frees the lock within seconds.
        let options = options.application_name("talon leader").options([
            ("tcp_keepalives_idle", "1"),
            ("tcp_keepalives_interval", "1"),
            ("tcp_keepalives_count", "3"),
        ]);
        Self { cluster: Some(Arc::new(options)) }
    }

    /// Waits until this node leads `job`, which is a name for ever. Dropping the future gives up the wait.
    pub async fn lead(&self, job: &str) -> Term {
        let Some(options) = &self.cluster else {
            return Term { lost: CancellationToken::new(), _resign: None };
        };
        loop {
            match timeout(SILENCE, elect(options, job)).await {
                Ok(Ok(Some(connection))) => return Term::kept_by(connection, job),
                Ok(Ok(None)) => {}
                Ok(Err(error)) => tracing::warn!(%error, job, "leadership cannot be asked for"),
                Err(_) => tracing::warn!(job, "leadership cannot be asked for: no answer"),
            }
            let _ = timeout(HEARTBEAT, std::future::pending::<()>()).await;
        }
    }
}

/// The lock's number: the same on every node and for ever.
fn number(job: &str) -> i64 {
    let digest = Sha256::digest(format!("talon leader {job}"));
    digest.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes))
}

async fn elect(options: &PgConnectOptions, job: &str) -> Result<Option<PgConnection>, sqlx::Error> {
    let mut connection = options.connect().await?;
    let (leads,): (bool,) = sqlx::query_as("select pg_try_advisory_lock($1)")
        .bind(number(job))
        .fetch_one(&mut connection)
        .await?;
    if leads {
        return Ok(Some(connection));
    }
    connection.close().await?;
    Ok(None)
}

impl Term {
    fn kept_by(connection: PgConnection, job: &str) -> Self {
        let lost = CancellationToken::new();
        let resign = CancellationToken::new();
        tracing::info!(job, "leads");
        tokio::spawn(keep(connection, job.to_owned(), lost.clone(), resign.clone()));
        Self { lost, _resign: Some(resign.drop_guard()) }
    }

    /// Whether the term has ended; the job must then stop before it does anything else.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.lost.is_cancelled()
    }

    /// Returns when the term has ended; never on an embedded store.
    pub async fn over(&self) {
        self.lost.cancelled().await;
    }

    /// Cancelled when the term ends: for handing to the job's parts.
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.lost.clone()
    }
}

/// Holds the connection, proves it alive, and tells when it is not.
async fn keep(mut connection: PgConnection, job: String, lost: CancellationToken, resign: CancellationToken) {
    let _when_done = lost.drop_guard();
    loop {
        if timeout(HEARTBEAT, resign.cancelled()).await.is_ok() {
            let _ = timeout(SILENCE, connection.close()).await;
            return;
        }
        let alive = timeout(SILENCE, sqlx::query("select 1").execute(&mut connection)).await;
        if !matches!(alive, Ok(Ok(_))) {
            tracing::warn!(job, "leads no longer: its connection is gone");
            return;
        }
    }
}
