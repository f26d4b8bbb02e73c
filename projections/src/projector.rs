//! The port of a projection in the database: facts in, rows out, replayable.
//!
//! A projector never reads the clock, another projection's tables or the network, and has no effect on the world:
//! what follows from a fact is a reaction and belongs elsewhere.

use async_trait::async_trait;
use talon_core::fact::Fact;
use talon_storage::{Dialect, Tx};

use crate::{audit_index::AUDIT_INDEX, batch::Trouble, bulk::at_version, filler::Filler, tickets::TICKETS};

/// Folds facts into the tables of one version. It may remember rows between batches, for they are its own.
#[async_trait]
pub trait Projector: Send {
    /// Folds a batch into rows in memory, then writes each table once. Facts that are in the rows already change
    /// nothing.
    ///
    /// # Errors
    /// What the database said, or a row that nobody but a projector could have spoilt.
    async fn apply(&mut self, tx: &mut Tx<'_>, facts: &[Fact]) -> Result<(), ProjectionError>;

    /// Drops what is remembered: the last batch was not committed.
    fn forget(&mut self);

    /// Folds a page into tables of its own that nobody reads yet, from the beginning of the log on. Rows that will
    /// change again may be kept back until `settle`.
    ///
    /// # Errors
    /// What the database said. Nobody reads what is in the tables then: they are begun anew.
    async fn fill(&mut self, facts: &[Fact], into: &mut Filler) -> Result<(), Trouble>;

    /// Writes what `fill` kept back. From here on facts are applied.
    ///
    /// # Errors
    /// What the database said.
    async fn settle(&mut self, into: &mut Filler) -> Result<(), Trouble>;
}

/// Something that can be projected, in as many versions of its tables as are needed.
#[derive(Debug)]
pub struct Projection {
    /// Permanent: it is the checkpoint's key.
    pub name: &'static str,
    /// Grows when the tables' columns or the meaning of a column change: older versions are then rebuilt.
    pub shape: i64,
    pub(crate) tables: &'static [Table],
    /// Made after a rebuild has filled the tables.
    pub(crate) indexes: &'static [&'static str],
    pub(crate) make: fn(version: i64) -> Box<dyn Projector>,
}

/// A table with its columns in both dialects.
#[derive(Debug)]
pub(crate) struct Table {
    /// The name readers use; the rows are in `{name}_v{version}`.
    pub(crate) name: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

impl Table {
    pub(crate) fn create(&self, dialect: Dialect, version: i64) -> String {
        let text = match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        };
        at_version(text, version)
    }
}

/// Every projection of the house that has tables.
pub const ALL: [&Projection; 2] = [&TICKETS, &AUDIT_INDEX];

/// The projection of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Projection> {
    ALL.into_iter().find(|it| it.name == name)
}

#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    #[error("the read storage did not do as asked")]
    Database(#[from] sqlx::Error),
    #[error("a row of {table} cannot be read")]
    Spoilt {
        table: &'static str,
        #[source]
        source: serde_json::Error,
    },
}

impl ProjectionError {
    /// Whether the same batch may well succeed in a moment: the database is away, busy or full, and the facts are not
    /// to blame.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Database(error) => is_transient(error),
            Self::Spoilt { .. } => false,
        }
    }
}

pub(crate) fn is_transient(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(refused) => {
            let code = refused.code().unwrap_or_default();
            if refused.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
                // Connection, rolled back, resources, operator's intervention, I/O; lock not available.
                ["08", "40", "53", "57", "58"].iter().any(|class| code.starts_with(class)) || code == "55P03"
            } else {
                // SQLite's primary codes: BUSY, LOCKED, NOMEM, INTERRUPT, IOERR, FULL, CANTOPEN.
                code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 7 | 9 | 10 | 13 | 14))
            }
        }
        _ => false,
    }
}
