//! Many rows in one statement, the same text on both databases: `{rows}` or `{keys}` in a statement becomes groups of
//! binds, in a few fixed sizes so that every size is prepared once. Bound values instead of JSON read back by the
//! database: a wide row costs a tenth of `json_each` on SQLite.
//!
//! Also the one place where a statement gets the version of its tables: `{tickets}` becomes `tickets_v3`.

use std::sync::Arc;

use sqlx::{
    AssertSqlSafe, Encode, FromRow, Postgres, Sqlite, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgArguments, PgRow},
    sqlite::{SqliteArguments, SqliteRow},
};
use talon_storage::{Dialect, Tx};

use crate::filler::Ready;

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
    to: To,
    refused: Option<BoxDynError>,
}

#[derive(Debug)]
pub(crate) enum Arguments {
    Sqlite(SqliteArguments),
    Postgres(PgArguments),
}

/// Where values are put.
#[derive(Debug)]
enum To {
    Arguments(Arguments),
    /// Rows of PostgreSQL's COPY, binary: a value is its length and its bytes, as it is in a bind.
    Copy(PgArgumentBuffer),
}

/// What stands before the first row of a binary COPY, and behind the last.
const COPY_HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const COPY_TRAILER: [u8; 2] = (-1_i16).to_be_bytes();
/// Bytes of rows sent at once; a row more may be in it.
const COPY_CHUNK: usize = 4 << 20;

impl Binds {
    pub(crate) fn new(dialect: Dialect) -> Self {
        let to = match dialect {
            Dialect::Sqlite => Arguments::Sqlite(SqliteArguments::default()),
            Dialect::Postgres => Arguments::Postgres(PgArguments::default()),
        };
        Self { to: To::Arguments(to), refused: None }
    }

    fn is_shorter_than(&self, bytes: usize) -> bool {
        matches!(&self.to, To::Copy(rows) if rows.len() < bytes)
    }

    fn copying() -> Self {
        let mut rows = PgArgumentBuffer::default();
        rows.extend_from_slice(COPY_HEADER);
        Self { to: To::Copy(rows), refused: None }
    }

    pub(crate) fn add<'t, T>(&mut self, value: T) -> &mut Self
    where
        T: Encode<'t, Sqlite> + Type<Sqlite> + Encode<'t, Postgres> + Type<Postgres>,
    {
        let added = match &mut self.to {
            To::Arguments(Arguments::Sqlite(to)) => sqlx::Arguments::add(to, value),
            To::Arguments(Arguments::Postgres(to)) => sqlx::Arguments::add(to, value),
            To::Copy(rows) => field(rows, &value),
        };
        if let Err(error) = added {
            self.refused.get_or_insert(error);
        }
        self
    }

    pub(crate) fn checked(self) -> Result<Arguments, sqlx::Error> {
        match self.refused {
            Some(error) => Err(sqlx::Error::Encode(error)),
            None => match self.to {
                To::Arguments(arguments) => Ok(arguments),
                To::Copy(_) => Err(other_database()),
            },
        }
    }

    /// The rows of a COPY that are there so far.
    fn rows(&mut self) -> Result<Vec<u8>, sqlx::Error> {
        match (self.refused.take(), &mut self.to) {
            (Some(error), _) => Err(sqlx::Error::Encode(error)),
            (None, To::Copy(rows)) => {
                rows.extend_from_slice(&COPY_TRAILER);
                Ok(std::mem::take(&mut **rows))
            }
            (None, To::Arguments(_)) => Err(other_database()),
        }
    }
}

/// One value of a row of a COPY.
fn field<'t, T: Encode<'t, Postgres>>(rows: &mut PgArgumentBuffer, value: &T) -> Result<(), BoxDynError> {
    let start = rows.len();
    rows.extend_from_slice(&(-1_i32).to_be_bytes());
    if let IsNull::No = value.encode_by_ref(rows)? {
        let length = i32::try_from(rows.len() - start - 4)?;
        rows[start..start + 4].copy_from_slice(&length.to_be_bytes());
    }
    Ok(())
}

/// Something that fills one group of binds: a row to write or a key to look for.
pub(crate) trait Bound {
    fn bind(&self, to: &mut Binds);
}

/// A statement whose last part repeats for each row or key.
#[derive(Debug, Clone)]
pub(crate) struct Bulk {
    columns: usize,
    sizes: Vec<Group>,
    /// The same for rows that cannot be there yet.
    new: Vec<Group>,
    copy: Arc<str>,
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
        let sizes = |text: &str| {
            let fits = SIZES.into_iter().filter(|rows| *rows == 1 || rows * columns <= MOST_BINDS);
            fits.map(|rows| Group::new(text, rows, columns)).collect()
        };
        let (insert, _) = text.split_once("{rows}").unwrap_or((&text, ""));
        let into = insert.replacen("insert into", "copy", 1);
        let copy = format!("{} from stdin (format binary)", into.trim_end().trim_end_matches("values"));
        Self { columns, sizes: sizes(&text), new: sizes(&format!("{insert}{{rows}}")), copy: copy.into() }
    }

    /// Makes rows ready that are in the table not yet.
    pub(crate) fn added<R: Bound>(
        &self,
        dialect: Dialect,
        rows: &[R],
        into: &mut Vec<Ready>,
    ) -> Result<(), sqlx::Error> {
        match dialect {
            Dialect::Sqlite => in_groups(&self.new, dialect, rows, into),
            Dialect::Postgres => self.copied(rows, into),
        }
    }

    /// Makes rows ready that may be in the table already.
    pub(crate) fn put<R: Bound>(
        &self,
        dialect: Dialect,
        rows: &[R],
        into: &mut Vec<Ready>,
    ) -> Result<(), sqlx::Error> {
        in_groups(&self.sizes, dialect, rows, into)
    }

    fn copied<R: Bound>(&self, rows: &[R], into: &mut Vec<Ready>) -> Result<(), sqlx::Error> {
        let columns = i16::try_from(self.columns).unwrap_or(i16::MAX).to_be_bytes();
        let mut rest = rows.iter().peekable();
        while rest.peek().is_some() {
            let mut binds = Binds::copying();
            while let Some(row) = rest.next_if(|_| binds.is_shorter_than(COPY_CHUNK)) {
                if let To::Copy(to) = &mut binds.to {
                    to.extend_from_slice(&columns);
                }
                row.bind(&mut binds);
            }
            into.push(Ready::Copy { sql: self.copy.clone(), rows: binds.rows()? });
        }
        Ok(())
    }

    /// Writes every row, as many at a time as a statement takes.
    pub(crate) async fn write<R: Bound>(&self, tx: &mut Tx<'_>, rows: &[R]) -> Result<(), sqlx::Error> {
        let mut ready = Vec::new();
        self.put(tx.dialect(), rows, &mut ready)?;
        for it in ready {
            it.run(tx).await?;
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

fn in_groups<R: Bound>(
    sizes: &[Group],
    dialect: Dialect,
    rows: &[R],
    into: &mut Vec<Ready>,
) -> Result<(), sqlx::Error> {
    let mut rest = rows;
    for size in sizes {
        while rest.len() >= size.rows {
            let (now, later) = rest.split_at(size.rows);
            let mut binds = Binds::new(dialect);
            now.iter().for_each(|row| row.bind(&mut binds));
            into.push(Ready::Statement { sql: size.sql(dialect).clone(), values: binds.checked()? });
            rest = later;
        }
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
