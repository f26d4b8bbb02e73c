//! A question with as many conditions as the asker has: the text of a file, with `{where}` filled in from names of our
//! own and values bound.

use sqlx::{AssertSqlSafe, Encode, FromRow, Postgres, Sqlite, Type, postgres::PgRow, sqlite::SqliteRow};
use talon_storage::Db;

use crate::bulk::{Arguments, Binds, other_database};

pub(crate) struct Question {
    conditions: Vec<String>,
    binds: Binds,
    asked: usize,
}

impl Question {
    pub(crate) fn new(db: &Db) -> Self {
        Self { conditions: Vec::new(), binds: Binds::new(db.dialect()), asked: 0 }
    }

    /// `condition` has a `?` for the value; without a value it is not asked.
    pub(crate) fn when<'t, T>(&mut self, condition: &str, value: Option<T>) -> &mut Self
    where
        T: Encode<'t, Sqlite> + Type<Sqlite> + Encode<'t, Postgres> + Type<Postgres>,
    {
        if let Some(value) = value {
            let bind = self.bind(value);
            self.conditions.push(condition.replace('?', &bind));
        }
        self
    }

    /// The column is one of these; an empty list asks nothing.
    pub(crate) fn one_of(&mut self, column: &str, values: &[String]) -> &mut Self {
        if !values.is_empty() {
            let binds: Vec<_> = values.iter().map(|it| self.bind(it.as_str())).collect();
            self.conditions.push(format!("{column} in ({})", binds.join(", ")));
        }
        self
    }

    /// The pair of columns comes before the pair of values: how a page goes on.
    pub(crate) fn before<'t, A, B>(&mut self, columns: (&str, &str), values: Option<(A, B)>) -> &mut Self
    where
        A: Encode<'t, Sqlite> + Type<Sqlite> + Encode<'t, Postgres> + Type<Postgres>,
        B: Encode<'t, Sqlite> + Type<Sqlite> + Encode<'t, Postgres> + Type<Postgres>,
    {
        if let Some((first, second)) = values {
            let (first, second) = (self.bind(first), self.bind(second));
            self.conditions.push(format!("({}, {}) < ({first}, {second})", columns.0, columns.1));
        }
        self
    }

    fn bind<'t, T>(&mut self, value: T) -> String
    where
        T: Encode<'t, Sqlite> + Type<Sqlite> + Encode<'t, Postgres> + Type<Postgres>,
    {
        self.binds.add(value);
        self.asked += 1;
        format!("${}", self.asked)
    }

    /// At most `limit` rows; the text says `{where}` and `{limit}`.
    pub(crate) async fn ask<R>(mut self, db: &Db, text: &str, limit: i64) -> Result<Vec<R>, sqlx::Error>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let limit = self.bind(limit);
        let conditions = match self.conditions.as_slice() {
            [] => String::new(),
            all => format!("where {}", all.join(" and ")),
        };
        let sql = AssertSqlSafe(text.replace("{where}", &conditions).replace("{limit}", &limit));
        match (self.binds.checked()?, db) {
            (Arguments::Sqlite(arguments), Db::Sqlite { readers, .. }) => {
                sqlx::query_as_with::<_, R, _>(sql, arguments).fetch_all(readers).await
            }
            (Arguments::Postgres(arguments), Db::Postgres(pool)) => {
                sqlx::query_as_with::<_, R, _>(sql, arguments).fetch_all(pool).await
            }
            _ => Err(other_database()),
        }
    }
}
