//! Rows of a whole schema from PostgreSQL to a SQLite file and back. Tables and columns are asked of PostgreSQL: both
//! dialects have the same.

use futures_util::TryStreamExt;
use sqlx::{
    AssertSqlSafe, Column, Postgres, QueryBuilder, Row, Sqlite, Transaction, TypeInfo, postgres::PgRow,
    sqlite::SqliteRow,
};
use uuid::Uuid;

use super::{BackupError, Progress};
use crate::db::Kind;

/// Rows written by one statement.
const ROWS: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Text,
    Bytes,
    Uuid,
    Int4,
    Int8,
    /// 0 and 1 on SQLite.
    Bool,
}

#[derive(Debug)]
enum Value {
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    Uuid(Option<Uuid>),
    Int4(Option<i32>),
    Int8(Option<i64>),
    Bool(Option<bool>),
}

#[derive(Debug)]
struct Table {
    name: String,
    columns: Vec<(String, Type)>,
}

impl Table {
    fn list(&self) -> String {
        self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
    }

    fn select(&self) -> AssertSqlSafe<String> {
        AssertSqlSafe(format!("select {} from \"{}\" order by 1", self.list(), self.name))
    }

    fn insert(&self) -> String {
        format!("insert into \"{}\" ({}) ", self.name, self.list())
    }

    fn count(&self) -> AssertSqlSafe<String> {
        AssertSqlSafe(format!("select count(*) from \"{}\"", self.name))
    }
}

fn unknown(type_name: &str) -> BackupError {
    sqlx::Error::Decode(format!("no way to copy a column of type {type_name}").into()).into()
}

/// The tables of a schema, from PostgreSQL's own account of them.
async fn tables(tx: &mut Transaction<'_, Postgres>, kind: Kind) -> Result<Vec<Table>, BackupError> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "select table_name::text, column_name::text, data_type::text from information_schema.columns \
         where table_schema = $1 and table_name <> '_sqlx_migrations' order by table_name, ordinal_position",
    )
    .bind(kind.name())
    .fetch_all(&mut **tx)
    .await?;
    let mut tables: Vec<Table> = Vec::new();
    for (name, column, data_type) in rows {
        let kind = match &*data_type {
            "text" => Type::Text,
            "bytea" => Type::Bytes,
            "uuid" => Type::Uuid,
            "integer" => Type::Int4,
            "bigint" => Type::Int8,
            "boolean" => Type::Bool,
            other => return Err(unknown(other)),
        };
        match tables.last_mut().filter(|table| table.name == name) {
            Some(table) => table.columns.push((column, kind)),
            None => tables.push(Table { name, columns: vec![(column, kind)] }),
        }
    }
    Ok(tables)
}

fn from_postgres(row: &PgRow) -> Result<Vec<Value>, BackupError> {
    let value = |column: &sqlx::postgres::PgColumn| {
        let at = column.ordinal();
        Ok(match column.type_info().name() {
            "TEXT" => Value::Text(row.try_get(at)?),
            "BYTEA" => Value::Bytes(row.try_get(at)?),
            "UUID" => Value::Uuid(row.try_get(at)?),
            "INT4" => Value::Int4(row.try_get(at)?),
            "INT8" => Value::Int8(row.try_get(at)?),
            "BOOL" => Value::Bool(row.try_get(at)?),
            other => return Err(unknown(other)),
        })
    };
    row.columns().iter().map(value).collect()
}

fn from_sqlite(row: &SqliteRow, table: &Table) -> Result<Vec<Value>, BackupError> {
    let value = |(at, (_, kind)): (usize, &(String, Type))| {
        Ok(match kind {
            Type::Text => Value::Text(row.try_get(at)?),
            Type::Bytes => Value::Bytes(row.try_get(at)?),
            Type::Uuid => Value::Uuid(row.try_get(at)?),
            Type::Int4 => Value::Int4(row.try_get(at)?),
            Type::Int8 => Value::Int8(row.try_get(at)?),
            Type::Bool => Value::Bool(row.try_get(at)?),
        })
    };
    table.columns.iter().enumerate().map(value).collect()
}

macro_rules! insert {
    ($database:ty, $table:expr, $rows:expr, $tx:expr) => {{
        let mut query = QueryBuilder::<$database>::new($table.insert());
        query.push_values($rows, |mut row, values| {
            for value in values {
                match value {
                    Value::Text(it) => row.push_bind(it),
                    Value::Bytes(it) => row.push_bind(it),
                    Value::Uuid(it) => row.push_bind(it),
                    Value::Int4(it) => row.push_bind(it),
                    Value::Int8(it) => row.push_bind(it),
                    Value::Bool(it) => row.push_bind(it),
                };
            }
        });
        query.build().execute(&mut **$tx).await
    }};
}

/// Copies every table of `kind` but those named in `except`.
pub(super) async fn to_sqlite(
    from: &mut Transaction<'_, Postgres>,
    to: &mut Transaction<'_, Sqlite>,
    kind: Kind,
    except: &[&str],
    progress: Progress<'_>,
) -> Result<(), BackupError> {
    for table in tables(from, kind).await?.into_iter().filter(|it| !except.contains(&&*it.name)) {
        let total: i64 = sqlx::query_scalar(table.count()).fetch_one(&mut **from).await?;
        let total = u64::try_from(total).unwrap_or_default();
        let mut done = 0;
        let mut rows = sqlx::query(table.select()).fetch(&mut **from).try_chunks(ROWS);
        while let Some(chunk) = rows.try_next().await.map_err(|error| error.1)? {
            let chunk = chunk.iter().map(from_postgres).collect::<Result<Vec<_>, _>>()?;
            done += chunk.len() as u64;
            insert!(Sqlite, table, chunk, to)?;
            progress(done, total);
        }
    }
    Ok(())
}

/// Copies every table of `kind` but those named in `except`, which must be empty on the side of PostgreSQL.
pub(super) async fn to_postgres(
    from: &mut Transaction<'_, Sqlite>,
    to: &mut Transaction<'_, Postgres>,
    kind: Kind,
    except: &[&str],
    progress: Progress<'_>,
) -> Result<(), BackupError> {
    for table in tables(to, kind).await?.into_iter().filter(|it| !except.contains(&&*it.name)) {
        let total: i64 = sqlx::query_scalar(table.count()).fetch_one(&mut **from).await?;
        let total = u64::try_from(total).unwrap_or_default();
        let mut done = 0;
        let mut rows = sqlx::query(table.select()).fetch(&mut **from).try_chunks(ROWS);
        while let Some(chunk) = rows.try_next().await.map_err(|error| error.1)? {
            let chunk = chunk.iter().map(|row| from_sqlite(row, &table)).collect::<Result<Vec<_>, _>>()?;
            done += chunk.len() as u64;
            insert!(Postgres, table, chunk, to)?;
            progress(done, total);
        }
    }
    Ok(())
}
