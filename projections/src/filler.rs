//! The writing half of a rebuild: rows of one page go to the database while the next page is folded. Tables that nobody
//! reads yet are only added to wherever possible: PostgreSQL takes such rows by COPY.
//!
//! What has been handed over may still be on its way. Whoever must see it again asks for `look`, which waits.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, PgConnection};
use talon_core::event_store::Position;
use talon_storage::{Db, Tx};
use tokio::task::JoinHandle;

use crate::{
    batch::Trouble,
    bulk::{Arguments, Bound, Bulk, other_database},
    ledger::{self, VersionState},
};

/// Rows on their way into tables, with the values they will have there.
#[derive(Debug)]
pub(crate) enum Ready {
    Statement {
        sql: Arc<str>,
        values: Arguments,
    },
    /// Rows in PostgreSQL's binary form.
    Copy {
        sql: Arc<str>,
        rows: Vec<u8>,
    },
}

/// How far a version will have come when a page is written.
pub(crate) type Mark = (&'static str, VersionState);

/// Rows that a projector may keep back; beyond that it writes them, and reads them again as needed.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    pub tickets: usize,
    pub figures: usize,
    pub halls: usize,
}

impl Default for Kept {
    fn default() -> Self {
        Self { tickets: 60_000, figures: 150_000, halls: 5_000 }
    }
}

/// Writes pages one after the other, one ahead of whoever folds.
#[derive(Debug)]
pub struct Filler {
    pub(crate) kept: Kept,
    db: Db,
    ready: Vec<Ready>,
    writing: Option<JoinHandle<Result<(), Trouble>>>,
}

impl Filler {
    pub(crate) fn new(db: Db, kept: Kept) -> Self {
        Self { kept, db, ready: Vec::new(), writing: None }
    }

    /// Rows that are in no table yet.
    pub(crate) fn add<R: Bound>(&mut self, bulk: &Bulk, rows: &[R]) -> Result<(), sqlx::Error> {
        bulk.added(self.db.dialect(), rows, &mut self.ready)
    }

    /// Rows that may be there, with other values.
    pub(crate) fn put<R: Bound>(&mut self, bulk: &Bulk, rows: &[R]) -> Result<(), sqlx::Error> {
        bulk.put(self.db.dialect(), rows, &mut self.ready)
    }

    /// A transaction that sees every row handed over so far.
    pub(crate) async fn look(&mut self) -> Result<Tx<'static>, Trouble> {
        self.written().await?;
        if !self.ready.is_empty() {
            write(self.db.clone(), std::mem::take(&mut self.ready), Vec::new(), 0).await?;
        }
        Ok(self.db.begin().await?)
    }

    /// Ends a page: its rows are written with the checkpoints, while the caller goes on.
    pub(crate) async fn turn(&mut self, marks: Vec<Mark>, to: Position) -> Result<(), Trouble> {
        self.written().await?;
        let (db, ready) = (self.db.clone(), std::mem::take(&mut self.ready));
        self.writing = Some(tokio::spawn(write(db, ready, marks, to)));
        Ok(())
    }

    /// Waits until everything handed over is in the tables.
    pub(crate) async fn finish(mut self) -> Result<(), Trouble> {
        drop(self.look().await?);
        Ok(())
    }

    async fn written(&mut self) -> Result<(), Trouble> {
        match self.writing.take() {
            Some(writing) => writing.await.map_err(|died| sqlx::Error::Io(std::io::Error::other(died)))?,
            None => Ok(()),
        }
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        if let Some(writing) = &self.writing {
            writing.abort();
        }
    }
}

async fn write(db: Db, ready: Vec<Ready>, marks: Vec<Mark>, to: Position) -> Result<(), Trouble> {
    let mut tx = db.begin().await?;
    for (name, at) in &marks {
        if !ledger::advance(&mut tx, name, at, to).await? {
            return Err(Trouble::Overtaken);
        }
    }
    for it in ready {
        it.run(&mut tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

impl Ready {
    pub(crate) async fn run(self, tx: &mut Tx<'_>) -> Result<(), sqlx::Error> {
        match (self, tx) {
            (Self::Statement { sql, values: Arguments::Sqlite(values) }, Tx::Sqlite(it)) => {
                sqlx::query_with(AssertSqlSafe(sql), values).execute(&mut **it).await?;
            }
            (Self::Statement { sql, values: Arguments::Postgres(values) }, Tx::Postgres(it)) => {
                sqlx::query_with(AssertSqlSafe(sql), values).execute(&mut **it).await?;
            }
            (Self::Copy { sql, rows }, Tx::Postgres(it)) => copy(it, &sql, rows).await?,
            _ => return Err(other_database()),
        }
        Ok(())
    }
}

async fn copy(connection: &mut PgConnection, sql: &str, rows: Vec<u8>) -> Result<(), sqlx::Error> {
    let mut copy = connection.copy_in_raw(sql).await?;
    match copy.send(rows).await {
        Ok(_) => copy.finish().await.map(drop),
        Err(error) => {
            // The first error is the one to tell of.
            let _ = copy.abort("the rows could not be sent").await;
            Err(error)
        }
    }
}

/// Whether this version of the tables already has a row that was said to be new.
pub(crate) fn is_known_already(trouble: &Trouble) -> bool {
    let Trouble::Projection(crate::projector::ProjectionError::Database(error)) = trouble else {
        return false;
    };
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}
