//! Many rows in one statement, the same text on both databases: `{rows}` or `{keys}` in a statement becomes groups of
//! binds, in a few fixed sizes so that every size is prepared once. Bound values instead of JSON read back by the
//! database: a wide row costs a tenth of `json_each` on SQLite.
//!
//! Also the one place where a statement gets the version of its tables: `{tickets}` becomes `tickets_v3`.

use std::sync::Arc;

use sqlx::{
    AssertSqlSafe, Encode, FromRow, Postgres, Sqlite, Type,
    error::BoxDynError,
    postgres::{PgArguments, PgRow},
    sqlite::{SqliteArguments, SqliteRow},
};
use talon_storage::{Dialect, Tx};

/// Most binds of one statement: far below what either database allows, and large enough that rows cost more than calls.
const MOST_BINDS: usize = 8_192;
const SIZES: [usize; 4] = [256, 64, 8, 1];

/// A statement over the tables of one version.
#[derive(Debug, Clone)]
pub(crate) struct Statement(Arc<str>);

impl Statement {
    pub(crate) fn new(text: &str, version: i64) -> Self {
        Self(at_version(text, version).into())
    }

    pub(crate) fn sql(&self) -> AssertSqlSafe<Arc<str>> {
        // Our own files with a number of our own put in.
        AssertSqlSafe(self.0.clone())
    }
}

/// Puts the version into every `{table}` of a text.
pub(crate) fn at_version(text: &str, version: i64) -> String {
    let mut whole = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        whole.push_str(before);
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        match name {
            "rows" | "keys" => whole.push_str(&format!("{{{name}}}")),
            table => whole.push_str(&format!("{table}_v{version}")),
        }
        rest = tail;
    }
    whole.push_str(rest);
    whole
}

/// The values of a statement, in the order of its binds.
#[derive(Debug)]
pub(crate) struct Binds {
    to: Arguments,
    refused: Option<BoxDynError>,
}

#[derive(Debug)]
pub(crate) enum Arguments {
    Sqlite(SqliteArguments),
    Postgres(PgArguments),
}

impl Binds {
    pub(crate) fn new(dialect: Dialect) -> Self {
        let to = match dialect {
            Dialect::Sqlite => Arguments::Sqlite(SqliteArguments::default()),
            Dialect::Postgres => Arguments::Postgres(PgArguments::default()),
        };
        Self { to, refused: None }
    }

    pub(crate) fn add<'t, T>(&mut self, value: T) -> &mut Self
    where
        T: Encode<'t, Sqlite> + Type<Sqlite> + Encode<'t, Postgres> + Type<Postgres>,
    {
        let added = match &mut self.to {
            Arguments::Sqlite(to) => sqlx::Arguments::add(to, value),
            Arguments::Postgres(to) => sqlx::Arguments::add(to, value),
        };
        if let Err(error) = added {
            self.refused.get_or_insert(error);
        }
        self
    }

    pub(crate) fn checked(self) -> Result<Arguments, sqlx::Error> {
        match self.refused {
            Some(error) => Err(sqlx::Error::Encode(error)),
            None => Ok(self.to),
        }
    }
}

/// Something that fills one group of binds: a row to write or a key to look for.
pub(crate) trait Bound {
    fn bind(&self, to: &mut Binds);
}

/// A statement whose last part repeats for each row or key.
#[derive(Debug, Clone)]
pub(crate) struct Bulk {
    sizes: Vec<Group>,
}

/// The statement for so many rows.
#[derive(Debug, Clone)]
struct Group {
    rows: usize,
    sqlite: Arc<str>,
    postgres: Arc<str>,
}

impl Group {
    fn new(text: &str, rows: usize, columns: usize) -> Self {
        let with = |groups: &str| text.replace("{rows}", groups).replace("{keys}", groups).into();
        // SQLite looks a named bind up by walking over all of them: thousands of `$n` would cost their square.
        let sqlite = with(&groups(rows, columns, |_| "?".into()));
        Self { rows, sqlite, postgres: with(&groups(rows, columns, |bind| format!("${bind}"))) }
    }

    fn sql(&self, dialect: Dialect) -> &Arc<str> {
        match dialect {
            Dialect::Sqlite => &self.sqlite,
            Dialect::Postgres => &self.postgres,
        }
    }
}

impl Bulk {
    /// `columns` binds for each row; the statement has no other binds.
    pub(crate) fn new(text: &str, version: i64, columns: usize) -> Self {
        let text = at_version(text, version);
        let sizes = SIZES
            .into_iter()
            .filter(|rows| *rows == 1 || rows * columns <= MOST_BINDS)
            .map(|rows| Group::new(&text, rows, columns))
            .collect();
        Self { sizes }
    }

    /// Writes every row, as many at a time as a statement takes.
    pub(crate) async fn write<R: Bound>(&self, tx: &mut Tx<'_>, rows: &[R]) -> Result<(), sqlx::Error> {
        let mut rest = rows;
        for size in &self.sizes {
            while rest.len() >= size.rows {
                let (now, later) = rest.split_at(size.rows);
                execute(tx, size.sql(tx.dialect()), now).await?;
                rest = later;
            }
        }
        Ok(())
    }

    /// The rows of every key that has one. Keys may repeat; a short group is filled up with its last key.
    pub(crate) async fn read<K, R>(&self, tx: &mut Tx<'_>, keys: &[K]) -> Result<Vec<R>, sqlx::Error>
    where
        K: Bound + Sync,
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let mut found = Vec::with_capacity(keys.len());
        let mut rest = keys;
        while let Some(last) = rest.last() {
            let fits = self.sizes.iter().rev().find(|size| size.rows >= rest.len()).or(self.sizes.first());
            let Some(size) = fits else { break };
            let sql = size.sql(tx.dialect());
            let (now, later) = rest.split_at(rest.len().min(size.rows));
            let mut binds = Binds::new(tx.dialect());
            now.iter().for_each(|key| key.bind(&mut binds));
            (now.len()..size.rows).for_each(|_| last.bind(&mut binds));
            found.extend(match (binds.checked()?, &mut *tx) {
                (Arguments::Sqlite(arguments), Tx::Sqlite(it)) => {
                    sqlx::query_as_with::<_, R, _>(AssertSqlSafe(sql.clone()), arguments)
                        .fetch_all(&mut **it)
                        .await?
                }
                (Arguments::Postgres(arguments), Tx::Postgres(it)) => {
                    sqlx::query_as_with::<_, R, _>(AssertSqlSafe(sql.clone()), arguments)
                        .fetch_all(&mut **it)
                        .await?
                }
                _ => return Err(other_database()),
            });
            rest = later;
        }
        Ok(found)
    }
}

async fn execute<R: Bound>(tx: &mut Tx<'_>, sql: &Arc<str>, rows: &[R]) -> Result<(), sqlx::Error> {
    let mut binds = Binds::new(tx.dialect());
    rows.iter().for_each(|row| row.bind(&mut binds));
    match (binds.checked()?, tx) {
        (Arguments::Sqlite(arguments), Tx::Sqlite(it)) => {
            sqlx::query_with(AssertSqlSafe(sql.clone()), arguments).execute(&mut **it).await?;
        }
        (Arguments::Postgres(arguments), Tx::Postgres(it)) => {
            sqlx::query_with(AssertSqlSafe(sql.clone()), arguments).execute(&mut **it).await?;
        }
        _ => return Err(other_database()),
    }
    Ok(())
}

pub(crate) fn other_database() -> sqlx::Error {
    sqlx::Error::Configuration("values of one database for a statement of the other".into())
}

/// `($1,$2),($3,$4)`
fn groups(rows: usize, columns: usize, bind: impl Fn(usize) -> String) -> String {
    let group = |row: usize| {
        let binds: Vec<_> = (1..=columns).map(|column| bind(row * columns + column)).collect();
        format!("({})", binds.join(","))
    };
    (0..rows).map(group).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_get_the_version_and_rows_stay() {
        assert_eq!(
            at_version("insert into {tickets} (a) select a from {marks} values {rows}", 3),
            "insert into tickets_v3 (a) select a from marks_v3 values {rows}"
        );
    }

    #[test]
    fn binds_are_numbered_through_all_rows() {
        assert_eq!(groups(2, 3, |bind| format!("${bind}")), "($1,$2,$3),($4,$5,$6)");
    }
}
